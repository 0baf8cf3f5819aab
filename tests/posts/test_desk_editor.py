"""Writing and saving: nothing typed is ever lost, whatever is wrong with it."""

import io
import re

import pytest

from inkhorn.core.database import session
from inkhorn.posts.models import Post, PostKind, Status
from tests.factories.posts import make_post

WORDS = "Words that took an hour to find."


def fresh(post_id):
    return session().get(Post, post_id, populate_existing=True)


def test_a_first_save_makes_the_post(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/write", title="Salt", body=WORDS, tags="Tides, Tools")
    post = fresh(int(re.search(r"/posts/(\d+)/edit", answer.location)[1]))
    assert (post.title, post.body, [tag.name for tag in post.tags]) == ("Salt", WORDS, ["Tides", "Tools"])


def test_saving_and_publishing_are_one_step(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/write", title="Salt", body=WORDS, then="publish")
    assert fresh(int(re.search(r"/posts/(\d+)/edit", answer.location)[1])).status is Status.PUBLISHED


def test_a_page_is_begun_as_one(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/write", title="About", kind="page")
    assert fresh(int(re.search(r"/posts/(\d+)/edit", answer.location)[1])).kind is PostKind.PAGE


def test_a_save_changes_what_was_sent_and_nothing_else(desk_of, wren):
    post = make_post(by=wren, title="Salt", body="old", excerpt="kept", tags=["Tides"])
    desk_of(wren).send(f"/desk/posts/{post.id}/revise", revision=post.revision, body=WORDS)
    kept = fresh(post.id)
    assert (kept.title, kept.body, kept.excerpt, [tag.name for tag in kept.tags]) == ("Salt", WORDS, "kept", ["Tides"])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": "x" * 256}, "at most 255"),
        ({"slug": "🦀"}, "at least one"),
        ({"slug": "taken"}, "already belongs to another"),
        ({"cover_url": "javascript:alert(1)"}, "Enter an address"),
        ({"excerpt": "x" * 301}, "at most 300"),
        ({"body": "x" * 2_000_001}, "too long"),
        ({"published_on": "2026-13-45"}, "alid"),
    ],
)
def test_a_refused_save_shows_every_word_again(desk_of, wren, fields, says):
    make_post(by=wren, title="taken", status=Status.PUBLISHED)
    post = make_post(by=wren)
    answer = desk_of(wren).send(f"/desk/posts/{post.id}/revise", **({"revision": post.revision, "title": "Mine", "body": WORDS} | fields))
    assert answer.status_code == 422
    assert says in answer.text
    assert WORDS in answer.text or "body" in fields
    assert fresh(post.id).revision == post.revision


def test_a_refused_first_save_shows_every_word_again(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/write", title="x" * 256, body=WORDS)
    assert answer.status_code == 422
    assert WORDS in answer.text


def test_a_stale_form_keeps_what_was_typed(desk_of, wren):
    desk = desk_of(wren)
    desk.token = "stale"
    answer = desk.send("/desk/posts/write", title="Mine", body=WORDS)
    assert answer.status_code in (400, 422)
    assert WORDS in answer.text


def test_ten_megabytes_of_title_are_refused_in_words(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/write", title="x" * 10_000_000, body=WORDS)
    assert answer.status_code in (413, 422)
    assert "Traceback" not in answer.text


def test_nul_bytes_do_not_break_a_save(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/write", title="S\x00alt", body="a\x00b")
    assert answer.status_code == 303


def test_two_people_at_once_see_both_texts(desk_of, wren, emil):
    post = make_post(by=wren, body="the beginning")
    desk_of(emil).send(f"/desk/posts/{post.id}/revise", revision=post.revision, body="what Emil wrote")
    answer = desk_of(wren).send(f"/desk/posts/{post.id}/revise", revision=1, title="Mine", body=WORDS)
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert "what Emil wrote" in answer.text
    assert fresh(post.id).body == "what Emil wrote"


def test_the_joined_text_can_be_saved_from_the_conflict(desk_of, wren, emil):
    post = make_post(by=wren, body="the beginning")
    desk_of(emil).send(f"/desk/posts/{post.id}/revise", revision=post.revision, body="theirs")
    desk = desk_of(wren)
    page = desk.send(f"/desk/posts/{post.id}/revise", revision=1, title="Mine", body=WORDS).text
    number = re.search(r'name="revision" value="(\d+)"', page)[1]
    assert desk.send(f"/desk/posts/{post.id}/revise", revision=number, title="Mine", body=WORDS).status_code == 303
    assert fresh(post.id).body == WORDS


@pytest.mark.parametrize("path", ["edit", "revisions"])
def test_a_strangers_post_is_not_there(desk_of, wren, ada, path):
    post = make_post(by=ada)
    assert desk_of(wren).get(f"/desk/posts/{post.id}/{path}").status_code == 404


def test_the_editor_takes_a_bounded_number_of_queries(desk_of, wren, queries):
    post = make_post(by=wren, tags=["Tides", "Tools"], series="Year")
    desk = desk_of(wren)
    queries.clear()
    desk.get(f"/desk/posts/{post.id}/edit")
    assert len(queries) <= 11


def test_a_cover_comes_along_with_the_form(desk_of, wren, picture):
    post = make_post(by=wren)
    desk = desk_of(wren)
    desk.send(f"/desk/posts/{post.id}/revise", revision=post.revision, cover=(io.BytesIO(picture), "tide.png"), cover_alt="A tide")
    kept = fresh(post.id)
    assert (kept.cover.filename, kept.cover_alt) == ("tide.png", "A tide")
    desk.send(f"/desk/posts/{post.id}/revise", revision=kept.revision, has_no_cover="y")
    assert fresh(post.id).cover is None


def test_a_cover_that_is_no_picture_is_refused_and_the_words_stay(desk_of, wren):
    post = make_post(by=wren)
    sent = {"revision": post.revision, "body": WORDS, "cover": (io.BytesIO(b"MZ\x00 not a picture"), "tide.png")}
    answer = desk_of(wren).send(f"/desk/posts/{post.id}/revise", **sent)
    assert answer.status_code == 422
    assert WORDS in answer.text


def test_a_kind_that_is_none_is_refused(desk_of, wren):
    post = make_post(by=wren)
    answer = desk_of(wren).send(f"/desk/posts/{post.id}/revise", revision=post.revision, kind="frobnicate", body=WORDS)
    assert answer.status_code == 422
    assert "a post or a page" in answer.text


def test_a_conflict_carries_everything_else_that_was_typed(desk_of, wren, emil):
    post = make_post(by=wren)
    desk_of(emil).send(f"/desk/posts/{post.id}/revise", revision=post.revision, body="theirs")
    page = (
        desk_of(wren).send(f"/desk/posts/{post.id}/revise", revision=1, body=WORDS, tags="Tides, Tools", excerpt="E", then="publish").text
    )
    for name, value in (("tags", "Tides, Tools"), ("excerpt", "E"), ("then", "publish")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_a_cover_that_came_with_a_conflict_is_not_lost(desk_of, wren, emil, picture):
    post = make_post(by=wren)
    desk_of(emil).send(f"/desk/posts/{post.id}/revise", revision=post.revision, body="theirs")
    desk = desk_of(wren)
    page = desk.send(f"/desk/posts/{post.id}/revise", revision=1, body=WORDS, cover=(io.BytesIO(picture), "tide.png")).text
    number = re.search(r'name="cover_id" value="(\d+)"', page)[1]
    desk.send(f"/desk/posts/{post.id}/revise", revision=fresh(post.id).revision, body=WORDS, cover_id=number)
    assert fresh(post.id).cover.filename == "tide.png"


def test_a_canonical_address_is_a_whole_one(desk_of, wren):
    post = make_post(by=wren)
    answer = desk_of(wren).send(f"/desk/posts/{post.id}/revise", revision=post.revision, canonical_url="/here")
    assert answer.status_code == 422
