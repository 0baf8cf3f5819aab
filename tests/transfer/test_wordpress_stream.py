"""Reading the XML of an export: refusals, damage, and memory that stays flat however long the file is."""

import os
import tracemalloc
from pathlib import Path

import pytest

from inkhorn.transfer.manuscript import Problem
from inkhorn.transfer.wordpress.entries import Entry, UnreadableExport
from inkhorn.transfer.wordpress.mending import Mender
from inkhorn.transfer.wordpress.stream import read_entries
from tests.transfer.wxr import HEAD, TAIL, export, item


def titles(file: Path) -> list[str]:
    return [entry.get("title") for entry in read_entries(file) if isinstance(entry, Entry) and entry.tag == "item"]


def problems(file: Path) -> dict[str, Problem]:
    return {entry.what: entry for entry in read_entries(file) if isinstance(entry, Problem)}


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss>",
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "https://elsewhere.example/a.dtd">',
    ],
)
def test_a_document_type_is_refused_in_a_sentence(tmp_path, doctype):
    declaration, rest = HEAD.split("\n", 1)
    file = export(tmp_path, item("&a;"), head=f"{declaration}\n{doctype}\n{rest}")
    with pytest.raises(UnreadableExport, match="declares a document type or entities"):
        titles(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "ends before"),
        (b"not xml at all", "cannot be read as XML"),
        (b"<html><body>A page</body></html>", "begins with <html>"),
        (b"<rss><channel><title>Feed</title></channel></rss>", "is a feed"),
        (b"PK\x03\x04rest", "unpack it"),
        (b'<?xml version="1.0" encoding="x-nothing"?><rss/>', "encoding that is not known"),
    ],
)
def test_what_is_no_export_is_refused_in_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "a.xml"
    file.write_bytes(content)
    with pytest.raises(UnreadableExport, match=sentence):
        titles(file)


def test_an_absent_file_and_a_folder_are_refused_in_a_sentence(tmp_path):
    for path in (tmp_path / "nothing.xml", tmp_path):
        with pytest.raises(UnreadableExport, match="cannot be opened"):
            titles(path)


def test_a_truncated_export_gives_what_was_complete(tmp_path):
    file = export(tmp_path, item(title="Whole"), item("cut " * 50, title="Cut"))
    file.write_bytes(file.read_bytes()[: -len(TAIL) - 60])
    assert titles(file) == ["Whole"]
    assert "“Cut” is not complete" in problems(file)["truncated"].why


def test_one_broken_item_does_not_take_the_others_with_it(tmp_path):
    broken = item(title="Broken").replace("</wp:status>", "</wp:state>")
    file = export(tmp_path, item(title="First"), broken, item(title="Third"))
    assert titles(file) == ["First", "Third"]
    found = problems(file)["broken-xml"]
    assert "“Broken” was left out" in found.why
    assert found.where == f"line {file.read_text().split('Broken')[0].count(chr(10)) + 1}"


def test_control_characters_and_broken_encoding_are_left_out_and_counted(tmp_path):
    file = export(tmp_path, item(title="A\x08\x0b bell"))
    file.write_bytes(file.read_bytes().replace(b"bell", b"b\xffll"))
    assert titles(file) == ["A b�ll"]
    assert problems(file)["unreadable-characters"].why.startswith("3 characters")


def test_other_encodings_are_read(tmp_path):
    file = export(tmp_path, item(title="Café"))
    text = file.read_text(encoding="utf-8").replace("UTF-8", "ISO-8859-1").replace("Inês", "Ines")
    file.write_bytes(text.encode("latin-1"))
    assert titles(file) == ["Café"]


def test_bare_ampersands_and_html_entities_are_mended(tmp_path):
    file = export(tmp_path, item(title="Salt & sea").replace("Salt &amp; sea", "Salt & sea&mdash;again &amp; &unheard;"))
    assert titles(file) == ["Salt & sea—again & &unheard;"]
    assert problems(file)["entities"].severity == "changed"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_mending_does_not_depend_on_where_the_chunks_end(size):
    text = 'a & b &mdash; <x y="1&2"> <![CDATA[ & &mdash; ]] ]]> &amp; <!-- & --> & <![CDATA[x]]]]><![CDATA[>]]> &'
    mender = Mender()
    pieces = [mender.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join([*pieces, mender.feed("", final=True)]) == Mender().feed(text, final=True)


def test_escaped_cdata_comes_out_whole(tmp_path):
    file = export(tmp_path, item("a <![CDATA[ b ]]]]><![CDATA[> c"))
    entry = next(entry for entry in read_entries(file) if isinstance(entry, Entry) and entry.tag == "item")
    assert entry.fields["content:encoded"] == "a <![CDATA[ b ]]> c"


def test_an_item_too_large_to_be_a_post_is_left_out(tmp_path):
    file = export(tmp_path, item("x" * (33 << 20), title="Huge"), item(title="Small"))
    assert titles(file) == ["Small"]
    assert "32 MB" in problems(file)["too-large"].why


def test_memory_does_not_grow_with_the_file(tmp_path):
    # INKHORN_TEST_LARGE_MB=1000 shows the full gigabyte.
    megabytes = int(os.environ.get("INKHORN_TEST_LARGE_MB", "60"))
    file = tmp_path / "large.xml"
    body = "<p>Words that somebody wrote &amp; kept.</p>\n" * 100
    with file.open("w", encoding="utf-8") as stream:
        stream.write(HEAD)
        while stream.tell() < megabytes * 1_000_000:
            stream.write(item(body) * 50)
        stream.write(TAIL)
    tracemalloc.start()
    count = sum(1 for entry in read_entries(file))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > megabytes * 150
    assert peak < 10_000_000
