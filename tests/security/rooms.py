"""A running site of which every room is full of scripts, for browsers to walk through."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core import limits
from inkhorn.core.database import db, transaction
from inkhorn.posts.models import Status
from inkhorn.search.tasks import catch_up
from tests.accounts.letters import carry_out_jobs
from tests.api.program import Program
from tests.cast import Cast
from tests.conftest import config_for
from tests.factories.posts import make_post
from tests.running import RunningSite, inkhorn
from tests.security import filling, places, planting_rooms
from tests.security.hostile import BODY, LINKS, POLYGLOTS, inputs

PEOPLE = ("orla", "ada", "emil", "wren", "mona", "rhea", "vic")


@dataclass
class Planted:
    """A running site full of scripts, the cookie of each of the cast, what it mails, and the fields that took one by program."""

    site: RunningSite
    cookies: dict[str, str]
    # The addresses of what has one by its name.
    places: list[str]
    letters: list[str]
    filler: filling.Filler


def grouped() -> list[str]:
    """The same inputs, the short ones several at a time."""
    short = [text for text in inputs() if len(text) < 60]
    return [*(text for text in inputs() if text not in short), *(" ".join(short[start : start + 5]) for start in range(0, len(short), 5))]


def plant(app: Flask, cast: Cast) -> filling.Filler:
    """Say everything everywhere."""
    everybody = [getattr(cast, name) for name in PEOPLE[:-1]]
    post = make_post(by=cast.wren, title="Talk", slug="talk", body=BODY, status=Status.PUBLISHED)
    planting_rooms.plant_talk(post, grouped(), by=cast.emil, members=everybody)
    planting_rooms.plant_library(grouped(), by=cast.wren)
    planting_rooms.plant_sound([*POLYGLOTS, LINKS[0]], by=cast.wren, chapters=inputs())
    sound = places.number_of_a_song()
    filler = filling.Filler(Program(app, cast, "ada"), grouped())
    for number in range(len(grouped())):
        filler.fill(number, post_id=post.id, comment_id=1, asset_id=sound, user_id=cast.rhea.id, number=1, track_id=1)
        for kind in ("posts", "pages"):
            filler.program.send("POST", f"/{kind}/{filler.known[f'/api/v1/{kind}']}/publish", {}, If_Match="*")
    for room in ("comments", "accounts"):
        carry_out_jobs(room)
    catch_up()
    return filler


@contextmanager
def planted_site(data: Path) -> Iterator[Planted]:
    """Started once everything is planted, and stopped."""
    assert inkhorn(data, "migrate").returncode == 0
    app = create_app(config_for(data))
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        for name, each in list(vars(limits).items()):
            if isinstance(each, limits.Limit):
                patch.setattr(limits, name, limits.Limit(each.name, "1000000 per minute"))
        with transaction():
            sync_roles()
        cast = Cast()
        filler = plant(app, cast)
        browsers = {name: cast.browser_of(app, getattr(cast, name)) for name in PEOPLE[:-1]}
        cookies = {name: browser.get_cookie("inkhorn").value for name, browser in browsers.items()}
        known = places.places()
        letters = places.letters()
        db.session.close()
        db.engine.dispose()
    site = RunningSite(data, environment={"INKHORN_PROFILE": "development"}).start()
    yield Planted(site, cookies, known, letters, filler)
    site.stop()
