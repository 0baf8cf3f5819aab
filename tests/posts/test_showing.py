"""Which uploads a post shows is noted as it changes, and whom their files are handed to follows from who may read it."""

import pytest
from sqlalchemy import select

from inkhorn.core.database import session, transaction
from inkhorn.media.events import uses_sought
from inkhorn.media.models import Asset, Reach, Usage
from inkhorn.media.services import describe_asset
from inkhorn.posts.models import Audience, Status
from inkhorn.posts.services.publishing import publish_post, purge_post, trash_post, unpublish_post
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post


def shown_by(post) -> set[int]:
    return set(session().scalars(select(Usage.asset_id).where(Usage.room == "posts", Usage.noun_id == post.id)))


def reach_of(asset: Asset) -> Reach:
    return session().scalar(select(Asset.reach).where(Asset.id == asset.id))


def revise(post, by, **changes) -> None:
    with transaction():
        revise_post(post, PostChanges(**changes), by=by, against=post.revision)


def test_text_links_and_cover_are_all_noted_and_forgotten(wren):
    shown, linked, cover = (make_asset(picture_bytes(200 + n, 100)) for n in range(3))
    post = make_post(by=wren, body=f"![Quay]({shown.path})\n\n[Plan]({linked.path})")
    revise(post, wren, cover_id=cover.id)
    assert shown_by(post) == {shown.id, linked.id, cover.id}
    revise(post, wren, body="Only words", cover_id=None)
    assert shown_by(post) == set()


def test_a_smaller_version_counts_as_its_picture(wren):
    asset = make_asset(picture_bytes(1500, 1000, quality=100), drawn=True)
    assert shown_by(make_post(by=wren, body=f'<img src="{asset.renditions[0].path}">')) == {asset.id}


@pytest.mark.parametrize(
    ("audience", "status", "reach"),
    [
        (Audience.PUBLIC, Status.PUBLISHED, Reach.PUBLIC),
        (Audience.PUBLIC, Status.DRAFT, Reach.PUBLIC),
        (Audience.MEMBERS, Status.PUBLISHED, Reach.MEMBERS),
        (Audience.MEMBERS, Status.DRAFT, Reach.MEMBERS),
        (Audience.PRIVATE, Status.PUBLISHED, Reach.STAFF),
    ],
)
def test_a_file_is_for_those_who_may_read_what_shows_it(wren, audience, status, reach):
    asset = make_asset()
    post = make_post(by=wren, body=f"![Quay]({asset.path})", status=status)
    revise(post, wren, audience=audience)
    assert reach_of(asset) is reach


def test_what_is_public_once_is_public_until_that_is_withdrawn(wren, emil):
    asset = make_asset()
    for_members = make_post(by=wren, body=f"![Quay]({asset.path})")
    revise(for_members, wren, audience=Audience.MEMBERS)
    public = make_post(by=wren, title="Open", body=f"![Quay]({asset.path})")
    assert reach_of(asset) is Reach.MEMBERS
    with transaction():
        publish_post(public, by=wren)
    assert reach_of(asset) is Reach.PUBLIC
    with transaction():
        unpublish_post(public, by=wren)
    assert reach_of(asset) is Reach.MEMBERS
    with transaction():
        trash_post(for_members, by=wren)
    assert reach_of(asset) is Reach.STAFF
    with transaction():
        purge_post(for_members, by=emil)
    assert shown_by(for_members) == set()
    assert reach_of(asset) is Reach.STAFF


def test_a_mark_for_members_outweighs_what_shows_it(wren):
    asset = make_asset(by=wren)
    make_post(by=wren, body=f"![Quay]({asset.path})", status=Status.PUBLISHED)
    with transaction():
        describe_asset(asset, by=wren, is_for_members=True)
    assert reach_of(asset) is Reach.MEMBERS
    with transaction():
        describe_asset(asset, by=wren, is_for_members=False)
    assert reach_of(asset) is Reach.PUBLIC


def test_whoever_asks_where_something_is_shown_is_told_what_they_may_know(wren, emil, rhea):
    asset = make_asset()
    post = make_post(by=wren, title="The quay", body=f"![Quay]({asset.path})")
    told = {who: [use for _room, uses in uses_sought.send(asset, actor=who) for use in uses] for who in (wren, emil, rhea)}
    assert [(use.title, use.address) for use in told[emil]] == [("The quay", f"/desk/posts/{post.id}/edit")]
    assert told[wren] == told[emil]
    assert [(use.title, use.address) for use in told[rhea]] == [("", None)]


def test_saving_a_post_without_files_asks_one_thing_more(wren, queries):
    post = make_post(by=wren, body="Words")
    queries.clear()
    revise(post, wren, body="Other words")
    assert len([each for each in queries if "asset" in each]) == 1
