"""Markdown becomes the markup that the theme draws."""

import re

import pytest

from inkhorn.core.errors import Invalid
from inkhorn.core.prose import MAX_CHARACTERS, render, slugify


def html_of(markdown: str, **options: object) -> str:
    return render(markdown, **options).html  # type: ignore[arg-type]


def test_headings_get_anchors_in_any_script() -> None:
    assert '<h2 id="s-日本語-見出し">' in html_of("## 日本語 見出し")


def test_equal_headings_get_different_anchors() -> None:
    assert [entry["id"] for entry in render("## Same\n\n## Same\n\n## Same 1").contents] == ["s-same", "s-same-1", "s-same-1-1"]


def test_a_heading_without_words_still_has_an_anchor() -> None:
    assert '<h2 id="s-section">' in html_of("## 🦀")


def test_no_heading_takes_the_place_of_a_note_or_of_raw_html() -> None:
    html = html_of('## Notes\n\n## fn 1\n\n<a name="data"></a>\n\n## Data\n\nx[^1]\n\n[^1]: y')
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 7
    assert '<h2 id="s-data-1">' in html


def test_the_page_keeps_its_only_h1() -> None:
    assert html_of("# One\n\n## Two").startswith('<h2 id="s-one">One</h2>\n<h3')


def test_an_author_names_a_place_and_links_to_it() -> None:
    html = html_of("## Turning the handle {#handle}\n\n[back](#handle)")
    assert '<h2 id="s-handle">Turning the handle</h2>' in html
    assert '<a href="#s-handle">' in html


def test_contents_list_only_headings_of_the_text_itself() -> None:
    contents = render("## A `b` *c*\n\n> ## Quoted\n\n### D").contents
    assert [(entry["text"], entry["level"]) for entry in contents] == [("A b c", 2), ("D", 3)]


def test_a_namespace_keeps_two_texts_on_one_page_apart() -> None:
    html = html_of("## A\n\nText.[^1]\n\n[^1]: Note.", namespace="p7")
    assert 'id="s-p7-a"' in html
    assert 'href="#s-p7-fn_1"' in html
    assert '<li id="s-p7-fn_1">' in html


def test_a_note_is_written_at_the_foot_and_at_the_side() -> None:
    html = html_of("Text.[^1]\n\n[^1]: The *note*.")
    assert '<sup class="ref foot-only"><a href="#s-fn_1" id="s-ref_1" role="doc-noteref">1</a></sup>' in html
    assert '<span class="side-note" role="note"><span class="side-mark">1.</span> The <em>note</em>.</span>' in html
    assert '<section class="footnotes" role="doc-endnotes" aria-labelledby="s-fn_title">' in html
    assert '<a class="back" href="#s-ref_1" role="doc-backlink" aria-label="Back to the text, note 1">' in html


def test_a_feed_gets_each_note_once() -> None:
    assert html_of("Text.[^1]\n\n[^1]: Only here.", side_notes=False).count("Only here") == 1


def test_notes_are_numbered_as_their_language_does() -> None:
    assert ">١</a>" in html_of("نص.[^1]\n\n[^1]: حاشية.", language="ar-EG")


def test_a_place_within_a_note_is_marked_once() -> None:
    assert html_of("Text.[^1]\n\n[^1]: The [note]{#here}.").count('id="s-here"') == 1


def test_a_note_with_a_code_block_stays_inside_its_sentence() -> None:
    html = html_of("Text.[^1]\n\n[^1]: See:\n\n        x = 1\n")
    assert "See:<br><code>x = 1</code></span></span></p>" in html


@pytest.mark.parametrize(
    ("markdown", "class_name", "title"),
    [
        ("> [!NOTE]\n> Body", "callout", "Note"),
        ("> [!WARNING] Not for navigation\n> Body", "callout is-warning", "Not for navigation"),
        (":::tip\nBody\n:::", "callout is-tip", "Tip"),
        ("::: danger High *water*\nBody\n:::", "callout is-danger", "High <em>water</em>"),
    ],
)
def test_callouts(markdown: str, class_name: str, title: str) -> None:
    html = html_of(markdown)
    assert html.startswith(f'<aside class="{class_name}" aria-labelledby="s-callout_1">')
    assert f'<p class="callout-title" id="s-callout_1">{title}</p>\n<p>Body</p>' in html


def test_a_quote_is_no_callout() -> None:
    assert "<blockquote>" in html_of("> [!SOMETHING]\n> else")


def test_a_list_of_tasks_cannot_be_ticked_by_readers() -> None:
    html = html_of("- [x] done\n- [ ] *open*")
    assert '<ul class="tasks">' in html
    assert '<label for="s-task_2"><em>open</em></label>' in html
    assert html.count("disabled") == 2
    assert html.count("checked") == 1


def test_tables_scroll_and_have_a_name() -> None:
    html = html_of("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert html.startswith('<div class="table-scroll" role="region" aria-label="Table 1" tabindex="0"><table>')
    assert '<th class="num" scope="col">b</th>' in html
    assert "style" not in html


def test_definitions_and_strikethrough() -> None:
    assert "<dt>Surge</dt>\n<dd>The <s>rest</s>" in html_of("Surge\n: The ~~rest~~")


def test_attributes_are_a_closed_list() -> None:
    html = html_of('[Skerrow]{.sc .evil lang=en onclick="x"}, [Skerrow]{.sc .evil lang=en}')
    assert html == '<p>[Skerrow]{.sc .evil lang=en onclick="x"}, <span class="sc" lang="en">Skerrow</span></p>\n'


@pytest.mark.parametrize("line", ["{% raw %}", "{{ page.title }}", "{{< figure >}}", "{notes}"])
def test_the_words_of_other_engines_stay_visible(line: str) -> None:
    assert line.replace("<", "&lt;").replace(">", "&gt;") in html_of(line)


def test_a_fence_of_raw_html_may_hold_blank_lines() -> None:
    assert "<div>\n\n<b>x</b>" in html_of("```{=html}\n<div>\n\n<b>x</b>\n</div>\n```")


def test_a_frame_becomes_a_link() -> None:
    html = html_of('<iframe src="//www.youtube.com/embed/abc" title="Wheels"></iframe>')
    assert '<a href="https://www.youtube.com/watch?v=abc" rel="noopener">Wheels</a>' in html


def test_addresses_of_our_own_stay_root_relative() -> None:
    assert '<a href="/other-post/">' in html_of("[x](/other-post/)")


def test_links_and_images_are_listed_once_in_order() -> None:
    rendered = render('[a](/a) ![b](/b.png) <a href="/c">c</a>\n\n<img src="/d.png">\n\n[a](/a)\n\n![b](/b.png "cap [e](/e)")')
    assert rendered.links == ("/a", "/c", "/e")
    assert rendered.images == ("/b.png", "/d.png")


def test_a_text_past_all_reason_is_refused_in_a_sentence() -> None:
    with pytest.raises(Invalid, match="too long") as refusal:
        render("x" * (MAX_CHARACTERS + 1))
    assert refusal.value.field == "body"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The clock that is fed by the sea", "the-clock-that-is-fed-by-the-sea"),
        ("Ünïcödé Straße", "unicode-strasse"),
        ("日本語", "ri-ben-yu"),
        ("🦀🦀", ""),
        ("\u202e\u202c", ""),
        ("a\0b", "a-b"),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_a_slug_is_short_and_cut_between_words() -> None:
    slug = slugify("harbour " * 1_000_000)
    assert len(slug) <= 160
    assert slug.endswith("harbour")
