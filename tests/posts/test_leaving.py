"""What becomes of somebody's posts, uploads and addresses when the account ends."""

import io

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import User
from inkhorn.accounts.services.closing import close_account, end_account
from inkhorn.accounts.services.profiles import choose_username
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset
from inkhorn.posts.events import post_purged, post_unpublished, posts_handed_over
from inkhorn.posts.models import Address, Byline, Post, PostKind, Revision, Status
from inkhorn.posts.tasks import discard_unused_uploads
from tests.factories.accounts import audited, make_user
from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post


@pytest.fixture
def leave(clock, wren, emil):
    """Let Wren leave, with or without Emil as the heir."""

    def act(heir=None):
        with transaction():
            close_account(session().get(User, wren.id), heir_id=heir.id if heir else None, by=House())
        clock.forward(days=14)
        with transaction():
            assert end_account(wren.id)
        session().expire_all()

    return act


def authors(post) -> list[str]:
    named = select(User.name).join(Byline, Byline.user_id == User.id).where(Byline.post_id == post.id).order_by(Byline.position)
    return list(session().scalars(named))


def there(*posts) -> list[bool]:
    return [session().get(Post, post.id, populate_existing=True) is not None for post in posts]


def test_everything_goes_to_the_heir_and_stays_where_it_was(client, wren, emil, leave):
    posts = [make_post(by=wren, title=status.value, status=status) for status in (Status.DRAFT, Status.PUBLISHED, Status.UNPUBLISHED)]
    posts.append(make_post(by=wren, title="a page", kind=PostKind.PAGE, status=Status.PUBLISHED))
    leave(emil)
    assert [authors(post) for post in posts] == [["Emil"]] * 4
    assert set(session().scalars(select(Post.created_by_id))) == {emil.id}
    assert [client.get(f"/{slug}/").status_code for slug in ("published", "a-page", "unpublished")] == [200, 200, 404]
    entry = session().scalars(select(Entry).where(Entry.action == "posts.handed_over")).one()
    assert (entry.actor_id, entry.subject_label, entry.details) == (emil.id, "Wren", {"posts": 4})


def test_a_post_of_two_has_the_heir_once_and_in_place(wren, emil, ada, leave):
    three = make_post(by=wren, title="three", author_ids=[ada.id, wren.id, emil.id])
    two = make_post(by=ada, title="two", author_ids=[wren.id, ada.id])
    leave(emil)
    assert (authors(three), authors(two)) == (["Ada", "Emil"], ["Emil", "Ada"])


def test_readers_meet_the_heir_at_once(client, wren, emil, leave):
    make_post(by=wren, title="Tides", status=Status.PUBLISHED)
    before = client.get("/feed.xml").headers["ETag"]
    leave(emil)
    assert "Emil" in client.get("/tides/").text
    answer = client.get("/feed.xml", headers={"If-None-Match": before})
    assert (answer.status_code, "Emil" in answer.text, "Wren" in answer.text) == (200, True, False)


def test_handing_over_is_announced_once(wren, emil, leave):
    heard = []
    make_post(by=wren)
    with posts_handed_over.connected_to(lambda user, heir: heard.append((user.name, heir.name))):
        leave(emil)
    assert heard == [("Wren", "Emil")]


def test_without_an_heir_it_is_gone_and_its_addresses_say_so(client, wren, leave):
    posts = [
        make_post(by=wren, title=status.value, status=status)
        for status in (Status.DRAFT, Status.PUBLISHED, Status.UNPUBLISHED, Status.TRASHED)
    ]
    leave()
    assert there(*posts) == [False] * 4
    assert [client.get(f"/{path}/").status_code for path in ("draft", "published", "unpublished", "trashed")] == [404, 410, 410, 410]
    assert (audited("posts.purged"), session().scalar(select(func.count()).select_from(Revision))) == (4, 0)


def test_an_old_address_of_what_is_gone_says_so_too(client, wren, leave):
    post = make_post(by=wren, title="First name", status=Status.PUBLISHED)
    from inkhorn.posts.services.writing import PostChanges, revise_post

    with transaction():
        kept = session().get(Post, post.id)
        revise_post(kept, PostChanges(slug="second-name"), by=House(), against=kept.revision)
    leave()
    assert [client.get(path).status_code for path in ("/first-name/", "/second-name/")] == [410, 410]


def test_what_was_written_with_others_stays_theirs(client, wren, emil, ada, leave):
    shared = make_post(by=wren, title="shared", author_ids=[wren.id, ada.id], status=Status.PUBLISHED)
    begun = make_post(by=wren, title="begun for somebody", author_ids=[ada.id])
    leave()
    assert (there(shared, begun), authors(shared), client.get("/shared/").status_code) == ([True, True], ["Ada"], 200)


def test_removal_is_announced_for_each_post(wren, leave):
    gone, hidden = [], []
    for number in range(3):
        make_post(by=wren, title=f"p{number}", status=Status.PUBLISHED if number else Status.DRAFT)
    with (
        post_purged.connected_to(lambda post: gone.append(post.title)),
        post_unpublished.connected_to(lambda post: hidden.append(post.title)),
    ):
        leave()
    assert (sorted(gone), sorted(hidden)) == (["p0", "p1", "p2"], ["p1", "p2"])


