"""What the classifier sees of a comment, and that no comment takes it long."""

import pytest

from inkhorn.comments.spam.features import MOST_FEATURES, features_of, host_of, links_of, plain, words_of
from inkhorn.comments.spam.verdicts import Rules, Submission, listed_word
from tests.growth import assert_grows_evenly


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The tide, it’s late!", ["the", "tide", "it’s", "late"]),
        ("v i a g r a and c-a-s-i-n-o", ["viagra", "and", "casino"]),
        ("V1agra for $5000 in 1911", ["viagra", "for", "5000", "in", "1911"]),
        ("ｃａｓｉｎｏ", ["casino"]),
        ("сasino", ["casino"]),
        ("спасибо", ["спасибо"]),
        ("Zu\u0308rich Zürich", ["zurich", "zurich"]),
        ("これは面白い", ["これ", "れは", "は面", "面白", "白い"]),
        ("I a m", ["i", "a", "m"]),
    ],
)
def test_words_are_read_beneath_their_disguise(text, words):
    assert words_of(text) == words


def test_links_are_seen_with_a_scheme_or_without():
    assert links_of("See https://a.test/x, www.b.test and cheap-c.shop; not e.g. or mail@post.com") == [
        "https://a.test/x,", "www.b.test", "cheap-c.shop",
    ]  # fmt: skip
    assert host_of("https://ada@WWW.Harbour.test:80/x") == "harbour.test"


def test_names_hosts_and_mail_domains_are_features():
    assert {"n:orla", "m:post.test", "h:a.test", "s:links 1", "w:see", "p:see this"} <= features_of(
        "See this https://a.test/x", name="Orla", email="orla@post.test"
    )


HOSTILE = {
    "letters": "a",
    "spaces": " ",
    "letters apart": "a ",
    "dashes": "a-",
    "dots": "a.",
    "at signs": "@",
    "leet": "a1$",
    "marks": "e\u0301\u0302\u0303",
    "invisible": "\u200b",
    "grown by folding": "\ufdfa",
    "ideographs": "面白",
    "lookalikes": "aа",
    "addresses": "http://a.test/ ",
    "hosts": "a-b.com.",
    "apostrophes": "a'",
    "nothing": "\x00",
    "half a character": "\ud800",
    "brackets": "[url=",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long_or_makes_many_features(piece):
    def read(size: int) -> None:
        made = features_of((piece * size)[:size], name=piece * 100, email=piece * 100, website=piece * 100)
        assert len(made) <= MOST_FEATURES
        listed_word(Submission(text=(piece * size)[:size]), Rules(held_words=("casino", "a.test", "")).held_words)

    assert_grows_evenly(read, 20_000)
    read(1_000_000)


def test_no_feature_is_longer_than_its_column():
    made = features_of(
        "x" * 5000 + " http://" + "y" * 5000 + " " + "面" * 900, name="n" * 5000, email="a@" + "m" * 5000, website="w" * 5000
    )
    assert max(map(len, made)) <= 100


def test_what_is_plain_stays_as_it_is():
    assert plain("The tide is late.") == "the tide is late."
