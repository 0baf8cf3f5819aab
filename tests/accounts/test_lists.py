"""Lists of people as others write them: forgiving of form, hard to hurt with."""

import pytest

from inkhorn.accounts.services.invitations.lists import LONGEST_LINE, as_list, lines_of, read_list, text_of
from inkhorn.core.errors import Invalid
from tests.growth import assert_grows_evenly


def read(text: str) -> list[tuple[str, str, str]]:
    return [(line.email, line.name, line.role) for line in read_list(text, most=100)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada@example.org", [("ada@example.org", "", "")]),
        ("ada@example.org, Ada Marsh, editor", [("ada@example.org", "Ada Marsh", "editor")]),
        ("Ada Marsh <ada@example.org>", [("ada@example.org", "Ada Marsh", "")]),
        ('"Marsh, Ada" <ada@example.org>', [("ada@example.org", "Marsh, Ada", "")]),
        ("<ada@example.org>", [("ada@example.org", "", "")]),
        ("\ufeffName;E-mail;Role\nAda;ada@example.org;editor", [("ada@example.org", "Ada", "editor")]),
        ("name\temail\nAda\tada@example.org", [("ada@example.org", "Ada", "")]),
        ("id,email,created\n7,ada@example.org,2020", [("ada@example.org", "", "")]),
        ('email,name\nada@example.org,"Marsh, Ada ""the tide"""', [("ada@example.org", 'Marsh, Ada "the tide"', "")]),
        ("# from the old site\n\n  \r\nada@example.org\r\n", [("ada@example.org", "", "")]),
        ("", []),
    ],
)
def test_a_list_is_read_as_it_was_meant(text, found):
    assert read(text) == found


def test_lines_keep_their_numbers():
    assert [line.number for line in read_list("# x\na@example.org\n\nb@example.org", most=9)] == [2, 4]


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://evil.example","x"),a@example.org',
        '"unclosed,a@example.org',
        "a\x0bb\x1cc",
        ",,,,,",
        ";",
        '"""""',
        "<<<>>>",
        "a,b,c,d,e,f,g",
        "<" * 10_000,
        '"' * 9_999,
        "\u202e\u200b",
    ],
)
def test_odd_lines_are_lines_like_any_other(text):
    assert all(isinstance(email, str) for email, _name, _role in read(text))


def test_a_line_of_megabytes_is_cut_and_quick():
    (line,) = read_list("<" + "a" * 5_000_000, most=9)
    assert len(line.text) == LONGEST_LINE
    assert_grows_evenly(lambda size: read_list("<" + "a" * size, most=9), 5_000_000)


def test_ten_thousand_lines_are_refused_before_anybody_is_invited():
    with pytest.raises(Invalid, match="500 people at most"):
        read_list("\n".join(f"p{number}@example.org" for number in range(10_000)), most=500)


def test_a_long_list_is_read_line_by_line():
    assert next(iter(lines_of(f"p{number}@example.org" for number in range(10**9)))).email == "p0@example.org"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_save_is_read(encoding):
    assert text_of("Zoë,zoe@example.org".encode(encoding)) == "Zoë,zoe@example.org"


@pytest.mark.parametrize(
    "content",
    ["Zoë,zoe@example.org".encode("latin-1"), b"PK\x03\x04\x00\x00", b"\xff\xfea", "a@b.cc".encode("utf-32"), b"a\x00@example.org"],
)
def test_what_is_no_text_is_refused_in_words(content):
    with pytest.raises(Invalid, match=r"UTF-8|not text") as refused:
        text_of(content)
    assert refused.value.field == "file"


def test_a_list_written_anew_names_the_same_people():
    given = 'Role\tName\te-mail\teditor\neditor\tA, "B"; C\ta@example.org\tx\n\t\t#b\n,,;;\tN\tnonsense'
    first = read_list(given, most=9)
    again = read_list("typed@example.org; T\n" + as_list(first), most=9)[1:]
    assert [(line.email, line.name, line.role) for line in again] == [(line.email, line.name, line.role) for line in first]
