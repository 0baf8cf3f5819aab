"""A program at the API that acts for one of the cast."""

import re
from collections import Counter
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.cast import Cast


class Program:
    """Sends what a script would; visitors carry neither cookie nor token."""

    def __init__(self, app: Flask, cast: Cast, name: str) -> None:
        actor = getattr(cast, name)
        self.browser = cast.browser_of(app, actor)
        self.headers: dict[str, str] = {}
        self.answered: Counter[int] = Counter()
        if actor.is_signed_in:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get("/account/").text)
            self.headers["X-CSRF-Token"] = found[1] if found else ""

    def send(self, method: str, address: str, body: Any = None, **headers: str) -> TestResponse:
        told = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser.open(f"/api/v1{address}", method=method, json=body, headers=told)

    def get(self, address: str, **headers: str) -> TestResponse:
        return self.send("GET", address, **headers)

    def post(self, address: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("POST", address, body, **headers)

    def change(self, address: str, body: Any = None, *, method: str = "PATCH") -> TestResponse:
        """Read first, then change what was read."""
        return self.send(
            method, address, body, If_Match=self.get(address.rpartition("/")[0] if method == "POST" else address).headers["ETag"]
        )

    def data(self, address: str) -> Any:
        answer = self.get(address)
        assert answer.status_code == 200, answer.text
        return answer.json["data"]

    def titles(self, address: str) -> list[str]:
        return [each["title"] for each in self.data(address)]
