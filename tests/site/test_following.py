"""The page of those one follows: their posts, newest first, by the same rule of what may be seen as everywhere."""

import pytest
from sqlalchemy import insert, select

from inkhorn.accounts.models import Follow, User
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts import queries as posts_queries
from inkhorn.posts.models import Post, PostKind, Status
from inkhorn.posts.services.publishing import trash_post, unpublish_post
from tests.factories.accounts import Browser
from tests.factories.posts import make_post
from tests.plans import plans, walked_whole


def follow(follower, *authors) -> None:
    with transaction():
        session().execute(insert(Follow), [{"follower_id": follower.id, "author_id": author.id} for author in authors])


@pytest.fixture(params=[False, True], ids=["few", "many"])
def rheas(request, signed_in, rhea, monkeypatch) -> Browser:
    """Rhea's browser, once for each shape of the question."""
    if request.param:
        monkeypatch.setattr(posts_queries, "FEW_LINKS", 0)
    return Browser(signed_in(rhea))


def test_whoever_follows_nobody_is_told_how(rheas):
    text = rheas.get("/following/").text
    assert ("You follow nobody yet" in text, "Make a feed" in text) == (True, False)


def test_whoever_follows_silence_is_told_so(rheas, rhea, wren):
    follow(rhea, wren)
    assert "None of them has anything published" in rheas.get("/following/").text


def test_only_their_posts_are_shown_the_newest_first(rheas, cast, clock):
    for author, title in ((cast.wren, "One"), (cast.emil, "Two"), (cast.ada, "Other"), (cast.wren, "Three")):
        make_post(by=author, title=title, status=Status.PUBLISHED)
        clock.forward(hours=1)
    follow(cast.rhea, cast.wren, cast.emil)
    text = rheas.get("/following/").text
    assert text.index(">Three<") < text.index(">Two<") < text.index(">One<")
    assert ">Other<" not in text
    assert "2 authors" in text


def test_a_post_of_two_whom_one_follows_stands_there_once(rheas, rhea, wren, emil):
    make_post(by=wren, title="Together", author_ids=[wren.id, emil.id], status=Status.PUBLISHED)
    follow(rhea, wren, emil)
    assert rheas.get("/following/").text.count(">Together<") == 1


def test_what_may_not_be_seen_is_not_shown(rheas, rhea, wren, clock):
    make_post(by=wren, title="Draft")
    make_post(by=wren, title="Promised", status=Status.SCHEDULED, at=clock.tomorrow())
    make_post(by=wren, title="A page", kind=PostKind.PAGE, status=Status.PUBLISHED)
    hidden, gone = (make_post(by=wren, title=title, status=Status.PUBLISHED) for title in ("Hidden", "Gone"))
    with transaction():
        unpublish_post(session().get(Post, hidden.id), by=House())
        trash_post(session().get(Post, gone.id), by=House())
    follow(rhea, wren)
    text = rheas.get("/following/").text
    assert [title for title in ("Draft", "Promised", "A page", "Hidden", "Gone") if f">{title}<" in text] == []


def test_the_list_is_turned(rheas, rhea, wren, clock):
    for number in range(13):
        make_post(by=wren, title=f"P{number:02}", status=Status.PUBLISHED)
        clock.forward(hours=1)
    follow(rhea, wren)
    first, second = rheas.get("/following/").text, rheas.get("/following/page/2/").text
    assert ('href="/following/page/2/"' in first, ">P00<" in first, ">P12<" in first) == (True, False, True)
    assert ('href="/following/"' in second, ">P00<" in second, "page/3" in second) == (True, True, False)
    assert [rheas.get(f"/following/page/{number}/").status_code for number in (3, 0, 10**9)] == [404, 404, 404]


def test_a_full_last_page_offers_no_other(rheas, rhea, wren):
    for number in range(12):
        make_post(by=wren, title=f"P{number:02}", status=Status.PUBLISHED)
    follow(rhea, wren)
    assert "page/2" not in rheas.get("/following/").text


def test_it_is_nobody_elses(client, rheas, wren):
    assert client.get("/following/").location == "/sign-in?next=/following/"
    answer = rheas.get("/following/")
    assert (answer.headers["Cache-Control"], "noindex" in answer.text) == ("private, no-store", True)


def test_many_authors_are_few_questions(rheas, rhea, wren, queries):
    make_post(by=wren, title="One", status=Status.PUBLISHED, tags=["Tides"])
    with transaction():
        session().execute(insert(User), [{"name": f"A{n}", "username": f"a-{n}", "fs_uniquifier": f"u{n}"} for n in range(500)])
    numbers = session().scalars(select(User).where(User.username.startswith("a-"))).all()
    follow(rhea, wren, *numbers)
    rheas.get("/following/")
    session().info.pop("settings", None)
    queries.clear()
    text = rheas.get("/following/").text
    assert ("501 authors" in text, ">One<" in text) == (True, True)
    assert len(queries) <= 7, queries


def test_no_large_table_is_walked(rheas, rhea, wren):
    make_post(by=wren, status=Status.PUBLISHED)
    follow(rhea, wren)
    with plans() as steps:
        rheas.get("/following/")
    assert walked_whole(steps) == []


def test_a_feed_is_made_by_a_button(rheas, rhea, wren):
    path = "/following/address"
    follow(rhea, wren)
    assert "/feed.xml" not in rheas.get("/following/").text.split("<main")[1].split("</main")[0]
    assert rheas.send(path).location == "/following/"
    text = rheas.get("/following/").text
    assert f'href="/following/{session().get(User, rhea.id).following_key}/feed.xml"' in text
    assert "Make another address" in text
    assert rheas.client.post(path, data={"csrf_token": "forged"}).status_code == 422
