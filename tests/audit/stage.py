"""Where the acts of the event table are played: a site, its cast, and the buttons they press."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast

Deed = Callable[[], object]
# Prepares what is needed and returns the deed itself.
Act = Callable[["Stage"], Deed]


@dataclass
class Stage:
    """What an act may use."""

    app: Flask
    cast: Cast
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def browser(self, name: str) -> FlaskClient:
        if name not in self.browsers:
            self.browsers[name] = self.cast.browser_of(self.app, getattr(self.cast, name))
        return self.browsers[name]

    def press(self, name: str, address: str, /, **fields: object) -> None:
        """Send a form of the named person's; it must be accepted."""
        browser = self.browser(name)
        found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account/").text)
        answer = browser.post(address, data={"csrf_token": found[1] if found else "", **fields})
        assert answer.status_code in (200, 303), (address, answer.status_code, answer.text[:500])
        # An export is written while it is read.
        answer.get_data()

    def presses(self, name: str, address: str, /, **fields: object) -> Deed:
        self.browser(name)
        return lambda: self.press(name, address, **fields)
