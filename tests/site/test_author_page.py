"""The page of an author: picture, places, microformats, and the button to follow."""

import io
import re

import pytest

from inkhorn.accounts.models import User
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.media.queries import portraits_of
from inkhorn.media.services import draw_portrait, receive, set_avatar
from inkhorn.posts.models import Status
from tests.factories.accounts import Browser
from tests.factories.media import picture_bytes
from tests.factories.posts import make_post

EVIL = "\"'><img src=x onerror=fired()>"


@pytest.fixture
def author(wren):
    with transaction():
        user = session().get(User, wren.id)
        user.bio, user.website, user.links = (
            "Mends clocks.",
            "https://www.wren.example/",
            ["https://social.example/@wren", "https://code.example/wren/"],
        )
    make_post(by=wren, title="Tides", status=Status.PUBLISHED)
    return wren


@pytest.fixture
def face(author) -> dict[str, str]:
    with receive(io.BytesIO(picture_bytes()), filename="me.jpg") as incoming:
        portrait = draw_portrait(incoming)
        with transaction():
            set_avatar(session().get(User, author.id), portrait, by=House())
    return {"small": portraits_of([author.id])[author.id], "large": portraits_of([author.id], is_small=False)[author.id]}


def test_the_picture_stands_on_the_page_and_beside_the_post(client, face):
    assert f'<img class="avatar u-photo" src="{face["large"]}" alt="" width="128" height="128">' in client.get("/author/wren/").text
    post = client.get("/tides/").text
    assert f'<img class="avatar" src="{face["small"]}" alt="" width="44" height="44">' in post
    assert f'<img class="avatar u-photo" src="{face["small"]}" alt="" width="64" height="64">' in post


def test_without_a_picture_initials_are_drawn(client, author):
    assert '<svg class="avatar hue-' in client.get("/author/wren/").text


def test_every_place_says_that_it_is_the_same_person(client, author):
    text = client.get("/author/wren/").text
    assert re.findall(r'<a class="u-url" href="([^"]+)" rel="me">([^<]+)</a>', text) == [
        ("https://www.wren.example/", "wren.example"),
        ("https://social.example/@wren", "social.example/@wren"),
        ("https://code.example/wren/", "code.example/wren"),
    ]
    assert '<a class="u-url u-uid" href="/author/wren/" hidden>' in text


@pytest.mark.parametrize("link", ["javascript:fired()", "data:text/html,x", "vbscript:x", "//evil.example", f"https://a.example/{EVIL}"])
def test_what_slipped_into_the_table_is_not_linked(client, author, link):
    with transaction():
        user = session().get(User, author.id)
        user.website, user.links, user.bio = link, [link], EVIL
    text = client.get("/author/wren/").text + client.get("/tides/").text
    assert "<img src=x" not in text
    assert not re.search(r'href="(javascript|data|vbscript|//)', text)


@pytest.mark.parametrize("path", ["/author/wren/", "/tides/"])
def test_a_picture_costs_no_question(client, author, queries, path, request):
    def asked() -> int:
        session().info.pop("settings", None)
        queries.clear()
        client.get(path)
        return len(queries)

    before = asked()
    request.getfixturevalue("face")
    assert asked() == before


def test_a_visitor_is_led_to_sign_in_and_the_page_can_be_kept(client, author):
    answer = client.get("/author/wren/")
    assert 'href="/sign-in?next=/author/wren/"' in answer.text
    assert "csrf_token" not in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert client.get("/author/wren/", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_whoever_is_signed_in_has_a_button(signed_in, rhea, author):
    browser = Browser(signed_in(rhea))
    before = browser.get("/author/wren/")
    assert ('action="/author/wren/follow"' in before.text, before.headers["Cache-Control"]) == (True, "private, no-store")
    token = re.search(r'action="/author/wren/follow".*?name="csrf_token" value="([^"]+)"', before.text, re.DOTALL)[1]
    browser.client.post("/author/wren/follow", data={"csrf_token": token, "next": "/author/wren/"})
    after = browser.get("/author/wren/").text
    assert ("Stop following" in after, 'action="/author/wren/unfollow"' in after) == (True, True)


def test_nobody_is_offered_to_follow_themselves(signed_in, author):
    text = signed_in(author).get("/author/wren/").text
    assert ("/follow" in text.replace("/following/", ""), "Follow by feed" in text) == (False, True)


def test_a_reader_is_not_sent_to_a_desk_that_is_closed_to_them(signed_in, rhea, wren, author):
    assert ('href="/desk/"' in signed_in(rhea).get("/").text, 'href="/account/"' in signed_in(rhea).get("/").text) == (False, True)
    assert 'href="/desk/"' in signed_in(wren).get("/").text
