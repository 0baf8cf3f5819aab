"""Carrying a source into the site: once, again, changed, interrupted, and not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import AccountStatus, User
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.events import post_imported, post_published
from inkhorn.posts.models import Address, Post, Revision, Series, Status, Tag
from inkhorn.posts.services.publishing import purge_post, trash_post
from inkhorn.posts.services.writing import PostChanges, revise_post
from inkhorn.transfer.manuscript import ForeignAuthor, ForeignRedirect, ForeignSite, ForeignTag
from inkhorn.transfer.services.fitting import MOST_OLD_PATHS
from tests.transfer.box import carried, count_of, post_of, tide

pytestmark = pytest.mark.usefixtures("database")


def test_a_post_comes_with_its_people_tags_series_and_date():
    ada = ForeignAuthor(key="areed", name="Ada Reed", email="ada@example.org")
    carried(ada, tide(author_keys=["areed"], tags=[ForeignTag("Sea"), ForeignTag("Clocks")], series="All tides", excerpt="In, out."))
    post = post_of()
    assert (post.status, post.path, post.published_at) == (Status.PUBLISHED, "/tide/", datetime(2020, 1, 2, tzinfo=UTC))
    assert ([user.name for user in post.authors], [tag.name for tag in post.tags]) == (["Ada Reed"], ["Sea", "Clocks"])
    assert post.series is not None
    assert "<p>It comes.</p>" in post.html
    assert post.updated_at == post.published_at


def test_an_imported_author_cannot_sign_in_and_has_no_address():
    carried(ForeignAuthor(key="areed", name="Ada Reed", email="ada@example.org"))
    user = session().scalars(select(User).where(User.origin_key == "areed")).one()
    assert (user.email, user.status, user.active) == (None, AccountStatus.UNCLAIMED, False)


def test_a_post_with_endless_old_addresses_stops_no_import():
    report = carried(tide(old_paths=[f"/old/{number}/" for number in range(40_000)]))
    assert (report.of("posts", "new"), report.problem_counts["changed", "many-old-addresses"]) == (1, 1)
    assert count_of(Address) == MOST_OLD_PATHS + 1


def test_every_old_address_leads_to_the_post():
    carried(tide(old_paths=["/2020/01/02/Tide.html", "/caf%C3%A9/", "https://example.org/x/?y=1", "/?p=5"]))
    paths = set(session().scalars(select(Address.path).where(Address.post_id == post_of().id)))
    assert paths == {"/tide/", "/2020/01/02/Tide.html", "/café/", "/x/", "/?p=5"}


def test_a_second_run_changes_nothing():
    records = (ForeignAuthor(key="a", name="A"), tide(author_keys=["a"], tags=[ForeignTag("Sea")], series="S", old_paths=["/old/"]))
    carried(*records)
    before = [count_of(table) for table in (Post, User, Tag, Series, Address, Revision)]
    again = carried(*records)
    assert [count_of(table) for table in (Post, User, Tag, Series, Address, Revision)] == before
    assert (again.of("posts", "unchanged"), again.of("authors", "unchanged"), again.changed_something) == (1, 1, False)


def test_what_changed_in_the_source_is_brought_up_to_date():
    carried(tide(tags=[ForeignTag("Sea")]))
    report = carried(tide(body="It goes.\n", title="Ebb", tags=[ForeignTag("Moon")]))
    post = post_of()
    assert (post.title, post.path, post.revision) == ("Ebb", "/tide/", 2)
    assert ("It goes." in post.html, [tag.name for tag in post.tags]) == (True, ["Moon"])
    assert (report.of("posts", "updated"), count_of(Revision)) == (1, 2)


def test_what_was_edited_here_is_not_overwritten():
    carried(tide())
    with transaction():
        revise_post(post_of(), PostChanges(body="My own words."), by=House(), against=1)
    report = carried(tide(body="It goes.\n"))
    assert post_of().body == "My own words."
    assert (report.of("posts", "kept"), report.problem_counts["kept", "edited-here"]) == (1, 1)


@pytest.mark.parametrize("gone", [False, True])
def test_what_was_removed_here_stays_so(gone: bool):
    carried(tide(old_paths=["/old/"]))
    with transaction():
        trash_post(post_of(), by=House())
        if gone:
            purge_post(post_of(), by=House())
    carried(tide(body="It goes.\n", old_paths=["/old/"]))
    assert count_of(Post) == (0 if gone else 1)
    assert gone or post_of().status is Status.TRASHED


def test_a_dry_run_changes_nothing_and_says_what_it_would():
    report = carried(ForeignSite(title="Tides"), ForeignAuthor(key="a", name="A"), tide(), ForeignRedirect("/a/", "/b/"), is_dry_run=True)
    assert [count_of(table) for table in (Post, User, Address)] == [0, 0, 0]
    assert (report.of("posts", "new"), report.of("authors", "new")) == (1, 1)


def test_the_same_slug_twice_gets_a_number_and_is_reported():
    report = carried(tide("one", slug="Tide"), tide("two", slug="Tide"))
    assert (post_of("one").path, post_of("two").path) == ("/tide/", "/tide-2/")
    assert report.problem_counts["changed", "slug"] == 1


def test_a_path_of_its_own_is_kept_where_it_is_free():
    carried(tide("en", slug="legal", path="/legal/"), tide("ar", slug="legal", path="/ar/legal/"), tide("x", slug="legal", path="/desk/"))
    assert [post_of(key).path for key in ("en", "ar", "x")] == ["/legal/", "/ar/legal/", "/legal-2/"]


def test_a_post_without_a_date_takes_the_time_of_the_import_and_one_to_come_is_scheduled():
    later = datetime.now(UTC) + timedelta(days=9)
    report = carried(tide("none", published_at=None), tide("later", published_at=later), tide("draft", status="draft", published_at=None))
    assert (post_of("none").published_at, report.problem_counts["changed", "no-date"]) == (report.started_at, 1)
    assert (post_of("later").status, post_of("later").release_at) == (Status.SCHEDULED, later)
    assert (post_of("draft").status, post_of("draft").published_at) == (Status.DRAFT, None)


def test_a_post_without_a_date_keeps_the_one_it_got_when_it_changes(clock):
    carried(tide(published_at=None), tide("draft", status="draft", published_at=None))
    first = clock.now
    clock.forward(days=3)
    carried(tide(published_at=None, body="It goes.\n"), tide("draft", published_at=None))
    assert (post_of().published_at, post_of().revision) == (first, 2)
    assert (post_of("draft").status, post_of("draft").published_at) == (Status.PUBLISHED, clock.now)


def test_a_post_that_names_nobody_is_signed_by_whoever_imports(wren):
    carried(tide(), unsigned_author_id=wren.id)
    assert [user.id for user in post_of().authors] == [wren.id]


def test_nobody_is_told_that_an_imported_post_was_published():
    told, came = [], []
    with post_published.connected_to(told.append), post_imported.connected_to(came.append):
        carried(tide())
    assert (len(told), len(came)) == (0, 1)


def test_keys_longer_than_their_column_still_tell_items_apart():
    one, two = tide("x" * 700 + "1", title="One"), tide("x" * 700 + "2", title="Two")
    carried(one, two)
    again = carried(tide("x" * 700 + "1", title="One"), tide("x" * 700 + "2", title="Two"))
    assert (again.of("posts", "unchanged"), count_of(Post)) == (2, 2)


def test_nothing_a_source_holds_stops_the_import():
    odd = tide(
        "odd",
        title="\x00" + "T" * 10_000_000,
        slug="\u202e🙂",
        body="a\x00\ud800b",
        excerpt="e" * 999,
        language="x" * 99,
        canonical_url="javascript:x",
    )
    report = carried(odd, tide("none", title="", body="", slug=None), tide("old", old_paths=["/" + "x" * 999, "\u202e", "http://[bad"]))
    assert (report.of("posts", "new"), report.problem_counts["lost", "failed"]) == (3, 0)
    assert post_of("odd").title.endswith("…")
    assert post_of("none").path is not None


def test_links_that_lead_nowhere_are_named():
    report = carried(
        tide("a", body="[b](/old-b/) [c](/nowhere/) [t](/tag/sea/) [d](https://example.org)\n"), tide("b", title="B", old_paths=["/old-b"])
    )
    assert [problem.why for problem in report.problems if problem.what == "broken-link"] == [
        "It links to /nowhere, where nothing stands on this site."
    ]


def test_what_a_source_says_of_itself_fills_only_what_nobody_has_tuned():
    carried(ForeignSite(title="Tides", description="In and out"))
    carried(ForeignSite(title="Other"))
    assert (settings.read(SiteSettings).title, settings.read(SiteSettings).description) == ("Tides", "In and out")
