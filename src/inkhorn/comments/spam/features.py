"""What a comment is made of, for the classifier: words as they sound beneath the tricks, pairs of them, links, names and mail domains."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice, pairwise

# Of a longer text only so much is looked at: enough to know it by, and a bound on the time.
MOST_CHARACTERS = 20_000
MOST_FEATURES = 600
# Of the writer's name; with the address's host they have room beside the text's, which are the same whoever wrote it.
_MOST_NAMES = 6
LONGEST_WORD = 40

ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"'`|*]{1,500}", re.IGNORECASE)
# Written without a scheme, so that nobody's filter sees a link.
_BARE_HOST = re.compile(
    r"(?<![\w@./-])(?:[\w-]{1,63}\.){1,4}(?:com|net|org|info|biz|ru|cn|top|xyz|shop|online|site|club|icu)(?![\w.-]?\w)", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# A letter at a time: "v i a g r a", "c-a-s-i-n-o".
_SPELT = re.compile(r"(?<!\w)(?:[^\W\d_][ .*_-]){3,30}[^\W\d_](?!\w)")
_BETWEEN_LETTERS = re.compile(r"[ .*_-]")
_FOREIGN_MARKUP = re.compile(r"\[/?url\b|\[link\b|<a\s", re.IGNORECASE)
_MASKED = re.compile(r"(?<!\w)(?=[\w@$]{0,39}[a-z])(?=[a-z]{0,39}[\d@$])[\w@$]{3,40}(?![\w@$])")
_BENEATH_MASK = str.maketrans("01345780@$", "oieastboas")
# Letters that look Latin and are not; folded only in words that mix them with Latin ones, since others are honest Cyrillic or Greek.
_LOOKALIKES = str.maketrans("аеорсухкмтвніјѕԁοαεικνρτυχ", "aeopcyxkmtbhijsdoaeiknptux")
_LATIN = re.compile(r"[a-z]")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]{2,}")
_INVISIBLE = ("Cf", "Mn", "Me", "Cc")


def plain(text: str) -> str:
    """The text as it is read: without invisible characters, accents, full-width letters and letters spelt apart."""
    shown = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS])[:MOST_CHARACTERS]
    shown = "".join(" " if each.isspace() else each for each in shown if each.isspace() or unicodedata.category(each) not in _INVISIBLE)
    return _SPELT.sub(lambda match: _BETWEEN_LETTERS.sub("", match[0]), shown.casefold())


def words_of(text: str) -> list[str]:
    """Its words beneath the tricks, in order."""
    shown = _MASKED.sub(lambda match: match[0].translate(_BENEATH_MASK), ADDRESS.sub(" ", plain(text)))
    return [word for each in _WORD.findall(shown) for word in _parts_of(_unmixed(each)[:LONGEST_WORD])]


def links_of(text: str) -> list[str]:
    """Every address that the text names, with a scheme or without."""
    shown = text[:MOST_CHARACTERS]
    return ADDRESS.findall(shown) + [match[0] for match in _BARE_HOST.finditer(ADDRESS.sub(" ", shown))]


def host_of(address: str) -> str:
    """The host of an address, without its port and "www."."""
    bare = address.partition("://")[2] or address
    return re.split(r"[/?#:]", bare, maxsplit=1)[0].rpartition("@")[2].casefold().removeprefix("www.")[:80]


def features_of(text: str, *, name: str = "", email: str = "", website: str = "") -> frozenset[str]:
    """MOST_FEATURES at most, each once: "w:anchor", "p:best price", "h:chain.test", "n:orla", "m:mail.test", "s:links 3"."""
    of_text = islice(dict.fromkeys(_text_features(text, website)), MOST_FEATURES - _MOST_NAMES - 1)
    return frozenset((*of_text, *writer_features(name, email)))


def writer_features(name: str, email: str = "") -> frozenset[str]:
    """What a name and an address add to those."""
    of_name = [f"n:{word}" for word in words_of(name)[:_MOST_NAMES]]
    return frozenset(of_name + ([f"m:{email.rpartition('@')[2].casefold()[:80]}"] if "@" in email else []))


def _text_features(text: str, website: str) -> Iterator[str]:
    links = links_of(text)
    yield f"s:links {min(len(links), 4)}"
    if website:
        yield f"h:{host_of(website)}"
    yield from (f"h:{host_of(link)}" for link in links[:50])
    if _FOREIGN_MARKUP.search(text[:MOST_CHARACTERS]):
        yield "s:foreign markup"
    if _is_mixed(text):
        yield "s:lookalikes"
    words = words_of(text)
    yield from (f"w:{word}" for word in words)
    yield from (f"p:{one} {other}" for one, other in pairwise(words))


def _unmixed(word: str) -> str:
    return word.translate(_LOOKALIKES) if _LATIN.search(word) else word


def _is_mixed(text: str) -> bool:
    return any(word != _unmixed(word) for word in _WORD.findall(plain(text)))


def _parts_of(word: str) -> list[str]:
    """The word; of writing without spaces, each two neighbours."""
    if _IDEOGRAPHS.search(word):
        return [word[place : place + 2] for place in range(len(word) - 1)]
    return [word]
