"""The one sanitiser: closed lists of elements, attributes, classes and addresses. Nothing touches HTML after it."""

import re
from functools import cache, lru_cache

import nh3
from pygments.token import STANDARD_TYPES

from inkhorn.core.prose.sheet import ID_PREFIX

_WORDS = "a abbr b bdi bdo br cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time u var wbr"
_BLOCKS = (
    "address article aside blockquote dd details div dl dt figcaption figure h2 h3 h4 h5 h6 header footer hr li ol p pre section summary ul"
)
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_MEDIA = "audio img picture source track video"
# Presentational elements only: annotation-xml, mglyph, malignmark and maction are how markup is smuggled through a second parse.
_MATHS = (
    "math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup"
    " mtable mtd mtext mtr munder munderover"
)
_TAGS = frozenset(f"{_WORDS} {_BLOCKS} {_TABLES} {_MEDIA} {_MATHS} input label".split())
# What stands between these tags is not text for people.
_SILENCED = frozenset("annotation annotation-xml embed iframe noembed noframes script style svg template textarea title xmp".split())

_NAMED = {"aria-label", "aria-labelledby"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "lang", "dir", "title"},
    "a": {"href", "hreflang", "download", "aria-label"},
    "aside": _NAMED,
    "audio": {"src", "preload", "loop", "muted", "aria-label"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "div": _NAMED,
    "figure": _NAMED,
    "img": {"src", "alt", "width", "height", "srcset", "sizes"},
    "input": {"checked", "disabled"},
    "ins": {"cite", "datetime"},
    "label": {"for"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "pre": {"aria-label"},
    "q": {"cite"},
    "section": _NAMED,
    "source": {"src", "srcset", "sizes", "type", "media"},
    "span": {"hidden"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "abbr"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label", "default"},
    "video": {"src", "preload", "loop", "muted", "poster", "width", "height", "playsinline", "aria-label"},
    "math": {"display", "displaystyle", "aria-label"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mo": {"stretchy", "fence", "separator", "form", "lspace", "rspace", "minsize", "maxsize", "largeop", "movablelimits", "symmetric"},
    "mover": {"accent"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mspace": {"width", "height", "depth"},
    "mstyle": {"displaystyle", "scriptlevel", "mathcolor"},
    "mtable": {"columnalign", "columnspacing", "rowspacing", "columnlines", "rowlines"},
    "mtd": {"columnspan", "rowspan", "columnalign"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
}
_VALUES: dict[str, dict[str, set[str]]] = {
    "a": {
        "role": {"doc-noteref", "doc-backlink"},
        "rel": {"nofollow", "noopener", "sponsored", "ugc", "license", "me", "tag", "author", "noopener noreferrer", "nofollow noopener"},
    },
    "div": {"role": {"region", "group", "note"}, "tabindex": {"0"}, "aria-hidden": {"true"}},
    "img": {"loading": {"lazy", "eager"}, "decoding": {"async", "sync", "auto"}},
    "input": {"type": {"checkbox"}},
    "ol": {"type": {"1", "a", "A", "i", "I"}},
    "pre": {"role": {"group"}, "tabindex": {"0"}},
    "section": {"role": {"doc-endnotes"}},
    "span": {"role": {"note"}, "aria-hidden": {"true"}},
    "sup": {"aria-hidden": {"true"}},
    "th": {"scope": {"col", "row", "colgroup", "rowgroup"}},
}
# Whatever a text says, it cannot offer a control that works or a player that cannot be stopped.
_FORCED = {"input": {"type": "checkbox", "disabled": ""}, "audio": {"controls": ""}, "video": {"controls": ""}}

_ANYWHERE = frozenset({"wide", "full", "sc", "credit"})
_CLASSES: dict[str, set[str]] = {
    "a": {"back", "ar-7", "ar-10", "ar-13", "ar-15", "ar-18"},
    "aside": {"callout", "is-tip", "is-warning", "is-danger", "correction"},
    "div": {"table-scroll", "gallery", "gallery-row", "pull"},
    "figcaption": {"code-head"},
    "figure": {"highlight", "embed", "file"},
    "p": {"callout-title", "file"},
    "section": {"footnotes"},
    "span": {"blurred", "blur", "file-facts", "side", "side-note", "side-mark", "hll", *filter(None, STANDARD_TYPES.values())},
    "sup": {"ref", "foot-only"},
    "td": {"num", "is-centred"},
    "th": {"num", "is-centred"},
    "ul": {"tasks"},
}
_ROUNDS = 4
_SCHEMES = {"http", "https", "mailto", "tel"}

# What a reader may write under a text.
_REMARK = frozenset("a blockquote br code em li ol p pre strong ul".split())

# What a short text about a person may hold.
_SHORT = frozenset("a abbr b bdi br cite code em i p strong sub sup".split())


def _is_odd(address: str) -> bool:
    """A colon before any slash, though it was not taken for a scheme, as in ":x" and "0:x"."""
    return ":" in re.split(r"[/?#]", address, maxsplit=1)[0]


@lru_cache(maxsize=64)
def _cleaner(prefix: str) -> nh3.Cleaner:
    def settle(address: str) -> str | None:
        """Places within the text carry the text's prefix, as its ids do; what only looks like another scheme leads nowhere and goes."""
        if _is_odd(address):
            return None
        if not address.startswith("#") or len(address) == 1 or address.startswith(f"#{prefix}"):
            return address
        return f"#{prefix}{address[1:]}"

    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_SILENCED,
        attributes=_ATTRIBUTES,
        tag_attribute_values=_VALUES,
        set_tag_attribute_values=_FORCED,
        allowed_classes={tag: _ANYWHERE | _CLASSES.get(tag, set()) for tag in _TAGS},
        url_schemes=_SCHEMES,
        url_relative=settle,
        link_rel=None,
        id_prefix=prefix,
    )


@cache
def _short_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_SHORT,
        clean_content_tags=_SILENCED,
        attributes={"a": {"href"}, "*": {"lang", "dir"}},
        url_schemes=_SCHEMES,
        url_relative=lambda address: None if _is_odd(address) else address,
        link_rel="noopener nofollow",
    )


@cache
def _remark_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_REMARK),
        clean_content_tags=set(_SILENCED),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        # A place on this site, and nothing that only looks like one.
        url_relative=lambda address: address if re.fullmatch(r"(?:/(?![/\\\\])|#)[\x21-\x7e]*", address) else None,
        link_rel="ugc nofollow noopener",
    )


def sanitise_remark(html: str) -> str:
    """HTML of a reader's words: emphasis, code, links, lists and quotes, nothing else."""
    return _settled(_remark_cleaner(), html)


def sanitise(html: str, *, prefix: str = ID_PREFIX) -> str:
    """HTML of an author's text, made harmless, and such that reading it again changes nothing."""
    return _settled(_cleaner(prefix), html)


def _settled(cleaner: nh3.Cleaner, html: str) -> str:
    # An element that is taken away may have been all that kept its neighbours apart, and what a browser makes
    # of the rest must be what was judged here.
    cleaned = cleaner.clean(html)
    if cleaned == html:
        return html
    for _ in range(_ROUNDS):
        again = cleaner.clean(cleaned)
        if again == cleaned:
            return cleaned
        cleaned = again
    return nh3.clean_text(cleaned)


def clean_html(html: str) -> str:
    """A line or two of HTML, such as a biography: words, emphasis and links, nothing else."""
    return _settled(_short_cleaner(), html)
