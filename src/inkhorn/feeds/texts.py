"""A post's full text as feeds carry it: plain HTML with absolute addresses, the sanitiser its last station."""

import re

import nh3

from inkhorn.core import prose

# A feed reader has its own look: no classes, no ids, no controls, one size of each picture.
_TAGS = frozenset(
    "a abbr audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h2 h3 h4 h5 h6"
    " hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small strong sub summary sup table tbody td tfoot th thead time tr u"
    " ul var video wbr math mfrac mi mmultiscripts mn mo mover mpadded mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup"
    " mtable mtd mtext mtr munder munderover".split()
)
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "audio": {"src"},
    "blockquote": {"cite"},
    # The size is known only once the picture was looked at; without it a text depends on nothing but its own words.
    "img": {"src", "alt"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
    "video": {"src", "poster"},
    "math": {"display"},
}
_SILENCED = frozenset("annotation annotation-xml embed iframe noembed noframes script style svg template textarea xmp".split())
_SCHEMES = {"http", "https", "mailto", "tel"}
# What XML 1.0 cannot hold in any shape.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# How the pipeline marks a note that stands beside the text.
SIDE_NOTE = 'class="side-note"'
# What the pipeline puts behind a picture; a feed reader would show it above.
_BLUR = re.compile(r'<span class="blur" hidden="">.*?</span>')


def legal(text: str) -> str:
    """Text without the characters that would make XML unreadable."""
    return _ILLEGAL.sub("", text)


def full_text(html: str, markdown: str | None, *, address: str, language: str | None) -> str:
    """The text of the post at that address; its Markdown is given only where side notes would be read twice."""
    if markdown is not None:
        html = prose.render(markdown, language=language, side_notes=False).html
    return _absolute(html, address)


def _absolute(html: str, address: str) -> str:
    # The sanitiser itself resolves the addresses, so that it stays the last to touch the text.
    cleaner = nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags=_SILENCED,
        set_tag_attribute_values={"audio": {"controls": ""}, "video": {"controls": ""}},
        url_schemes=_SCHEMES,
        url_relative=("rewrite_with_base", address),
        link_rel=None,
    )
    return legal(cleaner.clean(_BLUR.sub("", html)))
