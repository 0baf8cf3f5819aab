"""Smaller versions in the formats that browsers choose from, never larger than what they come from."""

import io
from pathlib import Path

import pytest
from PIL import Image

from inkhorn.media.images import studio
from tests.factories.media import picture_bytes


def drawn(tmp_path: Path, data: bytes) -> dict[str, list[int]]:
    (tmp_path / "in").write_bytes(data)
    found: dict[str, list[int]] = {}
    for each in studio.draw_smaller(tmp_path / "in", tmp_path):
        with Image.open(tmp_path / each.name) as picture:
            assert picture.size == (each.width, each.height)
            assert not dict(picture.getexif())
        found.setdefault(each.content_type, []).append(each.width)
    return found


def noisy(width: int, height: int, form: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, form, **options)
    return out.getvalue()


def test_a_large_photograph_is_drawn_in_every_width(tmp_path: Path) -> None:
    found = drawn(tmp_path, noisy(3000, 400, quality=95))
    assert found["image/webp"] == found["image/avif"] == [320, 640, 960, 1280, 1920, 2560]
    assert found["image/jpeg"] == [640, 1280, 2560]


def test_nothing_is_ever_drawn_larger(tmp_path: Path) -> None:
    found = drawn(tmp_path, noisy(700, 400, quality=95))
    assert found["image/webp"] == [320, 700]
    assert "image/jpeg" not in found


def test_a_format_that_is_no_lighter_is_left_out(tmp_path: Path) -> None:
    found = drawn(tmp_path, noisy(700, 400, "WEBP", quality=5))
    assert "image/webp" not in found
    assert found["image/jpeg"] == [700]


def test_what_shows_through_stays_so(tmp_path: Path) -> None:
    picture = Image.open(io.BytesIO(noisy(900, 600))).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((900, 600)))
    picture.save(tmp_path / "see-through", "PNG")
    drawn(tmp_path, (tmp_path / "see-through").read_bytes())
    with Image.open(tmp_path / "320.webp") as picture:
        assert picture.mode == "RGBA"


@pytest.mark.parametrize("data", [picture_bytes(20, 20), picture_bytes(300, 200, "PNG")])
def test_a_light_picture_is_left_alone(data: bytes, tmp_path: Path) -> None:
    assert drawn(tmp_path, data) == {}
