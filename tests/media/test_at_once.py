"""Two at the same moment, on a PostgreSQL that lets both in: a file is handed to nobody too many, and none is lost that something shows."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Asset, Episode, Listeners, Reach, Show, Usage
from inkhorn.media.services import tidying, usage
from inkhorn.media.services.sound.episodes import publish_episode
from inkhorn.media.services.sound.shows import ShowChanges, revise_show
from tests.crowds import PATIENCE_SECONDS, running_crowd
from tests.factories.media import make_asset, picture_bytes, store
from tests.factories.shows import make_episode, make_show

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with running_crowd(tmp_path_factory.mktemp("library")) as app:
        yield app


def beside(app, first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Do the second after the first has been done and before it is committed; it may wait for that."""
    done, got = threading.Event(), []

    def run(act: Callable[[], object], *, is_first: bool) -> None:
        if not is_first:
            done.wait(timeout=PATIENCE_SECONDS)
        with app.app_context():
            try:
                with transaction():
                    got.append(act())
                    if is_first:
                        done.set()
                        # Long enough that the second has begun, or waits.
                        other.join(timeout=1)
            except Exception as error:
                got.append(error)
            finally:
                # Also where it failed before: the second is not to wait for ever.
                done.set()

    other = threading.Thread(target=run, args=(second,), kwargs={"is_first": False}, daemon=True)
    one = threading.Thread(target=run, args=(first,), kwargs={"is_first": True}, daemon=True)
    [each.start() for each in (other, one)]
    [each.join(timeout=PATIENCE_SECONDS) for each in (one, other)]
    assert [each for each in (one, other) if each.is_alive()] == [], f"Still at work after {PATIENCE_SECONDS} seconds."
    return [each for each in got if isinstance(each, Exception)]


def test_two_posts_that_become_members_at_once_leave_their_file_to_members(library):
    with library.app_context():
        asset_id = make_asset().id
        with transaction():
            for number in (1, 2):
                usage.note_usages("posts", number, asset_ids=[asset_id], reach=Reach.PUBLIC)

    def narrow(number: int) -> None:
        usage.set_reach("posts", number, Reach.MEMBERS)

    assert beside(library, lambda: narrow(1), lambda: narrow(2)) == []
    with library.app_context():
        assert session().get_one(Asset, asset_id).reach is Reach.MEMBERS


@pytest.mark.parametrize("is_show_first", [True, False])
def test_an_episode_published_while_its_show_becomes_members_is_members(library, is_show_first):
    with library.app_context():
        show = make_show()
        episode = make_episode(show, is_published=False)
        show_id, episode_id, asset_id = show.id, episode.id, episode.asset_id

    def narrow() -> None:
        revise_show(session().get_one(Show, show_id), ShowChanges(audience=Listeners.MEMBERS), by=House())

    def publish() -> None:
        publish_episode(session().get_one(Episode, episode_id), by=House())

    acts = (narrow, publish) if is_show_first else (publish, narrow)
    assert beside(library, *acts) == []
    with library.app_context():
        assert session().get_one(Asset, asset_id).reach is Reach.MEMBERS


@pytest.mark.parametrize("is_purge_first", [True, False])
def test_what_a_post_comes_to_show_while_the_trash_is_emptied_stays_or_is_not_shown(library, is_purge_first):
    with library.app_context():
        asset_id = _thrown_away()

    def show() -> None:
        usage.note_usages("posts", 90 + is_purge_first, asset_ids=[asset_id], reach=Reach.PUBLIC)

    acts = (tidying.purge_trash, show) if is_purge_first else (show, tidying.purge_trash)
    assert beside(library, *acts) == []
    with library.app_context():
        is_there = session().get(Asset, asset_id) is not None
        assert is_there is (session().query(Usage).filter_by(asset_id=asset_id).count() == 1) is not is_purge_first


@pytest.mark.parametrize("is_purge_first", [True, False])
def test_bytes_that_are_sent_again_while_the_trash_is_emptied_are_kept(library, is_purge_first):
    with library.app_context():
        content = picture_bytes(width=31 + is_purge_first, form="PNG")
        _thrown_away(content)

    sent = []

    def send() -> None:
        sent.append(store(content, filename="again.png", by=House()).id)

    acts = (tidying.purge_trash, send) if is_purge_first else (send, tidying.purge_trash)
    assert beside(library, *acts) == []
    with library.app_context():
        assert session().get_one(Asset, sent[0]).trashed_at is None


def _thrown_away(content: bytes | None = None) -> int:
    asset_id = make_asset(content).id if content else make_asset().id
    with transaction():
        session().execute(delete(Usage).where(Usage.asset_id == asset_id))
        session().get_one(Asset, asset_id).trashed_at = clock.now() - timedelta(days=40)
    return asset_id
