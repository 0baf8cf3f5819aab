"""Finds the people in a byline: a login, "Name <login>", "Name (address)", a table of names, or one free sentence with links and job titles."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from inkhorn.core.prose import slugify
from inkhorn.transfer.manuscript import ForeignAuthor

LONGEST_NAME = 150

_ADDRESS = re.compile(r"^[^@\s<>()]+@[^@\s<>()]+\.[A-Za-z]{2,}$")
_ANGLED = re.compile(r"^(?P<name>[^<>]+?)\s*<(?P<inner>[^<>\s]+)>$")
_BRACKETED = re.compile(r"^(?P<name>[^()]+?)\s*\((?P<inner>[^()\s]+@[^()\s]+)\)$")
_HANDLE = re.compile(r"\s*\(?\[@(?P<handle>\w+)\]\((?P<url>[^()\s]+)\)\)?")
_NAMED_LINK = re.compile(r"\[(?P<name>[^\[\]@]+)\]\((?P<url>[^()\s]+)\)")
_TAGS = re.compile(r"<[^<>]+>")
_BETWEEN = re.compile(r"\s*(?:,\s+and\s+|,\s+|;\s+|\s+and\s+|\s+&\s+|\s+[—–]\s+)")
_NAME_WORD = re.compile(r"^(?:[^\W\d_a-z][\w.'’‘-]*|de|da|del|den|der|di|du|el|la|le|van|von|y)$")
_SPELT_OUT = {ord(letter): letters for letter, letters in zip("äöüøåß", ("ae", "oe", "ue", "oe", "aa", "ss"), strict=True)}
_LOGIN = re.compile(r"^[a-z0-9][a-z0-9._-]*$")


@dataclass(frozen=True)
class Person:
    """Somebody a byline names."""

    name: str
    login: str = ""
    email: str | None = None
    website: str | None = None
    bio: str = ""

    def as_author(self, key: str | None = None) -> ForeignAuthor:
        return ForeignAuthor(
            key=(key or self.login or self.name)[:300], name=self.name[:LONGEST_NAME], email=self.email, bio=self.bio, website=self.website
        )


def people_in(value: Any, known: Mapping[str, Person]) -> list[Person]:
    """The people a front matter value names, entry by entry; known says more about some logins."""
    entries = value if isinstance(value, list | tuple) else [value]
    people = [person for entry in entries if (person := _person(entry, known))]
    return list({(person.login or person.name): person for person in people}.values())


def _person(entry: Any, known: Mapping[str, Person]) -> Person | None:
    if isinstance(entry, dict):
        return person_of_table(entry)
    if not isinstance(entry, str | int) or isinstance(entry, bool):
        return None
    text = " ".join(str(entry).split())
    if not text:
        return None
    if text in known:
        return known[text]
    for shape in (_ANGLED, _BRACKETED):
        found = shape.match(text)
        if found:
            inner = found["inner"]
            named = Person(found["name"].strip(), email=inner) if _ADDRESS.match(inner) else Person(found["name"].strip(), login=inner)
            return replace(known.get(inner, named), name=named.name)
    if _LOGIN.match(text):
        return Person(name_of_login(text), login=text)
    return Person(text)


def person_of_table(table: Mapping[str, Any], login: str = "") -> Person | None:
    """A person described by keys, as Jekyll's and Hugo's author data have it."""

    def first(*keys: str) -> str:
        return next((" ".join(str(table[key]).split()) for key in keys if isinstance(table.get(key), str) and str(table[key]).strip()), "")

    login = first("login", "username", "slug", "id", "nick", "handle") or login
    whole = " ".join(part for part in (first("first_name", "firstname"), first("last_name", "lastname")) if part)
    name = first("display_name", "display_as", "full_name", "name", "title") or whole or name_of_login(login)
    email = first("email", "mail")
    website = first("website", "url", "homepage", "web", "link")
    if not name:
        return None
    return Person(
        name,
        login=login,
        email=email if _ADDRESS.match(email) else None,
        website=website if website.startswith(("http://", "https://")) else None,
        bio=first("bio", "about", "description"),
    )


def name_of_login(login: str) -> str:
    """A name to show for somebody of whom only a key is known: waldo-jaquith becomes Waldo Jaquith, mjschwenne stays."""
    parts = [part for part in re.split(r"[-_.]", login) if part]
    return " ".join(part.capitalize() for part in parts) if len(parts) > 1 and all(part.isalpha() for part in parts) else login


def people_in_sentence(text: str, marks: Collection[str] = (), names: Collection[str] = ()) -> tuple[list[Person], str]:
    """The people in a free sentence, and what of it no name was made of.

    Marks are slugs the post gives for the same people (file names of their pictures), names those met elsewhere in the source.
    """
    linked: dict[str, str] = {}

    def note(found: re.Match[str]) -> str:
        linked[found["name"].strip()] = found["url"]
        return found["name"]

    plain = _NAMED_LINK.sub(note, _TAGS.sub("", text))
    people: list[Person] = []
    rest: list[str] = []
    for piece in _pieces(plain):
        handle = _HANDLE.search(piece)
        words = " ".join(_HANDLE.sub("", piece).split())
        name = _name_in(words, first=not people and not rest, sure=bool(handle) or words in linked, marks=marks, names=names)
        if name:
            url = handle["url"] if handle else linked.get(name)
            people.append(Person(name, website=url if url and url.startswith("http") else None))
            words = words.removesuffix(name).strip(" :")
        if words:
            rest.append(words)
    if not people and rest:
        # "the V8 team, enthusiasts": whoever stands first signed it.
        signed, _, others = plain.strip().partition(", ")
        return [Person(signed)], others
    return people, ", ".join(rest)


def _pieces(text: str) -> Iterable[str]:
    return (piece for piece in _BETWEEN.split(text.strip()) if piece.strip())


def _name_in(words: str, *, first: bool, sure: bool, marks: Collection[str], names: Collection[str]) -> str:
    """The name a piece of a byline is or ends with; empty for a job title."""
    if sure and (first or looks_like_name(words)):
        return words
    for name in names:
        if words == name or words.endswith((f" {name}", f":{name}")):
            return name
    if any(_same_person(words, mark) for mark in marks):
        return words
    if first and looks_like_name(words.rpartition(": ")[2]):
        return words.rpartition(": ")[2]
    return _name_at_end(words)


def _name_at_end(words: str) -> str:
    """The name after some ordinary words: "guardian of the heap Ada Lovelace"."""
    parts = words.split()
    ordinary = [number for number, part in enumerate(parts) if part.islower()]
    tail = " ".join(parts[ordinary[-1] + 1 :]) if ordinary else ""
    return tail if tail and looks_like_name(tail) else ""


def looks_like_name(words: str) -> bool:
    """Two to four words, each written as names are."""
    parts = words.split()
    return 2 <= len(parts) <= 4 and all(_NAME_WORD.match(part) for part in parts) and parts[0][:1].isupper() and parts[-1][:1].isupper()


def _same_person(words: str, mark: str) -> bool:
    if slugify(words) == mark:
        return True
    return slugify(words.lower().translate(_SPELT_OUT)) == mark


def sure_names_in(text: str, marks: Collection[str] = ()) -> list[str]:
    """Names in a sentence that could be nothing else: linked, with a handle, or the same as a mark."""
    plain = _NAMED_LINK.sub(r"\1", _TAGS.sub("", text))
    sure = [name for found in _NAMED_LINK.finditer(text) if looks_like_name(name := found["name"].strip())]
    for piece in _pieces(plain):
        words = " ".join(_HANDLE.sub("", piece).split())
        if any(_same_person(words, mark) for mark in marks) or (_HANDLE.search(piece) and looks_like_name(words)):
            sure.append(words)
    first = next(iter(_pieces(plain)), "")
    if first == plain.strip() and looks_like_name(first):
        sure.append(first)
    return sure
