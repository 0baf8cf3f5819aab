"""A desk to sit at: a browser that is signed in and carries the token of its forms along."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse


class Desk:
    """One person's browser at the desk."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk/").get_data(as_text=True))
        self.token = found[1] if found else ""

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Send a form as its page would."""
        return self.client.post(path, data={"csrf_token": self.token} | fields)

    def said(self) -> str:
        """What the next page tells of what was just done."""
        page = self.client.get("/desk/").get_data(as_text=True)
        return " ".join(re.sub(r"<[^>]+>", " ", part) for part in re.findall(r'class="banner telling".*?</(?:p|div)>', page, re.DOTALL))


@pytest.fixture
def desk_of(signed_in: Callable[[Any], FlaskClient]) -> Callable[[Any], Desk]:
    """The desk of one of the cast."""
    return lambda actor: Desk(signed_in(actor))


@pytest.fixture
def picture() -> bytes:
    """A small PNG."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), "#26408b").save(kept, "PNG")
    return kept.getvalue()
