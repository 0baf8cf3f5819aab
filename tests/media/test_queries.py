"""Pictures as texts and covers show them."""

import re

import pytest

from inkhorn.media.queries import assets_by_paths, picture_of, resolve_pictures
from tests.factories.media import make_asset, picture_bytes

pytestmark = pytest.mark.usefixtures("database")
QUALITY = {"quality": 100}


def test_a_drawn_picture_comes_in_every_format_and_width() -> None:
    asset = make_asset(picture_bytes(1500, 1000, **QUALITY), alt="Harbour", drawn=True)
    picture = picture_of(asset, sizes="50vw")
    assert [source.content_type for source in picture.sources] == ["image/avif", "image/webp", "image/jpeg"]
    assert re.match(rf"/media/{asset.key.removesuffix('.jpg')}-320-[0-9a-f]{{12}}\.avif 320w, ", picture.sources[0].srcset)
    assert picture.sources[2].srcset.endswith(f"{asset.path} 1500w")
    assert re.search(r"-1280-[0-9a-f]{12}\.jpg$", picture.src)
    assert (picture.width, picture.height, picture.alt, picture.sizes) == (1500, 1000, "Harbour", "50vw")


def test_a_picture_not_yet_drawn_is_shown_as_it_is() -> None:
    asset = make_asset()
    picture = picture_of(asset)
    assert (picture.src, picture.sources, picture.sizes) == (asset.path, (), "")


def test_a_picture_in_a_new_format_has_a_plain_one_for_old_browsers() -> None:
    asset = make_asset(picture_bytes(1000, 800, "WEBP", **QUALITY), drawn=True)
    assert re.search(r"-1000-[0-9a-f]{12}\.jpg$", picture_of(asset).src)


def test_a_text_s_pictures_are_found_however_it_names_them() -> None:
    asset = make_asset()
    names = [asset.path, f"{asset.path}?w=3", f"{asset.path}#x", "/media/2026/01/none.png", "https://elsewhere.example/a.png", "../a.png"]
    assert set(resolve_pictures(names)) == set(names[:3])


def test_a_document_is_no_picture() -> None:
    assert resolve_pictures([make_asset(b"%PDF-1.7", filename="a.pdf").path]) == {}


def test_a_text_may_name_more_pictures_than_one_query_can_carry(database, queries):
    queries.clear()
    assert assets_by_paths(f"/media/{number}.png" for number in range(2_500)) == {}
    assert len(queries) == 3
