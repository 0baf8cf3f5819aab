"""Static files: addresses with digests, long lives for them, and no way out of the folders."""

import gzip
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from inkhorn.core.assets import Shelf, asset


def test_an_address_carries_the_digest_of_the_content(client: FlaskClient) -> None:
    address = asset("tokens.css")
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_plain_name_is_fresh_for_a_minute_only(client: FlaskClient) -> None:
    assert client.get("/static/tokens.css").headers["Cache-Control"] == "public, max-age=60"


def test_an_old_digest_gets_the_new_file_but_not_for_a_year(client: FlaskClient) -> None:
    response = client.get("/static/tokens.00000000.css")
    assert response.status_code == 200
    assert "immutable" not in response.headers["Cache-Control"]


def test_a_style_sheet_names_its_fonts_with_their_digests(client: FlaskClient) -> None:
    font = asset("fonts/literata-latin-wght-normal.woff2")
    assert font in client.get(asset("tokens.css")).text
    assert client.get(font).headers["Content-Type"] == "font/woff2"


@pytest.mark.parametrize(("accepted", "packing", "unpacked"), [("gzip", "gzip", gzip.decompress), ("gzip, br", "br", brotli.decompress)])
def test_text_is_sent_packed_to_those_who_can_read_it(client: FlaskClient, accepted: str, packing: str, unpacked) -> None:
    plain = client.get(asset("quill/quill.css"))
    packed = client.get(asset("quill/quill.css"), headers={"Accept-Encoding": accepted})
    assert packed.headers["Content-Encoding"] == packing
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert unpacked(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert len(packed.data) < 20_000


def test_a_font_is_packed_already(client: FlaskClient) -> None:
    font = client.get(asset("fonts/literata-latin-wght-normal.woff2"), headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in font.headers


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get(asset("tokens.css")).headers["ETag"]
    assert client.get(asset("tokens.css"), headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    ["../core/config.py", "quill/../theme.toml", "quill/../templates/post.html", "fonts", "nothing.css", "%00", "../../../etc/passwd"],
)
def test_nothing_outside_the_folders_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_a_changed_file_is_seen_while_developing(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "static"
    folder.mkdir(parents=True)
    (folder / "mine.css").write_text("a {}")
    shelf = Shelf(themes=(tmp_path,), is_watching=True)
    before = shelf.address("mine/mine.css")
    (folder / "mine.css").write_text("b {}")
    assert shelf.address("mine/mine.css") != before


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine" / "static").mkdir(parents=True)
    (tmp_path / "mine" / "static" / "out.txt").symlink_to("/etc/hostname")
    assert Shelf(themes=(tmp_path,)).item("mine/out.txt") is None
