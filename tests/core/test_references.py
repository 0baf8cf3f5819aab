"""Addresses that a text names, and the files and texts they mean."""

from pathlib import Path

from inkhorn.core.prose.references import lead_references, references_in
from tests.transfer.folders import PIXEL, only, problems, records


def wordings(text: str) -> list[str]:
    return [wording for _, _, wording in references_in(text)]


def test_every_way_to_name_an_address_is_seen():
    text = '![a](a.png "t") [b](<b c.png>) [w](x_(y).md)\n\n[d]: d.png\n\n<img class="x" src="e.png"> <a href=\'f.pdf\'>'
    assert wordings(text) == ["a.png", "b c.png", "x_(y).md", "d.png", "e.png", "f.pdf"]


def test_addresses_in_code_are_not():
    assert wordings("`[a](a.png)`\n\n```\n![b](b.png)\n```\n\n~~~\n<img src='c.png'>\n~~~\n") == []


def test_addresses_in_blocks_of_raw_html_are_seen():
    text = '```{=html}\n<table><tr><td><img src="a.png"></td></tr></table>\n```\n\n```\n<img src="b.png">\n```\n'
    assert wordings(text) == ["a.png"]


def test_only_whole_addresses_are_replaced():
    assert lead_references("![a](a.png) [x](a.png.zip)", {"a.png": "/media/1.png"}) == "![a](/media/1.png) [x](a.png.zip)"


def test_a_file_beside_the_text_comes_with_it(tmp_path: Path):
    text = "+++\npath = '2020/01/02/Sea'\ntitle = 'Sea'\n+++\n![Sea](sea.png)\n"
    manuscript = only(records(tmp_path, {"content/sea/index.md": text, "content/sea/sea.png": PIXEL}, "zola"))
    assert [(file.key, file.references) for file in manuscript.files] == [("content/sea/sea.png", ("sea.png",))]


def test_a_file_at_the_root_of_the_site_is_found(tmp_path: Path):
    files = {"content/a.md": "---\ntitle: A\ndate: 2020-01-02\n---\n![S](/img/s.png)", "static/img/s.png": PIXEL}
    assert only(records(tmp_path, files, "hugo")).files[0].key == "static/img/s.png"


def test_static_files_beside_a_content_folder_are_found(tmp_path: Path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "s.png").write_bytes(PIXEL)
    found = records(tmp_path / "content", {"posts/a.md": "---\ntitle: A\ndate: 2020-01-02\n---\n![S](/s.png)"}, "hugo")
    assert [file.key for file in only(found).files] == ["../static/s.png"]


def test_nothing_outside_the_folder_is_opened(tmp_path: Path):
    (tmp_path / "secret.png").write_bytes(PIXEL)
    found = records(tmp_path / "site", {"a.md": "---\ntitle: A\ndate: 2020-01-02\n---\n![S](../secret.png) ![T](/etc/passwd)"}, "hugo")
    assert only(found).files == []
    assert "missing-file" in problems(found)


def test_a_link_to_another_text_becomes_its_address(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "content/posts/ebb.md": "---\ntitle: Ebb\ndate: 2020-01-02\n---\nSee [flood](flood.md#noon).",
        "content/posts/flood.md": "---\ntitle: Flood\ndate: 2020-01-02\nslug: high-water\n---\nWords.",
    }
    bodies = [record.body for record in records(tmp_path, files, "hugo") if hasattr(record, "body")]
    assert bodies[0] == "See [flood](/posts/high-water/#noon).\n"


def test_a_relative_link_means_what_it_meant_at_the_old_address(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "_posts/2020-01-02-ebb.md": "---\ntitle: Ebb\npermalink: /a/ebb/\n---\n[up](../flood/) [here](#x) [out](https://e.org)"
    }
    assert only(records(tmp_path, files, "jekyll")).body == "[up](/a/flood/) [here](#x) [out](https://e.org)\n"
