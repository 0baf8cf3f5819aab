"""Following authors: who can be followed, by whom, how many, and by what button."""

import pytest
from sqlalchemy import func, insert, select

from inkhorn.accounts.events import author_followed
from inkhorn.accounts.models import Follow, User
from inkhorn.accounts.services import following
from inkhorn.accounts.services.following import MOST_FOLLOWED
from inkhorn.accounts.services.people import take_in_author
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.publishing import unpublish_post
from tests.factories.accounts import Browser, audited, make_user
from tests.factories.posts import make_post


@pytest.fixture
def rheas(signed_in, rhea) -> Browser:
    return Browser(signed_in(rhea))


@pytest.fixture
def author(wren):
    make_post(by=wren, status=Status.PUBLISHED)
    return wren


def follows() -> int:
    return session().scalar(select(func.count()).select_from(Follow)) or 0


def test_an_author_is_followed_once_and_told_of_once(rheas, author):
    heard = []
    with author_followed.connected_to(lambda follower, author: heard.append((follower.name, author.name))):
        answers = [rheas.send("/author/wren/follow") for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/author/wren/")] * 2
    assert (follows(), heard) == (1, [("Rhea", "Wren")])


def test_an_author_is_left_and_to_leave_twice_is_no_fault(rheas, author):
    rheas.send("/author/wren/follow")
    assert [rheas.send("/author/wren/unfollow").status_code for _ in range(2)] == [303, 303]
    assert follows() == 0


def test_whoever_followed_may_leave_an_author_who_withdrew_everything(rheas, wren, author):
    rheas.send("/author/wren/follow")
    with transaction():
        unpublish_post(session().scalars(select(Post)).one(), by=House())
    assert (rheas.send("/author/wren/unfollow").status_code, follows()) == (303, 0)


@pytest.mark.parametrize("username", ["emil", "rhea", "nobody", "%00", "x" * 3000, "..", "wren%2f", "'; --"])
def test_whom_readers_do_not_know_nobody_follows(rheas, emil, username):
    seen = {rheas.send(f"/author/{username}/{verb}").status_code for verb in ("follow", "unfollow")}
    assert seen <= {308, 400, 404, 405}
    assert follows() == 0


def test_a_draft_or_a_promise_makes_no_author(rheas, wren, clock):
    make_post(by=wren)
    make_post(by=wren, status=Status.SCHEDULED, at=clock.tomorrow())
    assert rheas.send("/author/wren/follow").status_code == 404


def test_an_imported_author_can_be_followed(rheas):
    with transaction():
        old = take_in_author(name="Old Author", origin="o", origin_key="k")
    make_post(author_ids=[old.id], status=Status.PUBLISHED)
    assert (rheas.send("/author/old-author/follow").status_code, follows()) == (303, 1)


def test_nobody_follows_themselves(signed_in, author):
    answer = Browser(signed_in(author)).send("/author/wren/follow")
    assert (answer.status_code, follows()) == (422, 0)


def test_there_is_an_end_to_it(rheas, rhea, author):
    with transaction():
        session().execute(insert(User), [{"name": f"A{n}", "username": f"a-{n}", "fs_uniquifier": f"u{n}"} for n in range(MOST_FOLLOWED)])
        numbers = session().scalars(select(User.id).where(User.username.startswith("a-"))).all()
        session().execute(insert(Follow), [{"follower_id": rhea.id, "author_id": number} for number in numbers])
    answer = rheas.send("/author/wren/follow")
    assert (answer.status_code, "1,000 authors already" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [("/tides/", "/tides/"), ("/following/?x=1", "/following/?x=1"), ("https://evil.example", None), ("//evil.example", None), ("/\\evil.example", None), ("javascript:x", None)],
)  # fmt: skip
def test_one_is_led_back_to_this_site_only(rheas, author, wanted, led_to):
    assert rheas.send("/author/wren/follow", next=wanted).location == (led_to or "/author/wren/")


@pytest.mark.parametrize("verb", ["follow", "unfollow"])
def test_without_the_forms_token_nobody_is_followed(rheas, author, verb):
    assert rheas.client.post(f"/author/wren/{verb}", data={"csrf_token": "forged"}).status_code == 422
    assert follows() == 0


def test_a_visitor_signs_in_first(client, author):
    assert client.post("/author/wren/follow").location.startswith("/sign-in")


def test_who_leaves_takes_their_following_along(rheas, rhea, author):
    rheas.send("/author/wren/follow")
    with transaction():
        session().delete(session().get(User, rhea.id))
    assert follows() == 0


def test_the_key_is_long_and_another_each_time(database):
    user = make_user()
    with transaction():
        keys = {following.renew_following_key(session().merge(user), by=House()) for _ in range(20)}
    assert (len(keys), min(map(len, keys)) >= 43, audited("accounts.profile_changed")) == (20, True, 20)
