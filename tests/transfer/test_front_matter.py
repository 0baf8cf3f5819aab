"""Front matter in five dialects, and in none."""

from pathlib import Path

import pytest

from inkhorn.transfer.markdown.front_matter import UnreadableText, read_lektor, read_matter, split_matter
from inkhorn.transfer.markdown.values import text_of, words_of


def test_yaml_is_read_between_dashes():
    matter = split_matter("---\ntitle: The tide table\ntags: [sea, clocks]\n---\nWords.\n")
    assert (matter.form, matter.values, matter.body) == ("yaml", {"title": "The tide table", "tags": ["sea", "clocks"]}, "Words.\n")


def test_toml_is_read_between_pluses():
    matter = split_matter('+++\ntitle = "The tide table"\n[extra]\nteam = "harbour"\n+++\n\nWords.\n')
    assert matter.form == "toml"
    assert matter.values["extra"] == {"team": "harbour"}


def test_json_is_read_up_to_its_closing_brace():
    matter = split_matter('{"title": "The tide table"}\n\nWords with {braces}.\n')
    assert (matter.values, matter.body) == ({"title": "The tide table"}, "Words with {braces}.\n")


def test_bare_lines_end_at_the_first_empty_one():
    matter = split_matter("Title: Ebb: a memoir\nTags: sea, clocks\n\nWords: these are not a key.\n")
    assert matter.values == {"title": "Ebb: a memoir", "tags": "sea, clocks"}
    assert matter.body == "Words: these are not a key.\n"


def test_text_without_front_matter_stays_whole():
    assert split_matter("Just words.\n\nAnd more: of them.\n").body == "Just words.\n\nAnd more: of them.\n"


def test_what_is_not_yaml_is_read_line_by_line_and_says_so():
    matter = split_matter("---\ntitle: Ebb: a memoir\ndraft: false\nauthors:\n- ada\n\t- ben\n---\nWords.\n")
    assert matter.values == {"title": "Ebb: a memoir", "draft": False, "authors": ["ada", "ben"]}
    assert "line 2" in (matter.complaint or "")


def test_front_matter_that_is_indented_is_read():
    assert split_matter("---\n title: Ebb: a memoir\n date: 2020-01-02\n---\n").values == {"title": "Ebb: a memoir", "date": "2020-01-02"}


def test_a_bomb_of_aliases_is_not_unfolded():
    rows = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    matter = split_matter(f"---\na0: &a0 [x]\n{rows}tags: *a29\ntitle: Tide\n---\nWords.\n")
    assert (words_of(matter.values["tags"]), text_of(matter.values["tags"])) == ([], "")


def test_dashes_within_the_text_do_not_end_it():
    assert split_matter("---\ntitle: A\n---\nOne\n\n---\n\nTwo\n").body == "One\n\n---\n\nTwo\n"


def test_lektor_fields_are_parted_by_dashes_and_keep_longer_ones():
    fields, blank_before = read_lektor("title: Ebb\n---\nbody:\n\nOne\n\n----\n\nTwo\n")
    assert fields == {"title": "Ebb", "body": "One\n\n---\n\nTwo"}
    assert not blank_before


def test_a_blank_before_lektor_names_is_noticed():
    fields, blank_before = read_lektor(" title: Ebb\n---\n body:\n One\n Two\n")
    assert fields == {"title": "Ebb", "body": "One\nTwo"}
    assert blank_before


def test_a_file_that_is_not_utf_8_is_read_and_says_so(tmp_path: Path):
    (tmp_path / "a.md").write_bytes(b"---\ntitle: Caf\xe9\x00\n---\r\nWords.\r\n")
    matter = read_matter(tmp_path / "a.md")
    assert matter.values["title"] == "Café"
    assert matter.body == "Words.\n"
    assert len(matter.mended) == 2


def test_a_missing_file_is_a_sentence(tmp_path: Path):
    with pytest.raises(UnreadableText, match="cannot be read"):
        read_matter(tmp_path / "none.md")
