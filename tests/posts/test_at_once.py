"""Two people at the same moment, on a PostgreSQL that lets both in."""

from collections.abc import Iterator

import pytest
from flask import Flask

from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Address, Post, Series, Status, Tag
from inkhorn.posts.policies import can_publish_post, get_post_for
from inkhorn.posts.services.companions import series_named, tag_named
from inkhorn.posts.services.publishing import IllegalMove, publish_post
from inkhorn.posts.services.writing import draft_post
from tests.crowds import at_once, running_crowd

pytestmark = pytest.mark.postgres


# They come at once.
SEVERAL = 8


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with running_crowd(tmp_path_factory.mktemp("crowd")) as app:
        yield app


def test_drafts_of_one_title_all_get_a_path(crowd):
    got = at_once(crowd, lambda _number: draft_post(by=House(), title="Tide").path, SEVERAL)
    assert sorted(got) == sorted(["/tide/", *(f"/tide-{number}/" for number in range(2, 9))])


def test_a_tag_and_a_series_are_made_once(crowd):
    assert len({str(each) for each in at_once(crowd, lambda _number: tag_named("Salt").id, SEVERAL)}) == 1
    assert len({str(each) for each in at_once(crowd, lambda _number: series_named("Year").id, SEVERAL)}) == 1
    with crowd.app_context():
        assert (session().query(Tag).filter_by(slug="salt").count(), session().query(Series).filter_by(slug="year").count()) == (1, 1)


def test_one_of_many_publishes_and_the_others_are_told(crowd):
    with crowd.app_context(), transaction():
        number = draft_post(by=House(), title="Once").id
    got = at_once(crowd, lambda _number: publish_post(get_post_for(House(), number, can=can_publish_post), by=House()), SEVERAL)
    assert [type(each) for each in got if each is not None] == [IllegalMove] * 7
    with crowd.app_context():
        assert session().get(Post, number).status is Status.PUBLISHED
        assert session().get(Address, "/once/").post_id == number
