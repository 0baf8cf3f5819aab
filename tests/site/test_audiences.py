"""What is meant for members or for nobody stands in no list, feed or count of those who may not read it."""

import pytest

from inkhorn.posts.models import Audience, Status
from tests.factories.posts import make_post


@pytest.fixture
def of_each(wren):
    return {
        audience: make_post(
            title=f"Words for {audience}", author_ids=[wren.id], tags=["Tides"], series="Year", status=Status.PUBLISHED, audience=audience
        )
        for audience in Audience
    }


@pytest.fixture
def mona(cast):
    return cast.mona


LISTS = ["/", "/tag/tides/", "/author/wren/", "/series/year/", "/archive/"]
FEEDS = ["/feed.xml", "/atom.xml", "/feed.json", "/tag/tides/feed.xml", "/author/wren/feed.xml", "/sitemap-posts-1.xml"]


@pytest.mark.parametrize("address", LISTS)
def test_a_visitor_sees_what_is_for_everybody_alone(client, of_each, address):
    shown = client.get(address).text
    assert [audience for audience in Audience if f"Words for {audience}" in shown] == [Audience.PUBLIC]


@pytest.mark.parametrize("address", LISTS)
def test_a_member_sees_what_is_for_members_too(signed_in, mona, of_each, address):
    shown = signed_in(mona).get(address).text
    assert [audience for audience in Audience if f"Words for {audience}" in shown] == [Audience.PUBLIC, Audience.MEMBERS]


def test_a_list_tells_what_is_for_members(signed_in, mona, of_each):
    assert signed_in(mona).get("/tag/tides/").text.count("For members") == 1


@pytest.mark.parametrize("address", FEEDS)
@pytest.mark.parametrize("name", ["mona", "ada"])
def test_no_feed_carries_it_whoever_asks(signed_in, of_each, address, name, cast):
    answer = signed_in(getattr(cast, name)).get(address)
    assert (answer.status_code, "ords" in answer.text and "public" in answer.text) == (200, True)
    hidden = (Audience.MEMBERS, Audience.PRIVATE)
    assert [audience for audience in hidden if f"ords for {audience}" in answer.text or f"ords-for-{audience}" in answer.text] == []


def test_at_its_address_a_visitor_is_asked_to_sign_in_and_learns_nothing(client, of_each):
    answer = client.get(of_each[Audience.MEMBERS].path)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={of_each[Audience.MEMBERS].path}")
    assert client.get(of_each[Audience.PRIVATE].path).status_code == 404


def test_at_its_address_a_member_reads_it(signed_in, mona, of_each):
    browser = signed_in(mona)
    answer = browser.get(of_each[Audience.MEMBERS].path)
    assert (answer.status_code, "Words for members" in answer.text) == (200, True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert browser.get(of_each[Audience.PRIVATE].path).status_code == 404


def test_a_reader_who_is_no_member_is_told_so_and_learns_nothing(signed_in, rhea, of_each):
    answer = signed_in(rhea).get(of_each[Audience.MEMBERS].path)
    assert (answer.status_code, "This is for members." in answer.text, "Words for" in answer.text) == (403, True, False)


def test_its_author_is_told_that_nobody_else_sees_it(signed_in, wren, of_each):
    assert "Only its authors and the editors see this." in signed_in(wren).get(of_each[Audience.PRIVATE].path).text


def test_the_neighbours_of_a_post_are_for_whoever_reads_it(client, of_each):
    shown = client.get(of_each[Audience.PUBLIC].path).text
    assert "Words for members" not in shown
    assert "Words for private" not in shown
    assert "Part 1 of 1" in shown
