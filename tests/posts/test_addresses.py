"""One path each, and every path it ever had leads to it."""

import pytest
from sqlalchemy.exc import IntegrityError

from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid
from inkhorn.core.settings import tune
from inkhorn.posts.models import Address, Post, PostKind, Status
from inkhorn.posts.services import addresses
from inkhorn.posts.services.addresses import RESERVED, SlugTaken, first_free, is_free, tidy_slug
from inkhorn.posts.services.publishing import publish_new_post, publish_post, purge_post, trash_post
from inkhorn.posts.services.redirects import BadRedirect, add_redirect, lead_address
from inkhorn.posts.services.writing import PostChanges, draft_post, revise_post
from inkhorn.posts.settings import PostSettings
from tests.factories.posts import make_post


def held_at(path):
    return session().get(Address, path)


def readdress(post, slug, *, by):
    with transaction():
        revise_post(post, PostChanges(slug=slug), by=by, against=post.revision)


def test_a_slug_follows_the_title_until_it_is_public(wren):
    post = make_post(by=wren, title="Salt is a slow editor")
    assert post.path == "/salt-is-a-slow-editor/"


@pytest.fixture
def taken_meanwhile(wren, monkeypatch):
    """/tide/ belongs to a post that was not there yet when somebody looked whether it is free."""
    make_post(by=wren, title="Tide")
    looked = iter([True])
    monkeypatch.setattr(addresses, "is_free", lambda path, post: next(looked, False) or is_free(path, post))
    # As where several write at once, which SQLite does not let them.
    monkeypatch.setattr(addresses, "is_only_writer", lambda: False)


@pytest.mark.usefixtures("taken_meanwhile")
def test_a_draft_whose_address_is_taken_at_the_same_moment_gets_the_next(wren):
    with transaction():
        post = draft_post(by=wren, changes=PostChanges(title="Tide", tags=["Sea", "Moon"]))
    session().expire(post)
    assert (post.path, [tag.name for tag in post.tags], [author.name for author in post.authors]) == ("/tide-2/", ["Sea", "Moon"], ["Wren"])


@pytest.mark.usefixtures("taken_meanwhile")
def test_what_is_published_at_once_and_finds_its_address_taken_leaves_nothing_at_the_first(wren):
    with transaction():
        post = publish_new_post(PostChanges(title="Tide", body="It comes."), by=wren)
    assert (post.path, held_at("/tide/"), held_at("/tide-2/").post_id) == ("/tide-2/", None, post.id)


def test_a_new_post_whose_row_was_taken_back_is_written_by_the_next_try(wren, monkeypatch):
    real, tries = addresses.write_row, []

    def write_row(made):
        real(made)
        tries.append(type(made).__name__)
        if tries == ["Post", "Byline"]:
            raise IntegrityError("INSERT", {}, Exception("taken"))

    monkeypatch.setattr(addresses, "write_row", write_row)
    monkeypatch.setattr(addresses, "is_only_writer", lambda: False)
    with transaction():
        post = draft_post(by=wren, title="Tide")
    session().expire_all()
    assert tries == ["Post", "Byline"] * 2
    assert (post.path, [each.user_id for each in post.bylines], session().query(Post).count()) == ("/tide/", [wren.id], 1)


def test_a_draft_has_no_public_address(wren):
    assert held_at(make_post(by=wren).path) is None


def test_every_public_path_leads_to_the_post(wren):
    post = make_post(by=wren, title="Old", status=Status.PUBLISHED)
    readdress(post, "new", by=wren)
    readdress(post, "newest", by=wren)
    assert [held_at(path).post_id for path in ("/old/", "/new/", "/newest/")] == [post.id] * 3
    assert post.path == "/newest/"


def test_a_path_that_was_given_away_is_never_given_to_another(wren):
    first = make_post(by=wren, title="Tide", status=Status.PUBLISHED)
    readdress(first, "ebb", by=wren)
    assert make_post(by=wren, title="Tide").path == "/tide-2/"
    with pytest.raises(SlugTaken):
        readdress(make_post(by=wren, title="Flood"), "tide", by=wren)


def test_two_drafts_of_one_title_get_two_paths(wren):
    assert [make_post(by=wren, title="Tide").path for _ in range(3)] == ["/tide/", "/tide-2/", "/tide-3/"]


@pytest.mark.parametrize("title", ["", "🦀🌊", "\u202e\u202d", "!!!"])
def test_a_title_without_letters_still_gets_an_address(wren, title):
    post = make_post(by=wren, title=title)
    assert post.path == f"/post-{post.id}/"


