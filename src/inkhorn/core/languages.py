"""Languages: which of them the house speaks, and what people call theirs."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from flask import current_app

# The languages that publications are most often written in, and those that differ by country; any other can be named in a post.
WRITTEN = """
af ar az be bg bn bs ca cs cy da de de-AT de-CH el en en-GB en-US eo es es-MX et eu fa fi fil fo fr fr-CA fy ga gd gl gu he hi hr hu hy id is
it ja ka kk km kn ko ku ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nl-BE nn pa pl ps pt pt-BR ro ru si sk sl so sq sr sv sw ta te th tr uk
ur uz vi yi zh-Hans zh-Hant zu
""".split()


def locale_of(tag: str | None) -> Locale | None:
    """The locale that a BCP 47 tag means, with as much of it as is known; None where it means nothing."""
    try:
        return Locale.parse((tag or "").replace("_", "-"), sep="-")
    except (ValueError, TypeError, UnknownLocaleError):
        return None


def spoken_locale(tag: str | None) -> Locale:
    """The locale nearest to the wanted one in which the house has words; English where there is none."""
    instance = current_app.extensions["babel"].instance
    spoken: list[Locale] = instance.list_translations()
    wanted = locale_of(tag)
    if wanted is not None:
        for each in (*(one for one in spoken if one == wanted), *(one for one in spoken if one.language == wanted.language)):
            return each
    default: Locale = instance.default_locale
    return default


@lru_cache(maxsize=1)
def language_names() -> tuple[tuple[str, str], ...]:
    """Tags that people choose from, each with what its speakers call it, by that name."""
    named = [(tag, locale.get_display_name(locale)) for tag in WRITTEN if (locale := locale_of(tag))]
    return tuple(sorted(((tag, (name or tag)[:1].upper() + (name or tag)[1:]) for tag, name in named), key=lambda each: each[1].casefold()))
