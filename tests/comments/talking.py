"""Guests and people with an account, as they send the forms of comments."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inkhorn.posts.models import Post
from tests.puzzles import worked

PROGRAM = {"Accept": "application/json"}


def guest_fields(**more: Any) -> dict[str, Any]:
    """What a guest's browser sends once the sum is done; in the application's context."""
    return {**worked("comment"), "name": "Gale", "email": "gale@example.org", "body": "Well *said*.", **more}


def send(client: FlaskClient, post: Post, *, headers: Any = None, **fields: Any) -> TestResponse:
    return client.post(f"/comments/on/{post.id}", data=fields, headers=headers)
