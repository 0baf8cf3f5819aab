"""HTML of other programs becomes the Markdown a person would have written, or stays HTML."""

import pytest

from inkhorn.core.html_to_markdown import html_to_markdown
from inkhorn.core.html_to_markdown.checking import said
from inkhorn.core.prose import as_raw, render


def said_by(markdown: str) -> str:
    return said(render(markdown, side_notes=False).html)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>A <b>b</b> <i>c</i> <s>d</s></p>", "A **b** *c* ~~d~~"),
        ("loose words<p>then a paragraph</p>", "loose words\n\nthen a paragraph"),
        ("<h1>T</h1><h3 id=x>U #</h3>", "## T\n\n### U \\# {#x}"),
        ("<p>a<br>b<br></p>", "a\\\nb"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b"),
        ("<ol start=3><li><p>a</p><p>b</p><li>c</ol>", "3. a\n\n   b\n\n4. c"),
        ("<blockquote>x<p>y</p></blockquote>", "> x\n>\n> y"),
        ('<pre><code class="language-rust">fn a() {}\n</code></pre>', "```rust\nfn a() {}\n```"),
        ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
        ("<p><code>a`b</code></p>", "``a`b``"),
        ("<hr>", "---"),
        ('<p><a href="/x y" title="t &quot;q&quot;">a</a></p>', '[a](/x%20y "t \\"q\\"")'),
        ('<p><a href="/a_(b)">a</a></p>', "[a](</a_(b)>)"),
        ('<p><img src="/a.png" alt="A [b]"></p>', "![A \\[b\\]](/a.png)"),
        ('<p><img src="/a.png" alt="A" title="T"></p>', '<img src="/a.png" alt="A" title="T">'),
        ('<figure><img src="/a.png" alt="A"><figcaption>By <a href="/b">B</a></figcaption></figure>', '![A](/a.png "By [B](/b)")'),
        ('<figure class="alignwide"><a href="/c"><img src="/a.png" alt="A"></a></figure>', "[![A](/a.png){.wide}](/c)"),
        ("<table><tr><th>a|b<th>c<tr><td>1<td><b>2</b></table>", "| a\\|b | c |\n| --- | --- |\n| 1 | **2** |"),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\n: b\n\nc\n: d"),
        ("<p>x<sup>2</sup> <kbd>C</kbd> H<sub>2</sub>O</p>", "x<sup>2</sup> <kbd>C</kbd> H<sub>2</sub>O"),
        ("<div><div><p>a</p></div>b</div>", "a\n\nb"),
        ("<p>a</p><!--more--><p>b</p>", "a\n\n<!--more-->\n\nb"),
        ("<p>&nbsp;</p><p></p>", ""),
        ("", ""),
    ],
)
def test_markdown_as_a_person_writes_it(html: str, markdown: str) -> None:
    conversion = html_to_markdown(html)
    assert conversion.markdown == markdown
    assert conversion.lossless


@pytest.mark.parametrize(
    "text",
    [
        "1. no list",
        "- no list",
        "# no heading",
        "a*b_c",
        "snake_case",
        "__main__",
        "[x](y)",
        "![x](y)",
        "`x`",
        "$5 and $6",
        "&amp;copy;",
        "&lt;b&gt;",
        "~~x~~",
        "a\\b",
        "{.wide}",
        "{#x}",
        "| a | b |",
        ":::note",
        "===",
        "---",
        "&gt; x",
        "^[x]",
        "[^1]",
        "[ ] x",
        "+ x",
        "a: b",
        ": b",
        "$$x$$",
        "~~~",
        "[!NOTE]",
        "http://a.b/c_d_e",
        "&lt;!--more--&gt;",
        "*",
        "1) x",
        "    four blanks",
        "tab\there",
        "[a]: /b",
        "\\*",
    ],
)
def test_words_stay_words(text: str) -> None:
    for html in (f"<p>{text}</p>", f"<p>x<br>{text}</p>", f"<ul><li>{text}</li></ul>", f"<blockquote><p>{text}</p></blockquote>"):
        conversion = html_to_markdown(html)
        assert said_by(conversion.markdown) == said_by(as_raw(html))
        assert conversion.lossless, conversion


@pytest.mark.parametrize("html", ["<p>a<b>b:</b>c</p>", "<p>漢<b>字。</b>字</p>", "<p><b>a</b><b>b</b></p>", "<p>a<i>,b</i>c</p>"])
def test_emphasis_that_signs_cannot_say_is_said_by_tags(html: str) -> None:
    conversion = html_to_markdown(html)
    assert "<strong>" in conversion.markdown or "<em>" in conversion.markdown
    assert said_by(conversion.markdown) == said_by(as_raw(html))


@pytest.mark.parametrize(
    ("html", "note"),
    [
        ('<iframe src="https://video.example/1"></iframe>', "iframe"),
        ('<object data="/a.swf"></object>', "object"),
        ("<form><input></form>", "form"),
        ("<table><tr><td>no</td><td>head</td></tr></table>", "table"),
        ("<table><tr><th colspan=2>a</th></tr><tr><td>b</td><td>c</td></tr></table>", "table"),
        ("<ol type=a><li>x</li></ol>", "list"),
        ("<dl><dd>no term</dd></dl>", "dl"),
        ("<details><summary>a</summary>b</details>", "details"),
        ("<pre>a <b>b</b></pre>", "pre"),
    ],
)
def test_what_markdown_cannot_say_stays_html_and_is_named(html: str, note: str) -> None:
    conversion = html_to_markdown(f"<p>before</p>{html}<p>after</p>")
    assert not conversion.lossless
    assert note in conversion.notes
    assert conversion.markdown.startswith("before\n\n```{=html}\n<")
    assert conversion.markdown.endswith("\n```\n\nafter")


def test_scripts_are_left_out_and_named() -> None:
    conversion = html_to_markdown("<p>a</p><script>x()</script>")
    assert (conversion.markdown, conversion.notes) == ("a", ("script",))


def test_a_style_that_readers_never_saw_is_named() -> None:
    conversion = html_to_markdown('<p style="text-align: center">a</p>')
    assert (conversion.markdown, conversion.lossless, conversion.notes) == ("a", True, ("style",))


def test_only_the_piece_that_cannot_be_said_stays_html() -> None:
    conversion = html_to_markdown("<p>one <em>two</em></p><p>a <code>x<strong>/</strong></code></p><video src=/a.mp4></video>")
    assert conversion.markdown.startswith("one *two*\n\n")
    assert conversion.markdown.count("```{=html}") <= 2


def test_nesting_past_reason_stays_html() -> None:
    conversion = html_to_markdown("<blockquote>" * 5_000 + "words")
    assert not conversion.lossless
    assert "words" in conversion.markdown
