"""What texts are cut into, and what somebody who types means."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhorn.search.grammar import MOST_BYTES, Question, Term, fold, understand, words_of, written
from tests.growth import assert_grows_evenly


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Slack water, twice.", ["slack", "water", "twice"]),
        ("Ångström’s CAFÉ", ["angstrom", "s", "cafe"]),
        ("Straße İstanbul ſoft", ["strasse", "istanbul", "soft"]),
        ("smørrebrød Łódź æon", ["smorrebrod", "lodz", "aeon"]),
        ("Ἀθῆναι ёж", ["αθηναι", "еж"]),
        ("v1.2-beta_3", ["v1", "2", "beta", "3"]),
        ("日本語の", ["日本語", "本語の", "語の", "の"]),
        ("ﾊﾟﾝ", ["パン", "ン"]),
        ("漢字mixed", ["漢字", "字", "mixed"]),
        ("한국", ["한국", "국"]),
        ("हिन्दी", ["हिन्दी"]),
        ("ไทย", ["ไทย", "ทย", "ย"]),
        ("שָׁלוֹם كِتاب", ["שלום", "كتاب"]),
        ("a\0b🦀c", ["a", "b", "c"]),
        ("!?…—", []),
    ],
)
def test_a_text_becomes_plain_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("slack water", [Term(("slack",)), Term(("water",), is_prefix=True)]),
        ('"slack water"', [Term(("slack", "water"))]),
        ('"slack wat', [Term(("slack", "wat"), is_prefix=True)]),
        ("“slack water”", [Term(("slack", "water"))]),
        ("tide -clock", [Term(("tide",)), Term(("clock",), is_unwanted=True)]),
        ("author:Ida sea", [Term(("ida",), field="authors"), Term(("sea",), is_prefix=True)]),
        ('TAG:"salt & wind"', [Term(("salt", "wind"), field="tags")]),
        ('-tag:ink "x"', [Term(("ink",), field="tags", is_unwanted=True), Term(("x",))]),
        ("author:", [Term(("author",), is_prefix=True)]),
        ("don't stop", [Term(("don", "t")), Term(("stop",), is_prefix=True)]),
        ("sea sea a", [Term(("sea",)), Term(("a",))]),
        ("検索 x", [Term(("検索",), is_prefix=True), Term(("x",))]),
        ("日本語 x", [Term(("日本語",)), Term(("x",))]),
        ("日本語の本 x", [Term(("日本語", "本語の", "語の本")), Term(("x",))]),
        ("before:yesterday x", [Term(("before", "yesterday")), Term(("x",))]),
        ("AND OR NOT NEAR( x", [Term(("and",)), Term(("or",)), Term(("not",)), Term(("near",)), Term(("x",))]),
        ('- -- "" "*" ( * :', []),
    ],
)
def test_what_is_typed_is_understood(text: str, terms: list[Term]) -> None:
    assert list(understand(text).terms) == terms


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("before:2024", date(2024, 1, 1), None),
        ("after:2024-05 before:2024-06-09", date(2024, 6, 9), date(2024, 5, 1)),
        ("after:2024-13", None, None),
        ("after:2024-02-30", None, None),
        ("before:0001 after:9999", None, None),
        ("-before:2024", None, None),
    ],
)
def test_days_bound_what_is_found(text: str, before: date | None, after: date | None) -> None:
    question = understand(text)
    assert (question.before, question.after) == (before, after)


@pytest.mark.parametrize("text", ["", "   ", "-soup", '-"pea soup" -tag:x', "???"])
def test_a_question_that_wants_nothing_asks_nothing(text: str) -> None:
    assert not understand(text).asks_something


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_wrong_and_no_sign_is_left_in_its_words(text: str) -> None:
    question = understand(text)
    assert isinstance(question, Question)
    for term in question.terms:
        assert term.words
        assert all(word and not set(word) & set(" \x7f'\"\\%_*:()&|!<>-¶\0\n\t") for word in term.words)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_changes_no_more(text: str) -> None:
    assert words_of(fold(text)) == words_of(text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_text_holds_each_of_its_own_words(text: str) -> None:
    kept = written(text)
    assert all(f" {word} " in kept for word in words_of(text))


def test_names_side_by_side_are_no_sequence() -> None:
    assert written("Ida Castellane", "Wren Adeyemi") == " ida castellane ¶ wren adeyemi "


def test_of_a_text_with_too_many_different_words_the_first_are_kept() -> None:
    kept = written(
        " ".join(f"w{number:06}" for number in range(200_000)),
    )
    assert 0 < len(kept) < MOST_BYTES
    assert kept.startswith(" w000000 w000001 ")


@pytest.mark.parametrize("piece", ['"', "-", "a:", "author:", '-"', "é", "日", "a'", "before:1"])
def test_a_long_question_is_read_as_fast_as_it_is_long(piece: str) -> None:
    assert_grows_evenly(lambda size: understand(piece * size), 40_000)
