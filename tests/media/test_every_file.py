"""Every file of the corpora, sent at the desk, does what the table beside them says of it: one test for all 71."""

import io
import re
from dataclasses import dataclass

import mutagen
import pi_heif
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from inkhorn.core.database import session, transaction
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Track
from inkhorn.media.services import make_renditions
from tests.factories.media import CORPUS, picture_bytes
from tests.factories.shows import make_album


@dataclass(frozen=True)
class Row:
    """One line of the corpora's own table."""

    path: str
    size_bytes: int
    what: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def content(self) -> bytes:
        return (CORPUS / self.path).read_bytes()


@dataclass(frozen=True)
class Sound:
    """A sound that is kept, and what makes one doubt it."""

    content_type: str
    doubt: str = ""


# What each becomes: type, width, height, whether it moves; a sound; or the words it is refused in.
TABLE: dict[str, tuple[str, int | None, int | None, bool] | Sound | str] = {
    "16bit.cropped.tif": "TIFF pictures are not for the web. Save it as JPEG or PNG.",
    "18f-gps.jpg": ("image/jpeg", 451, 600, False),
    "18f-jpeg-named.png": ("image/jpeg", 713, 713, False),
    "18f-loading-anim.gif": ("image/gif", 160, 20, True),
    "18f-png-named.jpg": ("image/png", 787, 380, False),
    "18f-screenshot11-anim.gif": ("image/gif", 740, 141, True),
    "adam-klein.avif": ("image/avif", 192, 192, False),
    "broken_exif_dpi.jpg": ("image/jpeg", 100, 100, False),
    "chi.gif": ("image/gif", 320, 240, True),
    "decompression_bomb.gif": "The picture has more than 100 million pixels. Make it smaller and send that.",
    "decompression_bomb.ico": "ICO pictures are not kept. Save it as PNG.",
    "dispose_bgnd.gif": ("image/gif", 100, 100, True),
    "exif.png": ("image/png", 512, 512, False),
    "exif_gps.jpg": ("image/jpeg", 8, 8, False),
    "hopper.gif": ("image/gif", 128, 128, False),
    "hopper.ico": "ICO pictures are not kept. Save it as PNG.",
    "hopper.jpg": ("image/jpeg", 128, 128, False),
    "hopper.png": ("image/png", 128, 128, False),
    "hopper.webp": ("image/webp", 128, 128, False),
    "hopper_bad_exif.jpg": ("image/jpeg", 500, 500, False),
    "hopper_gray_4bpp.tif": "TIFF pictures are not for the web. Save it as JPEG or PNG.",
    "hopper_orientation_2.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_3.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_3.webp": ("image/webp", 128, 128, False),
    "hopper_orientation_4.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_5.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_6.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_6.webp": ("image/webp", 128, 128, False),
    "hopper_orientation_7.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_8.jpg": ("image/jpeg", 128, 128, False),
    "hopper_orientation_8.webp": ("image/webp", 128, 128, False),
    "invalid-exif.jpg": ("image/jpeg", 200, 200, False),
    "iss634.webp": ("image/webp", 245, 245, True),
    "lektor-gps-header.jpg": ("image/jpeg", 2200, 643, False),
    "migrate-image.avif": ("image/avif", 100, 100, False),
    "migrate-image.heic": ("image/jpeg", 640, 426, False),
    "negative_size.ppm": "Files of this kind are not kept.",
    "pil_sample_cmyk.jpg": ("image/jpeg", 100, 100, False),
    "transparent.png": ("image/png", 200, 150, False),
    "transparent.webp": ("image/webp", 200, 150, False),
    "truncated_image.png": "The picture is cut off: its file ends before the picture does. Send it again.",
    "truncated_jpeg.jpg": "The picture is cut off: its file ends before the picture does. Send it again.",
    "xmp_tags_orientation.png": ("image/png", 326, 268, False),
    "18f-html-named-cg-logo.svg": "This is a web page and not a picture or document. Save what it shows as a picture or PDF.",
    "18f-pride.svg": ("image/svg+xml", 40, 40, False),
    "naive-bootstrap-stage.svg": ("image/svg+xml", 541, 422, False),
    "rustc-flamegraph-with-script.svg": ("image/svg+xml", 1200, 262, False),
    "64bit.mp4": "This is an old kind of film, or the beginning of the file is missing.",
    "adif.aac": "Bare AAC cannot be moved about in by a player. Save it as M4A or MP3.",
    "alac.m4a": Sound("audio/mp4"),
    "bad-TYER-frame.mp3": Sound("audio/mpeg"),
    "empty.ogg": Sound("audio/ogg"),
    "emptyfile.mp3": "The file is empty. Choose another one.",
    "example.opus": Sound("audio/ogg"),
    "has-tags.m4a": Sound("audio/mp4"),
    "id3v1v2-combined.mp3": Sound("audio/mpeg"),
    "id3v22-test.mp3": Sound("audio/mpeg"),
    "lame.mp3": Sound("audio/mpeg"),
    "migrate-audio.mp3": Sound("audio/mpeg"),
    "multipagecomment.ogg": Sound("audio/ogg"),
    "nero-chapters.m4b": Sound("audio/mp4", doubt="hardly any sound"),
    "no-tags.m4a": Sound("audio/mp4"),
    "no-tags.mp3": Sound("audio/mpeg"),
    # Its table calls it a film: kept as one, and no song of an album.
    "sample.oggtheora": ("video/ogg", None, None, True),
    "silence-2s-PCM-44100-16-ID3v23.wav": Sound("audio/wav"),
    "silence-44-s.flac": Sound("audio/flac"),
    "silence-44-s.mp3": Sound("audio/mpeg"),
    "too-short.mp3": "There is no sound in this file, or too little of it to be played.",
    "truncated-64bit.mp4": "The file is cut off: the end of it is missing. Send the whole file.",
    "vbri.mp3": Sound("audio/mpeg", doubt="222 seconds"),
    "xing.mp3": Sound("audio/mpeg"),
}
SOURCE = CORPUS / "SOURCE"
LINES = [line.split(" | ") for line in SOURCE.read_text().splitlines()] if SOURCE.is_file() else []
ROWS = [Row(path, int(size.removesuffix(" B")), what) for path, size, what, _origin in LINES if size.endswith(" B")]
pi_heif.register_heif_opener()
# Marks of a camera, a place, an author or an editor, and of what runs.
PASSENGERS = re.compile(rb"\xff\xe1..Exif|http://ns.adobe|GPS|eXIf|tEXt|<script|onload=|foreignObject|javascript:", re.DOTALL)
# Mean difference of two pictures from 0 to 255 that are one, saved again and perhaps with other colours as a profile asked.
ALIKE = 24

