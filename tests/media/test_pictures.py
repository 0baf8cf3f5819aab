"""Pictures come out whole, upright and without a word about who took them where."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageOps

from inkhorn.media.images import studio
from tests.factories.media import CORPUS, picture_bytes

IMAGES = CORPUS / "image"
REFUSED = {"truncated_image.png": "cut off", "truncated_jpeg.jpg": "cut off", "decompression_bomb.gif": "100 million pixels"}
SEEN = sorted(path for path in IMAGES.glob("*.*") if path.suffix in (".jpg", ".png", ".gif", ".webp", ".avif"))
with_corpus = pytest.mark.skipif(not SEEN, reason="the corpora are not beside the checkout")


def cleaned(tmp_path: Path, data: bytes) -> tuple[Image.Image, studio.Seen]:
    (tmp_path / "in").write_bytes(data)
    seen = studio.clean(tmp_path / "in", tmp_path / "out")
    return Image.open(tmp_path / "out"), seen


def with_exif(**options) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = options.pop("orientation", 1)
    exif[0x010F] = "Secret Camera"
    return picture_bytes(exif=exif.tobytes(), **options)


@pytest.mark.corpora
@with_corpus
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", SEEN, ids=lambda path: path.name)
def test_every_picture_of_the_corpus_is_cleaned_or_refused_in_words(path: Path, tmp_path: Path) -> None:
    if sentence := REFUSED.get(path.name):
        with pytest.raises(studio.PictureRefused, match=sentence):
            studio.clean(path, tmp_path / "out")
        return
    seen = studio.clean(path, tmp_path / "out")
    with Image.open(path) as before, Image.open(tmp_path / "out") as after:
        assert (after.width, after.height) == (seen.width, seen.height) == ImageOps.exif_transpose(before).size
        assert not dict(after.getexif())
        assert not {"xmp", "comment", "photoshop"} & set(after.info)
        assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)


@pytest.mark.corpora
@with_corpus
@pytest.mark.parametrize("name", [f"hopper_orientation_{number}.jpg" for number in range(2, 9)])
def test_a_turned_picture_stands_upright(name: str, tmp_path: Path) -> None:
    studio.clean(IMAGES / name, tmp_path / "out")
    with Image.open(IMAGES / "hopper.jpg") as upright, Image.open(tmp_path / "out") as after:
        pairs = zip(upright.resize((8, 8)).tobytes(), after.resize((8, 8)).tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) < 24


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_pixels_are_left_alone_where_nothing_needs_turning(form: str, tmp_path: Path) -> None:
    data = with_exif(form=form)
    after, _ = cleaned(tmp_path, data)
    assert after.tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert b"Secret Camera" not in (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_format_is_turned_upright(form: str, tmp_path: Path) -> None:
    after, seen = cleaned(tmp_path, with_exif(form=form, orientation=6))
    assert (seen.width, seen.height) == after.size == (500, 800)
    assert b"Secret Camera" not in (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_what_follows_the_picture_is_cut_off(form: str, tmp_path: Path) -> None:
    cleaned(tmp_path, picture_bytes(form=form) + b"PK\x03\x04 a passenger <script>")
    assert b"passenger" not in (tmp_path / "out").read_bytes()


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    bomb = bytearray(picture_bytes(8, 8, form="PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = __import__("zlib").crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    studio.clean(*_small(tmp_path))
    ordinary, waits = [], []
    for _ in range(3):
        begun = time.monotonic()
        studio.clean(*_small(tmp_path))
        between = time.monotonic()
        with pytest.raises(studio.PictureRefused, match="100 million"):
            cleaned(tmp_path, bytes(bomb))
        ordinary.append(between - begun)
        waits.append(time.monotonic() - between)
    # Opening it would take some 10 GB and half a minute; a small picture takes a hundredth of a second.
    assert min(waits) < min(ordinary) + 0.5


def test_a_print_picture_becomes_one_for_screens(tmp_path: Path) -> None:
    after, _ = cleaned(tmp_path, picture_bytes(mode="CMYK"))
    assert after.mode == "RGB"


def test_an_ordinary_profile_is_dropped_and_its_pixels_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    after, _ = cleaned(tmp_path, picture_bytes(icc_profile=profile))
    assert "icc_profile" not in after.info


def test_an_animation_keeps_every_frame_and_its_rhythm(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), (number * 50, 9, 9)) for number in range(5)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=120, loop=0, comment=b"by me")
    after, seen = cleaned(tmp_path, out.getvalue())
    assert seen.is_animated
    assert (after.n_frames, after.info["duration"], after.info["loop"]) == (5, 120, 0)
    assert b"by me" not in (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("data", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X", b"x" * 100])
def test_damage_is_refused_in_words(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(studio.PictureRefused, match=r"damaged|cut off"):
        cleaned(tmp_path, data)


def test_a_child_that_dies_is_replaced(tmp_path: Path) -> None:
    studio.clean(*_small(tmp_path))
    for child in studio._idle:
        child.kill()
        child.wait()
    assert studio.clean(*_small(tmp_path)).width == 8


def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(studio.PATIENCE_SECONDS, "clean", 0.0)
    with pytest.raises(studio.PictureRefused, match="time or memory"):
        cleaned(tmp_path, picture_bytes(4000, 3000))


def test_the_child_has_neither_secrets_nor_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKHORN_SECRET_KEY", "hush")
    child = studio._started()
    try:
        assert child.stdin
        child.stdin.write(b'{"verb": "clean", "source": "/nowhere", "target": "/nowhere"}\n')
        child.stdin.flush()
        assert b"refused" in child.stdout.readline()
        assert b"hush" not in Path(f"/proc/{child.pid}/environ").read_bytes()
        assert Path(f"/proc/{child.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    finally:
        child.kill()
        child.communicate()


def _small(folder: Path) -> tuple[Path, Path]:
    (folder / "small").write_bytes(picture_bytes(8, 8))
    return folder / "small", folder / "small-out"
