"""What is known of a text besides its HTML: words, minutes, first sentences."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from inkhorn.core.prose import plain_text, render
from inkhorn.core.prose.measures import count, excerpt_of

SENTENCE = "The tide machine at Skerrow stands under its glass and says nothing at all. "


def test_the_excerpt_ends_with_its_sentence() -> None:
    excerpt = render(SENTENCE * 20).excerpt
    assert excerpt == (SENTENCE * 4).strip()


def test_the_excerpt_leaves_out_what_is_no_prose() -> None:
    text = "## Head\n\n```\ncode\n```\n\n| a |\n|---|\n| b |\n\nFirst words.[^1]\n\n> [!NOTE]\n> Body.\n\n[^1]: A note."
    assert render(text).excerpt == "First words. Body."


def test_the_author_says_where_the_excerpt_ends() -> None:
    assert render("One.\n\n<!--more-->\n\nTwo.").excerpt == "One."
    assert render("One. <!-- more -->\n\nTwo.").excerpt == "One."


def test_an_excerpt_fits_its_column() -> None:
    assert len(render("word " * 5_000).excerpt) <= 600
    assert len(render("x" * 5_000).excerpt) <= 600
    assert len(render("漢" * 5_000).excerpt) <= 600


def test_japanese_ends_its_sentences_its_own_way() -> None:
    excerpt = render("これは港の事務所にある潮の機械の話です。" * 30).excerpt
    assert excerpt.endswith("です。")
    assert 90 < len(excerpt) < 140


def test_an_abbreviation_ends_no_sentence() -> None:
    text = "Words, e.g. these and Dr. Brody, are read. Next one here."
    assert render(text, excerpt_words=2).excerpt == "Words, e.g. these and Dr. Brody, are read."


def test_an_html_body_has_an_excerpt_and_words() -> None:
    rendered = render("```{=html}\n<p>Hello <b>there</b>.</p><script>evil()</script>\n```")
    assert rendered.excerpt == "Hello there."
    assert rendered.words == 2


def test_words_and_minutes() -> None:
    assert (render("word " * 2_400).words, render("word " * 2_400).reading_minutes) == (2_400, 10)
    assert render("漢字" * 2_500).reading_minutes == 10
    assert render("Short.").reading_minutes == 1
    assert render("").reading_minutes == 0


def test_notes_count_once_and_titles_of_callouts_do_not() -> None:
    assert render("One.[^1]\n\n> [!NOTE]\n> two\n\n[^1]: three").words == 3


def test_plain_text_of_html() -> None:
    assert plain_text("<p>A &amp; <b>b</b>c</p><p>d</p><script>x</script>") == "A & bc d"
    assert plain_text("a < b") == "a < b"


@settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
@given(some.text("ab Z9_'.,-!?)\t\n\x1c\"", max_size=40))
def test_a_text_of_plain_letters_is_counted_and_cut_like_any_other(text: str) -> None:
    # The one letter at the end makes it a text of another kind, and is one more word.
    assert count(f"{text} é").words == count(text).words + 1
    whole = f"{text}. And on it goes."
    assert excerpt_of([("text", whole)], 3) == excerpt_of([("text", whole.replace("And", "Ånd"))], 3).replace("Ånd", "And")