@pytest.mark.parametrize("has_heir", [True, False])
def test_versions_forget_who_made_them(wren, emil, ada, leave, has_heir):
    make_post(by=wren, author_ids=[wren.id, ada.id])
    leave(emil if has_heir else None)
    labels = set(session().scalars(select(Revision.saved_by_label)))
    assert labels == {""}


def test_many_posts_are_gone_in_few_statements(wren, leave, queries):
    for number in range(60):
        make_post(by=wren, title=f"p{number}", status=Status.PUBLISHED)
    queries.clear()
    leave()
    assert len([each for each in queries if not each.startswith("INSERT INTO audit")]) < 70, len(queries)


def test_uploads_go_to_the_heir_and_the_portrait_goes(wren, emil, leave):
    from inkhorn.media.services import draw_portrait, receive, set_avatar

    asset = make_asset(by=wren)
    with receive(io.BytesIO(picture_bytes(form="PNG")), filename="me.png") as incoming:
        portrait = draw_portrait(incoming)
        with transaction():
            set_avatar(session().get(User, wren.id), portrait, by=House())
    leave(emil)
    assert [(each.id, each.uploaded_by_id) for each in session().scalars(select(Asset))] == [(asset.id, emil.id)]


def run_jobs(name: str) -> None:
    for job in session().scalars(select(JobRow).where(JobRow.name == name)).all():
        discard_unused_uploads(**job.args)


def test_uploads_that_nobody_shows_are_removed_with_their_files(client, wren, ada, leave):
    shown, cover, by_version, by_address, gone = (
        make_asset(picture_bytes(400 + number, 300), by=wren, filename=f"{number}.jpg", drawn=True) for number in range(5)
    )
    smaller = by_version.renditions[0].path
    make_post(by=ada, title="a", body=f"![x]({shown.path})")
    make_post(by=ada, title="b", cover_id=cover.id)
    make_post(by=ada, title="c", body=f'<img src="{smaller}">')
    make_post(by=ada, title="e", cover_url=by_address.path)
    make_post(by=wren, title="d", body=f"![x]({gone.path})", status=Status.PUBLISHED)
    keys = [gone.key, *(each.key for each in gone.renditions)]
    leave()
    run_jobs("posts.discard_unused_uploads")
    session().expire_all()
    assert {each.id for each in session().scalars(select(Asset))} == {shown.id, cover.id, by_version.id, by_address.id}
    assert [storage().stat(key) for key in keys] == [None] * len(keys)
    assert (client.get(gone.path).status_code, client.get(shown.path).status_code, audited("media.removed")) == (404, 200, 1)


def test_with_an_heir_nothing_is_looked_for(wren, emil, leave):
    make_asset(by=wren)
    leave(emil)
    assert session().scalars(select(JobRow).where(JobRow.name == "posts.discard_unused_uploads")).all() == []


def test_the_page_of_an_author_who_left_leads_to_the_heir(client, wren, emil, leave):
    make_post(by=wren, status=Status.PUBLISHED)
    leave(emil)
    answer = client.get("/author/wren/")
    assert (answer.status_code, answer.location) == (301, "/author/emil/")
    assert client.get("/author/wren/feed.xml").location == "/author/emil/feed.xml"


def test_the_page_of_an_author_who_took_all_along_is_gone(client, wren, leave):
    make_post(by=wren, status=Status.PUBLISHED)
    leave()
    assert [client.get(path).status_code for path in ("/author/wren/", "/author/wren/feed.xml")] == [410, 410]
    assert make_user(email="eve@example.org", name="Wren").username == "wren-2"


def test_whoever_never_published_leaves_no_address(client, wren, leave):
    make_post(by=wren)
    leave()
    assert (client.get("/author/wren/").status_code, session().scalars(select(Address)).all()) == (404, [])


def test_an_old_name_leads_on_for_ever_by_one_step(client, wren):
    make_post(by=wren, status=Status.PUBLISHED)
    for username in ("wren-reed", "reed", "reed-wren"):
        with transaction():
            choose_username(session().get(User, wren.id), username, by=House())
    for old in ("wren", "wren-reed", "reed"):
        assert client.get(f"/author/{old}/").location == "/author/reed-wren/"
        assert [client.get(f"/author/{old}/{name}").location for name in ("feed.xml", "atom.xml", "feed.json")] == [
            f"/author/reed-wren/{name}" for name in ("feed.xml", "atom.xml", "feed.json")
        ]
    assert client.get("/author/wren/page/2/").location == "/author/reed-wren/page/2/"
    assert client.get("/author/reed-wren/").status_code == 200


def test_a_name_taken_back_is_a_page_again(client, wren):
    make_post(by=wren, status=Status.PUBLISHED)
    for username in ("reed", "wren"):
        with transaction():
            choose_username(session().get(User, wren.id), username, by=House())
    assert client.get("/author/wren/").status_code == 200
    assert client.get("/author/reed/").location == "/author/wren/"


def test_a_name_in_another_script_leads_on_escaped(client, wren):
    make_post(by=wren, status=Status.PUBLISHED)
    for username in ("мария", "ねこ"):
        with transaction():
            choose_username(session().get(User, wren.id), username, by=House())
    answer = client.get("/author/мария/", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/author/ねこ/")
    assert client.get("/author/мария/atom.xml", follow_redirects=True).status_code == 200
