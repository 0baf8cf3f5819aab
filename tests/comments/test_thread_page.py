"""The thread under a post, as readers get it."""

import re

import pytest

from inkhorn.accounts.models import User
from inkhorn.comments.models import Comment, CommentKind, State
from inkhorn.comments.pages.threads import PER_PAGE
from inkhorn.comments.services import moving
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import PostKind
from tests.factories.comments import make_comment, make_open_post
from tests.factories.posts import make_post

pytestmark = pytest.mark.usefixtures("database")


def anchors(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="comment-(\d+)"', html)]


def test_a_thread_is_drawn_with_its_replies_and_its_count(client, wren, emil, rhea):
    post = make_open_post(by=wren)
    first = make_comment(post, by=rhea, body="First *words*.")
    reply = make_comment(post, by=wren, to=first, body="An answer.")
    held = make_comment(post, state=State.WAITING, body="Not yet.")
    html = client.get(post.path).text
    assert anchors(html) == [first.id, reply.id]
    assert "2 comments" in html
    assert "First <em>words</em>." in html
    assert '<span class="badge">Author</span>' in html
    assert "Not yet." not in html
    assert held.id not in anchors(html)


def test_a_post_without_comments_offers_a_form(client):
    html = client.get(make_open_post().path).text
    assert "No comments yet" in html
    assert 'id="comment-form"' in html
    assert 'name="email"' in html
    assert "csrf_token" not in html


def test_nobody_whom_readers_have_met_is_told_of_a_first_comment(client, signed_in, rhea):
    words, post = "First comments are read by a person", make_open_post()
    for page in (client.get(post.path), signed_in(rhea).get(post.path)):
        assert words in page.text
    made = make_comment(post, by=rhea, state=State.WAITING)
    assert words in signed_in(rhea).get(post.path).text
    with transaction():
        moving.approve_comment(made, by=House())
    assert words not in signed_in(rhea).get(post.path).text
    assert words in client.get(post.path).text


def test_the_box_for_replies_is_as_the_profile_says(client, signed_in, rhea):
    box = '<input type="checkbox" id="comment-follow" name="wants_replies" value="y"'
    post = make_open_post()
    assert f"{box}>" in client.get(post.path).text
    assert f"{box} checked>" in signed_in(rhea).get(post.path).text
    answered = make_comment(post)
    sheet = f"/comments/{answered.id}/answer"
    assert re.search(r'name="wants_replies"[^>]* checked', signed_in(rhea).get(sheet).text)
    with transaction():
        session().get_one(User, rhea.id).notices = {"comment_reply": False}
    for page in (post.path, sheet):
        assert "wants_replies" not in signed_in(rhea).get(page).text


def test_visitors_all_get_the_same_page(app, client):
    post = make_open_post()
    one, two = client.get(post.path), app.test_client().get(post.path)
    assert one.data == two.data
    assert one.headers["ETag"] == two.headers["ETag"]


def test_somebody_signed_in_gets_a_form_of_their_own(signed_in, rhea):
    html = signed_in(rhea).get(make_open_post().path).text
    assert 'name="csrf_token"' in html
    assert 'name="key"' in html
    assert 'name="email"' not in html


def test_whoever_waits_sees_their_own_words_and_others_do_not(signed_in, rhea, emil, client):
    post = make_open_post()
    make_comment(post, by=rhea, state=State.WAITING, body="Patience.")
    assert "Patience." in signed_in(rhea).get(post.path).text
    assert "Patience." not in client.get(post.path).text
    assert "Patience." not in signed_in(emil).get(post.path).text


def test_what_was_taken_away_keeps_its_place_without_a_word(client, emil, rhea):
    post = make_open_post()
    root = make_comment(post, by=rhea, body="A secret.")
    make_comment(post, by=emil, to=root, body="An answer.")
    with transaction():
        moving.withdraw_comment(session().get_one(Comment, root.id), by=rhea)
    html = client.get(post.path).text
    assert "The person who wrote this has removed it." in html
    assert "A secret." not in html
    assert "Rhea" not in html


def test_a_long_thread_is_turned_page_by_page(client, emil):
    post = make_open_post()
    with_replies = make_comment(post, by=emil)
    for _number in range(PER_PAGE):
        make_comment(post, by=emil, to=with_replies)
    first, second = client.get(post.path).text, client.get(f"{post.path}?comments=2").text
    assert (len(anchors(first)), len(anchors(second))) == (PER_PAGE, 1)
    assert f'href="{post.path}?comments=2#comments"' in first
    assert "Page 2 of 2" in second
    for wrong in ("3", "0", "-1", "x", "99999999", "²"):
        assert client.get(f"{post.path}?comments={wrong}").status_code == 404


def test_a_comment_leads_to_its_page_and_anchor(client, emil):
    post = make_open_post()
    comments = [make_comment(post, by=emil) for _number in range(PER_PAGE + 1)]
    assert client.get(f"/comments/{comments[0].id}").location == f"{post.path}#comment-{comments[0].id}"
    assert client.get(f"/comments/{comments[-1].id}").location == f"{post.path}?comments=2#comment-{comments[-1].id}"


@pytest.mark.parametrize("state", [State.WAITING, State.SPAM, State.TRASHED, State.UNCONFIRMED])
def test_nobody_is_led_to_what_is_not_approved(client, rhea, state):
    comment = make_comment(make_open_post(), state=state)
    assert client.get(f"/comments/{comment.id}").status_code == 404


def test_pingbacks_stand_apart(client):
    post = make_open_post()
    ping = make_comment(post)
    with transaction():
        row = session().get_one(Comment, ping.id)
        row.kind, row.website, row.name = CommentKind.PINGBACK, "https://elsewhere.example/about", "Elsewhere in the world"
    html = client.get(post.path).text
    assert '<a href="https://elsewhere.example/about" rel="ugc nofollow noopener" dir="auto">Elsewhere in the world</a>' in html
    assert anchors(html) == []


def test_a_page_has_a_thread_only_where_it_takes_comments(client):
    about = make_post(kind=PostKind.PAGE, title="About", status="published")
    talk = make_post(kind=PostKind.PAGE, title="Guest book", status="published", takes_comments=True)
    assert 'id="comments"' not in client.get(about.path).text
    assert 'id="comment-form"' in client.get(talk.path).text


def test_a_closed_post_keeps_what_was_said_and_takes_no_more(client, emil):
    post = make_open_post()
    make_comment(post, by=emil, body="Said in time.")
    with transaction():
        settings.tune(CommentSettings, by=House(), writers="off")
    html = client.get(post.path).text
    assert "Said in time." in html
    assert "Comments are closed." in html
    assert 'id="comment-form"' not in html
    assert "Reply" not in html


def test_a_page_asks_two_questions_more_however_many_comments_and_none_where_nothing_was_said(client, queries, emil, rhea, wren):
    silent, quiet, loud = (make_open_post(title=title) for title in ("Silent", "Quiet", "Loud"))
    make_comment(quiet, by=emil)
    root = make_comment(loud, by=emil)
    for by in (emil, rhea, wren, None):
        make_comment(loud, by=by, to=root)
    counted = []
    for post in (silent, quiet, loud):
        session().info.pop("settings", None)
        queries.clear()
        assert client.get(post.path).status_code == 200
        counted.append(len(queries))
    assert counted == [counted[1] - 2, counted[1], counted[1]]
    assert counted[1] <= 6


def test_whoever_moderates_is_offered_one_way_to_remove_a_comment_of_their_own(signed_in, emil):
    post = make_open_post(by=emil)
    make_comment(post, by=emil, body="Mine.")
    with transaction():
        settings.tune(CommentSettings, by=House(), edit_minutes=0)
    assert signed_in(emil).get(post.path).text.count(">Remove<") == 1


def test_the_words_of_the_site_are_in_its_language_whatever_the_post_is_written_in(client):
    post = make_open_post(title="الضوء", language="ar")
    make_comment(post, body="مقال جميل.")
    html = client.get(post.path).text
    assert re.search(r'<article class="post h-entry" lang="ar" dir="rtl">', html)
    assert re.search(r'<section class="comments" id="comments" lang="en[^"]*" dir="ltr"', html)
    assert '<div class="comment-text e-content" dir="auto">' in html


def test_each_comment_is_named_for_whoever_does_not_see_the_page(client, wren, rhea):
    post = make_open_post(by=wren)
    first = make_comment(post, by=rhea)
    html = client.get(post.path).text
    assert f'id="comment-{first.id}" aria-labelledby="by-{first.id} at-{first.id}"' in html
    assert re.search(rf'id="by-{first.id}" dir="auto">(?:<a [^>]+>)?Rhea', html)
    assert html.count(f'id="at-{first.id}"') == 1
