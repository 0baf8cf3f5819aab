"""Addresses and anchors made of titles."""

import re

import slugify as transliteration

_LONGEST_TITLE = 2_000
_NOT_IN_ANCHORS = re.compile(r"[^\w\s-]+")
_GAPS = re.compile(r"[\s_-]+")


def slugify(text: str, *, max_length: int = 160) -> str:
    """A short ASCII address for a title; "" when nothing of it can be written so (callers fall back to a number)."""
    slug: str = transliteration.slugify(text[:_LONGEST_TITLE], max_length=max_length, word_boundary=True, save_order=True)
    return slug


def anchor(text: str, *, max_length: int = 80) -> str:
    """The name of a place in the text, in whatever script its heading is written."""
    plain = _NOT_IN_ANCHORS.sub("", text[:_LONGEST_TITLE].lower())
    return _GAPS.sub("-", plain).strip("-")[:max_length].rstrip("-")
