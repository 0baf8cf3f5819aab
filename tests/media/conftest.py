"""What the tests of uploads share."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient


class Desk:
    """A browser at the media library, with the token of its forms."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self.get = browser.get

    @property
    def token(self) -> str:
        return re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get("/desk/media/").text)[1]

    def post(self, address: str, /, **fields: object):
        return self.browser.post(address, data={"csrf_token": self.token, **fields})

    def ask(self, address: str, /, **fields: object):
        """As the library's script asks."""
        return self.browser.post(address, data={"csrf_token": self.token, **fields}, headers={"Accept": "application/json"})


@pytest.fixture
def at_desk(app: Flask, cast, generous):
    return lambda actor: Desk(cast.browser_of(app, actor))