pytestmark = [
    pytest.mark.corpora,
    # Some of the pictures are broken enough for the reader that they are compared by to say so.
    pytest.mark.filterwarnings("ignore:Corrupt EXIF"),
    pytest.mark.skipif(not ROWS, reason="the corpora are not beside the checkout"),
]


def test_the_table_names_every_file():
    assert len(ROWS) == 71
    assert sorted(row.name for row in ROWS) == sorted(TABLE)
    assert {CORPUS / row.path for row in ROWS} == {path for path in CORPUS.glob("*/*") if path.is_file()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_file_of_the_corpora_does_what_its_table_says(row, at_desk, wren):
    assert len(row.content) == row.size_bytes
    expected, desk = TABLE[row.name], at_desk(wren)
    if isinstance(expected, str):
        refused(row, expected, desk)
    elif isinstance(expected, Sound):
        plays(row, expected, desk, make_album(by=wren, is_published=False).id)
    else:
        shows(row, expected, desk)


def refused(row, sentence, desk):
    """In words that name the field, and nothing of it is kept."""
    before = {each.key for each in storage().files()}
    answer = desk.ask("/desk/media/upload", file=(io.BytesIO(row.content), row.name))
    assert answer.status_code == 422
    assert answer.json["detail"].startswith(sentence)
    assert answer.json["errors"][0]["field"] == "file"
    assert {each.key for each in storage().files()} == before


def plays(row, expected, desk, album):
    """As long as another reader says, whole, and byte for byte under its own name."""
    files = {"file": (io.BytesIO(row.content), row.name)}
    assert desk.ask(f"/desk/media/albums/{album}/tracks", **files).status_code == 200
    track = session().query(Track).filter_by(album_id=album).one()
    assert track.seconds == pytest.approx(mutagen.File(CORPUS / row.path).info.length, abs=0.1)
    assert expected.doubt in track.doubt
    assert bool(track.doubt) == bool(expected.doubt)
    served = desk.get(track.asset.path)
    assert (served.content_type, served.data, track.asset.filename) == (expected.content_type, row.content, row.name)


def shows(row, expected, desk):
    """Of that type and size, sandboxed, the right way up and without a word of who, where and with what; its smaller versions too."""
    told = desk.ask("/desk/media/upload", file=(io.BytesIO(row.content), row.name)).json
    assert (told["content_type"], told["width"], told["height"]) == expected[:3]
    served = desk.get(told["path"])
    assert served.content_type.partition(";")[0] == expected[0]
    assert served.headers["Content-Security-Policy"].startswith("sandbox")
    assert not PASSENGERS.search(served.data)
    if not expected[0].startswith("image/") or expected[0] == "image/svg+xml":
        return
    with Image.open(io.BytesIO(served.data)) as picture:
        assert (getattr(picture, "n_frames", 1) > 1) is expected[3]
    asset = session().get_one(Asset, told["id"])
    with transaction():
        make_renditions(asset)
    for content in [served.data, *(desk.get(each.path).data for each in asset.renditions)]:
        assert not PASSENGERS.search(content)
        same_and_bare(content, row)


def same_and_bare(content, row):
    with Image.open(io.BytesIO(content)) as picture, Image.open(upright(row)) as wanted:
        assert not dict(picture.getexif())
        assert "xmp" not in picture.info
        found, straight_up = (on_paper(each) for each in (picture, ImageOps.exif_transpose(wanted)))
    straight = apart(found, straight_up)
    assert straight < ALIKE
    assert all(straight <= apart(found.transpose(turn), straight_up) + 0.5 for turn in Image.Transpose)


def on_paper(picture):
    small = picture.convert("RGBA").resize((64, 64))
    return Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("RGB")


def apart(one, other):
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def upright(row):
    """What the picture is to look like: one that was never turned, where there is one."""
    turned = re.fullmatch(r"(image/hopper)_orientation_\d(\.\w+)", row.path)
    return CORPUS / (turned[1] + turned[2] if turned else row.path)


def test_what_a_phone_took_shows_the_same_picture(at_desk, wren):
    content = (CORPUS / "image/migrate-image.heic").read_bytes()
    told = at_desk(wren).ask("/desk/media/upload", file=(io.BytesIO(content), "IMG_0042.HEIC")).json
    assert told["filename"] == "IMG_0042.jpg"
    assert told["path"].endswith(".jpg")


@pytest.mark.parametrize("cut", [40, 200, 3000, 40_000])
def test_a_phones_picture_that_is_cut_off_is_refused_in_words(at_desk, wren, cut):
    content = (CORPUS / "image/migrate-image.heic").read_bytes()[:cut]
    answer = at_desk(wren).ask("/desk/media/upload", file=(io.BytesIO(content), "a.heic"))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "file")


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04" + b"\0" * 100, b"%PDF-1.7 ..."])
def test_what_rides_behind_a_picture_is_cut_off(at_desk, wren, tail):
    desk = at_desk(wren)
    told = desk.ask("/desk/media/upload", file=(io.BytesIO(picture_bytes() + tail), "a.jpg")).json
    assert tail not in desk.get(told["path"]).data
