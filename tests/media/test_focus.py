"""Where the eye should fall: pages cut pictures round it, and the desk shows beforehand what is left."""

import re

import pytest

from inkhorn.core.database import transaction
from inkhorn.media.models import Asset
from inkhorn.media.queries import cut_of
from inkhorn.media.services import describe_asset
from inkhorn.posts.models import Status
from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post


@pytest.mark.parametrize(
    ("across", "down", "ratio", "left"),
    [
        (50, 50, (1, 1), "100.0 0.0 100.0 100.0"),
        (0, 0, (1, 1), "0.0 0.0 100.0 100.0"),
        (100, 100, (1, 1), "200.0 0.0 100.0 100.0"),
        # Pages know tenths.
        (74, 0, (1, 1), "140.0 0.0 100.0 100.0"),
        (75, 0, (1, 1), "160.0 0.0 100.0 100.0"),
        (0, 100, (6, 1), "0.0 50.0 300.0 50.0"),
        (20, 80, (3, 1), "0.0 0.0 300.0 100.0"),
    ],
)
def test_what_is_left_of_a_picture_lies_round_the_focus(across, down, ratio, left) -> None:
    assert cut_of(Asset(width=300, height=100), across, down, ratio=ratio).view_box == left


def test_pages_cut_a_cover_round_its_focus(wren, client) -> None:
    asset = make_asset(by=wren)
    post = make_post(by=wren, status=Status.PUBLISHED, cover_id=asset.id)
    for address in ("/", post.path):
        assert not re.search(r"\bf[xy]-", client.get(address).text)
    with transaction():
        describe_asset(asset, by=wren, focus=(0, 840))
    for address in ("/", post.path):
        assert re.search(r'<span class="[a-z -]+ fx-0 fy-8">', client.get(address).text)
    sheet = client.get(re.search(r'href="([^"]*quill[^"]*\.css[^"]*)"', client.get("/").text)[1]).text
    assert all(f".f{axis}-{step} {{ --f{axis}: {step * 10}%; }}" in sheet for axis in "xy" for step in range(11) if step != 5)


def test_the_desk_shows_what_is_left_of_it(wren, at_desk) -> None:
    asset = make_asset(picture_bytes(900, 300), by=wren)
    desk = at_desk(wren)
    said = {"filename": "harbour.jpg", "focus_across": "100", "focus_down": "0"}
    assert desk.post(f"/desk/media/{asset.id}/describe", **said).status_code == 303
    boxes = re.findall(r'<svg viewBox="([\d. ]+)" data-ratio="([\d/]+)"', desk.get(f"/desk/media/{asset.id}").text)
    assert boxes == [("366.7 0.0 533.3 300.0", "16/9"), ("600.0 0.0 300.0 300.0", "1/1"), ("450.0 0.0 450.0 300.0", "3/2")]
