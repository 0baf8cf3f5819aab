"""Two people at the same moment, on a PostgreSQL that lets both in."""

import threading
from collections.abc import Callable

import pytest

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.database import Base, db, session, transaction
from inkhorn.posts.models import Address, Post, Series, Status, Tag
from inkhorn.posts.policies import can_publish_post, get_post_for
from inkhorn.posts.services.companions import series_named, tag_named
from inkhorn.posts.services.publishing import IllegalMove, publish_post
from inkhorn.posts.services.writing import draft_post
from tests.conftest import config_for
from tests.servers import make_database, running_postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory):
    """An application on PostgreSQL, outside the transaction that other tests roll back."""
    with running_postgres() as server:
        app = create_app(config_for(tmp_path_factory.mktemp("crowd"), database_url=make_database(server, "crowd"), web_threads=20))
        with app.app_context():
            Base.metadata.create_all(db.engine)
            with transaction():
                sync_roles()
        yield app
        with app.app_context():
            db.engine.dispose()


def at_once(app, act: Callable[[], object], times: int = 8) -> list[object]:
    """What each of several threads got out of one act, or the error it met."""
    gate, got = threading.Barrier(times), []

    def run() -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    got.append(act())
            except Exception as error:
                got.append(error)

    threads = [threading.Thread(target=run) for _ in range(times)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return got


def test_drafts_of_one_title_all_get_a_path(crowd):
    got = at_once(crowd, lambda: draft_post(by=House(), title="Tide").path)
    assert sorted(got) == sorted(["/tide/", *(f"/tide-{number}/" for number in range(2, 9))])


def test_a_tag_and_a_series_are_made_once(crowd):
    assert len({str(each) for each in at_once(crowd, lambda: tag_named("Salt").id)}) == 1
    assert len({str(each) for each in at_once(crowd, lambda: series_named("Year").id)}) == 1
    with crowd.app_context():
        assert (session().query(Tag).filter_by(slug="salt").count(), session().query(Series).filter_by(slug="year").count()) == (1, 1)


def test_one_of_many_publishes_and_the_others_are_told(crowd):
    with crowd.app_context(), transaction():
        number = draft_post(by=House(), title="Once").id
    got = at_once(crowd, lambda: publish_post(get_post_for(House(), number, can=can_publish_post), by=House()))
    assert [type(each) for each in got if each is not None] == [IllegalMove] * 7
    with crowd.app_context():
        assert session().get(Post, number).status is Status.PUBLISHED
        assert session().get(Address, "/once/").post_id == number
