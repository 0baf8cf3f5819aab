"""What is more than a database can keep of one post never keeps the others from being found."""

import pytest
from flask import Flask

from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Post, Status
from inkhorn.search import services
from inkhorn.search.models import SearchEntry
from tests.factories.posts import make_post


def taken_in(*posts: Post) -> list[int]:
    """Take the posts in; numbers of those that could not be."""
    with transaction():
        return services.index_all_that_can_be([post.id for post in posts])


@pytest.mark.postgres
def test_no_length_of_a_text_is_more_than_either_can_keep(both: tuple[Flask, Flask]) -> None:
    # Every three signs are a word of their own here.
    endless = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(99_000))
    for app in both:
        with app.app_context():
            post = make_post(title="Endless", body=endless, status=Status.PUBLISHED)
            assert taken_in(post) == []


@pytest.mark.postgres
def test_what_postgresql_cannot_keep_is_left_out_alone(both: tuple[Flask, Flask], monkeypatch) -> None:
    with both[1].app_context():
        heavy, light = (make_post(title=f"A {word} one", status=Status.PUBLISHED) for word in ("heavy", "light"))
        weighed = services.written
        monkeypatch.setattr(services, "written", lambda *texts, **more: weighed(*texts, **more) + _too_much(texts))
        assert taken_in(heavy, light) == [heavy.id]
        assert session().get(SearchEntry, light.id) is not None


def _too_much(texts: tuple[str, ...]) -> str:
    return " ".join(f"word{number}" for number in range(100_000)) if "A heavy one" in texts else ""