@pytest.mark.parametrize("name", ["Desk", "Author", "static", "Sign in"])
def test_the_houses_own_addresses_are_not_given_away(wren, name):
    assert make_post(by=wren, title=name, kind=PostKind.PAGE).slug.endswith("-2")


@pytest.mark.parametrize("slug", ["🦀", "\u202e", "///", " ", "..."])
def test_a_slug_without_letters_is_refused_in_words(slug):
    with pytest.raises(Invalid, match="at least one") as refused:
        tidy_slug(slug)
    assert refused.value.field == "slug"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Häfen am Meer", "häfen-am-meer"), ("日本語 タイトル", "日本語-タイトル"), ("a/b\\c", "a-b-c"), ("x\u202ey", "x-y")],
)
def test_a_slug_may_be_in_any_script(typed, kept):
    assert tidy_slug(typed) == kept


def test_the_permalink_pattern_carries_the_first_date(wren, clock):
    with transaction():
        tune(PostSettings, by=wren, permalink="/{year}/{month}/{slug}/")
    assert make_post(by=wren, title="Tide", status=Status.PUBLISHED).path == "/2026/03/tide/"


def test_a_purged_post_leaves_its_paths_marked_as_gone(wren, emil):
    post = make_post(by=wren, title="Tide", status=Status.TRASHED)
    with transaction():
        purge_post(post, by=emil)
    held = held_at("/tide/")
    assert (held.post_id, held.target) == (None, None)


def test_a_gone_path_may_be_used_again(wren, emil):
    post = make_post(by=wren, title="Tide", status=Status.TRASHED)
    with transaction():
        purge_post(post, by=emil)
    again = make_post(by=wren, title="Tide", status=Status.PUBLISHED)
    assert held_at("/tide/").post_id == again.id


def test_a_redirect_of_our_own_never_takes_a_posts_address(wren):
    make_post(by=wren, title="Tide", status=Status.PUBLISHED)
    with transaction():
        assert not lead_address("/tide/", "/elsewhere/")
        assert lead_address("/old-tide/", "/tide/")


def test_a_redirect_cannot_take_what_a_draft_is_promised(wren):
    make_post(by=wren, title="About")
    with pytest.raises(BadRedirect), transaction():
        add_redirect("/about/", "/elsewhere/", by=wren)
    with transaction():
        assert not lead_address("/about/", "/elsewhere/")


def test_a_draft_whose_path_was_taken_meanwhile_gets_another(wren):
    post = make_post(by=wren, title="About")
    with transaction():
        session().add(Address(path="/about/", target="/elsewhere/"))
    with transaction():
        publish_post(post, by=wren)
    assert post.path == "/about-2/"
    assert held_at("/about-2/").post_id == post.id


def test_the_hundredth_post_of_one_title_costs_no_more_than_the_third(wren, queries):
    for _ in range(12):
        make_post(by=wren, title="Photo")
    with transaction():
        post = draft_post(by=wren)
        queries.clear()
        assert first_free(post, "photo") == ("photo-13", "/photo-13/")
        # What is asked at the end of the transaction is no work of its own.
        asked = len(queries)
    assert asked <= 4


def test_a_trashed_post_keeps_its_address(wren):
    post = make_post(by=wren, title="Tide", status=Status.PUBLISHED)
    with transaction():
        trash_post(post, by=wren)
    assert held_at("/tide/").post is post


def test_a_path_that_came_with_an_import_outlives_an_edit(wren):
    post = make_post(by=wren, title="Legal", status=Status.PUBLISHED)
    with transaction():
        post.path = "/ar/legal/"
        revise_post(post, PostChanges(body="changed", slug="legal"), by=wren, against=post.revision)
    assert post.path == "/ar/legal/"


def test_a_page_that_becomes_a_post_moves_to_where_posts_stand(wren, clock):
    with transaction():
        tune(PostSettings, by=wren, permalink="/{year}/{slug}/")
    page = make_post(by=wren, title="Tide", kind=PostKind.PAGE, status=Status.PUBLISHED)
    with transaction():
        revise_post(page, PostChanges(kind=PostKind.POST), by=wren, against=page.revision)
    assert page.path == "/2026/tide/"
    assert held_at("/tide/").post_id == page.id


def test_no_post_stands_where_the_house_does(app):
    first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert {part for part in first if part and not part.startswith(("<", "sitemap-"))} <= RESERVED
