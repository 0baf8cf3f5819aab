"""Other bytes in an upload's place, and uploads that go to the trash and come back."""

from datetime import timedelta
from io import BytesIO

import pytest

from inkhorn.core import clock as house_clock
from inkhorn.core.database import session, transaction
from inkhorn.media.content import FileRefused
from inkhorn.media.models import Asset, Reach
from inkhorn.media.queries import resolve_pictures
from inkhorn.media.services import AlreadyThere, StillUsed, make_renditions, receive, replace_asset, restore_asset, trash_asset
from inkhorn.media.services.usage import note_usages
from inkhorn.media.tasks import purge_trash
from inkhorn.posts import tasks as post_tasks
from inkhorn.posts.models import Post
from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post


def replace(asset: Asset, content: bytes, by, name: str = "new.png") -> None:
    with receive(BytesIO(content), filename=name) as incoming, transaction():
        replace_asset(asset, incoming, by=by)


def test_an_old_address_leads_to_the_new_file_and_the_new_one_to_its_bytes(wren, client):
    asset = make_asset(by=wren)
    old, before = asset.path, client.get(asset.path).data
    replace(asset, picture_bytes(400, 300, "PNG"), wren)
    assert asset.path != old
    answer = client.get(old)
    assert (answer.status_code, answer.location) == (302, asset.path)
    assert "immutable" not in answer.headers["Cache-Control"]
    assert client.get(asset.path).data != before
    assert (asset.width, asset.content_type, asset.filename) == (400, "image/png", "harbour.jpg")


def test_what_shows_it_shows_the_new_one_though_its_text_stays(wren):
    asset = make_asset(by=wren)
    post = make_post(by=wren, body=f"![Quay]({asset.path})")
    replace(asset, picture_bytes(1500, 1000, quality=100), wren)
    with transaction():
        make_renditions(asset)
    post_tasks.rerender_posts_showing(asset_id=asset.id)
    shown = session().get(Post, post.id, populate_existing=True)
    assert asset.uuid in shown.html
    assert "srcset" in shown.html
    assert next(iter(resolve_pictures([f"/media/{asset.key}"]).values())).width == 1500


def test_the_same_or_a_known_or_another_kind_of_file_is_refused_in_words(wren):
    asset, other = make_asset(by=wren), make_asset(picture_bytes(90, 90), filename="rope.jpg", by=wren)
    with pytest.raises(AlreadyThere, match="stands there already"):
        replace(asset, picture_bytes(), wren)
    with pytest.raises(AlreadyThere, match="rope"):
        replace(asset, picture_bytes(90, 90), wren)
    with pytest.raises(FileRefused, match="another kind"):
        replace(asset, b"%PDF-1.7", wren, name="a.pdf")
    assert session().get(Asset, other.id) is not None


def test_what_is_shown_is_not_trashed(wren):
    asset = make_asset(by=wren)
    make_post(by=wren, body=f"![Quay]({asset.path})")
    with pytest.raises(StillUsed, match="harbour"), transaction():
        trash_asset(asset, by=wren)


def test_the_trash_hides_gives_back_and_forgets_after_thirty_days(wren, client, clock):
    asset = make_asset(by=wren)
    with transaction():
        trash_asset(asset, by=wren)
    assert client.get(asset.path).status_code == 404
    with transaction():
        restore_asset(asset, by=wren)
    assert client.get(asset.path).status_code == 200
    with transaction():
        trash_asset(asset, by=wren)
    purge_trash()
    assert session().get(Asset, asset.id) is not None
    clock.forward(days=31)
    purge_trash()
    assert session().get(Asset, asset.id) is None


def test_what_is_used_or_sent_again_leaves_the_trash(wren):
    asset = make_asset(by=wren)
    with transaction():
        asset.trashed_at = house_clock.now() - timedelta(days=40)
        note_usages("posts", 1, asset_ids=[asset.id], reach=Reach.PUBLIC)
    assert asset.trashed_at is None
    with transaction():
        asset.trashed_at = house_clock.now()
    assert make_asset(by=wren).trashed_at is None
