"""What leaves an entry about posts."""

from collections.abc import Callable
from functools import partial
from typing import Any

from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Status
from inkhorn.posts.services import labels
from inkhorn.posts.services.redirects import add_redirect, remove_redirect
from tests.audit.stage import Act, Deed, Stage
from tests.factories.posts import make_post


def _move(stage: Stage, verb: str, status: Status, *, who: str = "wren", **fields: object) -> Deed:
    post = make_post(
        by=stage.cast.wren, status=status, at=clock.now().replace(year=2099, month=1, day=1) if status is Status.SCHEDULED else None
    )
    return stage.presses(who, f"/desk/posts/{post.id}/{verb}", **fields)


def _revise(stage: Stage) -> Deed:
    post = make_post(by=stage.cast.wren)
    return stage.presses("wren", f"/desk/posts/{post.id}/revise", revision=str(post.revision), title="Another", body="x", kind="post")


def _redirect(_stage: Stage, *, removes: bool = False) -> Deed:
    def add() -> None:
        with transaction():
            add_redirect("/old/", "/new/", by=House())

    def remove() -> None:
        with transaction():
            remove_redirect("/old/", by=House())

    if removes:
        add()
    return remove if removes else add


def _label(make: Callable[..., Any], verb: Callable[..., object] | None = None, **fields: str) -> Deed:
    """Make a tag or series, or make it beforehand and do something with it."""
    before = None
    if verb is not None:
        with transaction():
            before = make(**fields, by=House())

    def act() -> None:
        with transaction():
            if verb is None:
                make(**fields, by=House())
            else:
                verb(session().merge(before), by=House())

    return act


ACTS: dict[str, Act] = {
    "posts.drafted": lambda stage: stage.presses("wren", "/desk/posts/write", title="New", body="x", kind="post"),
    "posts.revised": _revise,
    "posts.published": lambda stage: _move(stage, "publish", Status.DRAFT),
    "posts.scheduled": lambda stage: _move(stage, "publish", Status.DRAFT, release_on="2099-01-01"),
    "posts.unscheduled": lambda stage: _move(stage, "unschedule", Status.SCHEDULED),
    "posts.unpublished": lambda stage: _move(stage, "unpublish", Status.PUBLISHED),
    "posts.trashed": lambda stage: _move(stage, "trash", Status.PUBLISHED),
    "posts.restored": lambda stage: _move(stage, "restore", Status.TRASHED),
    "posts.purged": lambda stage: _move(stage, "purge", Status.TRASHED, who="emil"),
    "posts.tag_made": lambda _stage: _label(labels.make_tag, name="Tides"),
    "posts.tag_changed": lambda _stage: _label(labels.make_tag, partial(labels.change_tag, name="Moons"), name="Tides"),
    "posts.tag_removed": lambda _stage: _label(labels.make_tag, labels.remove_tag, name="Tides"),
    "posts.series_made": lambda _stage: _label(labels.make_series, title="Tides"),
    "posts.series_changed": lambda _stage: _label(labels.make_series, partial(labels.change_series, title="Moons"), title="Tides"),
    "posts.series_removed": lambda _stage: _label(labels.make_series, labels.remove_series, title="Tides"),
    "posts.redirect_added": _redirect,
    "posts.redirect_removed": lambda stage: _redirect(stage, removes=True),
}
