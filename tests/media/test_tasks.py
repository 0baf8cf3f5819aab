"""Work on uploads outside the request: it holds nobody up, and leaves nothing behind."""

import os
import time
from datetime import timedelta
from unittest import mock

import pytest

from inkhorn.core.database import session
from inkhorn.core.generations import generation
from inkhorn.media import services, tasks
from inkhorn.media.services.receiving import workroom
from tests.factories.media import make_asset
from tests.factories.shows import make_album, make_episode, make_show
from tests.media.sweeping import own

pytestmark = pytest.mark.usefixtures("database")


def test_no_snapshot_of_the_database_is_held_while_a_picture_is_drawn(monkeypatch) -> None:
    asset_id, held = make_asset().id, []
    real = services.draw_renditions

    def draw(asset):
        drawn = real(asset)
        held.append(session().in_transaction())
        return drawn

    monkeypatch.setattr(services, "draw_renditions", draw)
    tasks.make_renditions(asset_id=asset_id)
    assert held == [False]


def test_what_killed_work_left_behind_is_swept_up() -> None:
    killed, alive = workroom() / "killed", workroom() / "alive"
    for folder in (killed, alive):
        folder.mkdir()
        (folder / "original").write_bytes(b"x")
    long_ago = time.time() - 2 * 86_400
    os.utime(killed, (long_ago, long_ago))
    own()
    tasks.sweep_orphans()
    assert (killed.exists(), alive.exists()) == (False, True)
    (alive / "original").unlink()
    alive.rmdir()


def test_pages_from_before_its_hour_are_given_out_no_more_once_it_has_come(wren, clock) -> None:
    show = make_show(by=wren)
    make_album("a", by=wren)
    for hours in (1, 1, 2):
        make_episode(show, by=wren, title=f"In {hours}", at=clock.now + timedelta(hours=hours))
    told: list[int] = []
    with mock.patch.object(type(generation()), "raise_to", lambda _self, number: told.append(number)):
        for hours, so_far in ((0, 0), (1, 1), (0, 1), (1, 2), (0, 2)):
            clock.forward(hours=hours)
            tasks.show_due_sounds()
            assert len(told) == so_far
