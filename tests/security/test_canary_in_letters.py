"""A word that stands only in what may not be read is in no letter, in no page that a letter leads to, and in no list of whoever moderates."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import User
from inkhorn.accounts.services.roles import make_role
from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import moderating
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.mail.letters import Letter
from inkhorn.posts.models import Audience, Post
from inkhorn.posts.services.publishing import trash_post, unpublish_post
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.api.program import Program
from tests.cast import Cast
from tests.factories.accounts import make_user
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")

WORD = "lettercanary"
STAFF = {"wren@example.org", "emil@example.org", "ada@example.org"}
# How a post leaves the public, and who reads it all the same.
WAYS = {
    "private": STAFF,
    "members": {*STAFF, "mona@example.org"},
    "unpublished": STAFF,
    "trashed": STAFF,
}


class Talk:
    """A post that everybody may read, and who talks under it: a reader, a member, a guest; moderated by people who may edit nothing, too."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        for name in ("emil", "ada"):
            getattr(cast, name)
        with transaction():
            words = ["desk.open", "comments.moderate", "comments.write"]
            make_role(name="warden", description="", permissions=words, demands_second_factor=None, by=House())
        make_user(email="warden@example.org", name="Ward", role="warden")
        self.post = make_open_post(by=cast.wren, title=f"The {WORD} sings", slug=f"{WORD}-post", body=f"One {WORD}.")
        said = {"wants_replies": True, "body": f"A {WORD} comment."}
        self.first = make_comment(self.post, by=cast.rhea, **said)
        self.second = make_comment(self.post, by=cast.mona, to=self.first, **said)
        self.third = make_comment(self.post, email="gale@example.org", name="Gale", to=self.second, **said)
        self.waiting = make_comment(self.post, email="dag@example.org", to=self.third, state=State.WAITING, **said)
        self.unsure = make_comment(self.post, email="ines@example.org", state=State.UNCONFIRMED, **said)

    def hide(self, way: str) -> None:
        post, ada = session().get_one(Post, self.post.id), self.cast.ada
        with transaction():
            if way in ("private", "members"):
                revise_post(post, PostChanges(audience=Audience(way)), by=ada, against=post.revision)
            else:
                {"unpublished": unpublish_post, "trashed": trash_post}[way](post, by=ada)

    def answer(self) -> None:
        """What waited is approved, which its whole thread wanted to know."""
        with transaction():
            moderating.approve(session().get_one(Comment, self.waiting.id), by=self.cast.emil)


def told() -> set[str]:
    """Whoever was written the word, after all letters that were due."""
    carry_out_jobs("comments")
    addresses = set(session().scalars(select(Letter.to_address)))
    return {address for address in addresses for letter in letters_to(address) if WORD in letter.as_string() or WORD in text_of(letter)}


@pytest.fixture
def talk(cast: Cast) -> Talk:
    return Talk(cast)


def test_while_it_is_public_everybody_is_told(talk: Talk):
    """Else the others would pass whatever were sent."""
    talk.answer()
    everybody = {f"{name}@example.org" for name in ("wren", "rhea", "mona", "gale", "ines")}
    assert told() >= everybody


@pytest.mark.parametrize("way", WAYS)
def test_what_was_hidden_before_the_letters_left_is_in_none(talk: Talk, way: str):
    talk.hide(way)
    talk.answer()
    assert told() <= WAYS[way]


def test_moderators_are_told_of_what_waits_where_they_may_read(talk: Talk):
    make_comment(talk.post, email="ed@example.org", state=State.WAITING, body=f"A {WORD} comment.")
    assert {"warden@example.org", "emil@example.org"} <= told()


def test_the_links_of_older_letters_lead_to_nothing(talk: Talk, client):
    make_comment(talk.post, email="ed@example.org", state=State.WAITING, body=f"A {WORD} comment.")
    told()
    people = ("warden@example.org", "rhea@example.org", "gale@example.org", "ines@example.org")
    links = {link for who in people for letter in letters_to(who) for link in re.findall(r"(/comments/[\w./-]+)", text_of(letter))}
    assert {link.split("/")[2] for link in links} >= {"confirm", "decide", "leave"}
    assert any(WORD in client.get(link).text for link in links)
    talk.hide("private")
    for link in links:
        for answer in (client.get(link), client.post(link)):
            assert WORD not in answer.text + answer.headers.get("Location", ""), link


def test_whoever_was_suspended_is_written_to_no_more(talk: Talk):
    with transaction():
        session().get_one(User, talk.cast.rhea.id).active = False
    talk.answer()
    assert "rhea@example.org" not in told()


DESK = [f"/desk/comments/?state={state}" for state in ("waiting", "approved", "reported", "spam", "trashed")]


def test_a_moderator_who_may_not_read_it_meets_it_nowhere(app, cast: Cast, talk: Talk):
    cast.warden = type(cast.emil)(session().scalars(select(User).where(User.email == "warden@example.org")).one())
    warden = Program(app, cast, "warden")
    numbers = [each.id for each in (talk.first, talk.waiting)]
    pages = [*DESK, *(f"/desk/comments/{number}/{name}" for number in numbers for name in ("edit", "ban")), f"/comments/{numbers[0]}"]
    pages += [
        f"/comments/{numbers[0]}/edit",
        "/desk/comments/bans/",
        "/api/v1/comments",
        *(f"/api/v1/comments/{number}" for number in numbers),
    ]
    assert sum(WORD in warden.browser.get(address).text for address in pages) > 5
    assert 'data-kind="new">1<' in warden.browser.get("/desk/comments/bans/").text
    talk.hide("private")
    assert [address for address in pages if WORD in warden.browser.get(address, follow_redirects=True).text] == []
    assert 'data-kind="new">' not in warden.browser.get("/desk/comments/bans/").text
    for number in numbers:
        assert warden.post(f"/comments/{number}/trash", If_Match="*").status_code == 404
    token = {"csrf_token": warden.headers["X-CSRF-Token"]}
    warden.browser.post("/desk/comments/move", data={"move": "trash", "chosen": numbers, **token})
    assert {session().get_one(Comment, number, populate_existing=True).state for number in numbers} == {State.APPROVED, State.WAITING}
    emil = cast.browser_of(app, cast.emil)
    assert WORD in emil.get(DESK[0]).text
