"""A file is what its bytes say, whatever it is called."""

import pytest

from inkhorn.media.content import FileRefused, is_inline, recognise
from tests.factories.media import CORPUS, picture_bytes

KINDS = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
} | {
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".oggtheora": "video/ogg",
}
OTHERWISE = {"18f-jpeg-named.png": "image/jpeg", "18f-png-named.jpg": "image/png"}
REFUSED = {"emptyfile.mp3": "empty", "adif.aac": "Bare AAC", "64bit.mp4": "old kind", "18f-html-named-cg-logo.svg": "web page"} | {
    "16bit.cropped.tif": "TIFF",
    "hopper_gray_4bpp.tif": "TIFF",
    "hopper.ico": "ICO",
    "decompression_bomb.ico": "ICO",
    "negative_size.ppm": "not kept",
}
FILES = sorted(path for path in CORPUS.rglob("*.*") if path.is_file())


@pytest.mark.corpora
@pytest.mark.skipif(not FILES, reason="the corpora are not beside the checkout")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_the_corpus_is_what_it_is(path) -> None:
    head = path.read_bytes()[:65536]
    if sentence := REFUSED.get(path.name):
        with pytest.raises(FileRefused, match=sentence):
            recognise(head, path.name)
        return
    expected = OTHERWISE.get(path.name) or KINDS.get(path.suffix) or ("image/svg+xml" if path.suffix == ".svg" else "video/mp4")
    assert recognise(head, path.name).content_type == expected


def test_the_name_does_not_make_a_page_a_picture() -> None:
    with pytest.raises(FileRefused, match="web page"):
        recognise(b"\n<!DOCTYPE html><script>alert(1)</script>", "photo.jpg")


@pytest.mark.parametrize("name", ["a.php", "a.html", ".htaccess", "a.js", "a", "a.exe"])
def test_text_under_a_name_that_is_not_text_is_refused(name: str) -> None:
    with pytest.raises(FileRefused):
        recognise(b"<?php system($_GET['x']);", name)


@pytest.mark.parametrize(("name", "kind"), [("a.txt", "text/plain"), ("b.CSV", "text/csv"), ("c.md", "text/plain")])
def test_plain_text_is_kept_and_never_shown_in_place(name: str, kind: str) -> None:
    assert recognise(b"Ebbe und Flut", name).content_type == kind
    assert not is_inline(kind)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"a\x00b", b"\x1b[31m"])
def test_what_is_no_text_is_not_taken_for_text(content: bytes) -> None:
    with pytest.raises(FileRefused):
        recognise(content, "a.txt")


def test_a_letter_cut_in_two_by_the_head_is_still_text() -> None:
    assert recognise(("a" + "ß" * 40_000).encode()[:65536], "a.txt").content_type == "text/plain"


def test_office_files_keep_their_ending_and_other_archives_are_zip() -> None:
    assert recognise(b"PK\x03\x04rest", "report.docx").extension == "docx"
    assert recognise(b"PK\x03\x04rest", "report.php").extension == "zip"


def test_a_picture_keeps_its_own_ending() -> None:
    assert recognise(picture_bytes(form="PNG"), "evil.svg").extension == "png"
