"""Comments in feeds, in counts, in what people take along, and when an account ends."""

from datetime import UTC, datetime

import pytest

from inkhorn.accounts.events import account_closed
from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import reacting
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.core.database import session, transaction
from inkhorn.posts.commands import count_all
from inkhorn.posts.models import Audience
from inkhorn.transfer.services import own_rows
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml", "feed.json"])
def test_a_feed_tells_of_what_anybody_may_read(client, emil, rhea, mona, name):
    post, other = make_open_post(title="Tides"), make_open_post(title="Salt")
    make_comment(post, by=emil, body="Public <words>.")
    make_comment(other, by=emil, body="Elsewhere.")
    make_comment(post, state=State.WAITING, body="Held.")
    secret = make_open_post(audience=Audience.MEMBERS)
    make_comment(secret, by=mona, body="Among members.")
    site, own = client.get(f"/comments/{name}").text, client.get(f"/comments/on/{post.id}/{name}").text
    assert ("Elsewhere." in site, "Elsewhere." in own) == (True, False)
    for text in (site, own):
        assert "Emil on Tides" in text
        assert "words" in text
        assert "Held." not in text
        assert "Among members." not in text
    assert client.get(f"/comments/on/{secret.id}/{name}").status_code == 404


def test_a_feed_is_not_sent_twice(client, emil):
    make_comment(make_open_post(), by=emil)
    first = client.get("/comments/feed.xml")
    again = client.get("/comments/feed.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_site_counts_what_readers_see(emil):
    post = make_open_post()
    make_comment(post, by=emil)
    make_comment(post, state=State.WAITING)
    assert count_all()["comments"] == 1


def test_people_take_their_own_words_along(rhea, emil):
    post = make_open_post()
    make_comment(post, by=rhea, body="Mine.")
    make_comment(post, by=emil, body="Not mine.")
    (line,) = dict(own_rows.tables_of(rhea.id))["comments.json"]
    assert (line["body"], line["post_id"], line["state"]) == ("Mine.", post.id, State.APPROVED)


@pytest.mark.parametrize("is_kept", [True, False])
def test_comments_outlive_the_account_with_the_name_or_without(rhea, emil, wren, is_kept):
    post = make_open_post()
    comment, liked = make_comment(post, by=rhea), make_comment(post, by=emil)
    with transaction():
        reacting.like_comment(session().get_one(Comment, liked.id), by=rhea)
        account_closed.send(rhea.user, heir=wren.user if is_kept else None)
    kept = session().get_one(Comment, comment.id, populate_existing=True)
    assert (kept.name, kept.user_id, kept.place_digest, kept.is_approved) == ("Rhea" if is_kept else "", None, None, True)
    assert session().get_one(Comment, liked.id, populate_existing=True).likes == 0


@pytest.mark.parametrize("year", [1, 1969, 2286, 3024, 9999])
def test_what_comes_with_an_impossible_date_is_taken_in_and_can_be_answered(client, emil, year):
    post = make_open_post()
    told = ArrivedComment(
        key="a", name="Ida", body="From another age.", state=State.APPROVED, written_at=datetime(year, 12, 30, tzinfo=UTC)
    )
    answer = ArrivedComment(key="b", parent_key="a", name="Wren", body="Welcome.", state=State.APPROVED)
    with transaction():
        take_in_comments(post, [told, answer], origin="elsewhere")
    page = client.get(post.path)
    assert page.status_code == 200
    assert "From another age." in page.text
    assert "Welcome." in page.text
