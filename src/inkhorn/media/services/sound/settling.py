"""Slugs and old addresses of albums, shows and episodes, and the moves that all three share."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inkhorn.core import clock, prose
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.media.models import Album, Episode, Show, SoundAddress, State
from inkhorn.media.models.sound import LONGEST_SLUG
from inkhorn.media.services.sound.showing import note_shown

LONGEST_TITLE, LONGEST_ABOUT = 255, 20_000
FIRST_YEAR, LAST_YEAR = 1900, 9000
# As many as may begin one of the same title at the same moment.
MOST_TRIES = 20

Sound = Album | Show | Episode
_COLUMNS: dict[type[Any], str] = {Album: "album_id", Show: "show_id", Episode: "episode_id"}


class SoundSlugTaken(Invalid):
    """Another one stands, or once stood, at that address."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"The address “{slug}” already belongs to another one. Choose another address.", field="slug")


class SoundNotReady(Invalid):
    """Something is missing that listeners would miss."""


class SoundMoved(Conflict):
    """It does not stand where this could be done with it."""


def tidy_line(text: str, name: str) -> str:
    """One line of words; Invalid naming the field where it is too long."""
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if len(shown) > LONGEST_TITLE:
        raise Invalid(f"At most {LONGEST_TITLE} characters.", field=name)
    return shown


def tidy_text(text: str) -> str:
    """Several lines of words."""
    shown = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(shown) > LONGEST_ABOUT:
        raise Invalid(f"At most {LONGEST_ABOUT} characters.", field="about")
    return shown


def settle_about(sound: Sound, text: str) -> None:
    """Keep what it says of itself, and the HTML of it; plain words from before it was Markdown stay plain while nobody changes them."""
    about = tidy_text(text)
    if about == sound.about and sound.about_html is None and about:
        return
    sound.about, sound.about_html, sound.about_pipeline = about, prose.render(about).html, prose.PIPELINE


def needed_title(text: str) -> str:
    shown = tidy_line(text, "title")
    if not shown:
        raise Invalid("Give it a title.", field="title")
    return shown


def keep_new(sound: Sound) -> None:
    """Add it under an address that follows its title; two of one title at the same moment get two addresses."""
    for _try in range(MOST_TRIES):
        sound.slug = _slug_of_title(sound)
        try:
            with session().begin_nested():
                session().add(sound)
                session().flush()
        except IntegrityError:
            continue
        return
    raise SoundSlugTaken(sound.slug)


def settle_slug(sound: Sound, wanted: str) -> None:
    """Give it another address, to which the old one leads from then on; SoundSlugTaken if it is not free."""
    slug = prose.slugify(wanted, max_length=LONGEST_SLUG)
    if not slug:
        raise Invalid("This address has no letter or digit in it. Write at least one.", field="slug")
    if slug == sound.slug:
        return
    if not _is_free(sound, slug):
        raise SoundSlugTaken(slug)
    if sound.published_at is not None:
        _keep_address(sound)
    try:
        with session().begin_nested():
            sound.slug = slug
            session().flush()
    except IntegrityError as error:
        raise SoundSlugTaken(slug) from error


def release(sound: Sound, at: datetime | None = None) -> None:
    """Put it before listeners; SoundMoved where it is there already."""
    if sound.is_published:
        raise SoundMoved("It is published already.")
    sound.state = State.PUBLISHED
    # Feeds carry this date, so a second publication must not move it.
    sound.published_at = dated(at) if at else sound.published_at or clock.now()
    note_shown(sound)


def dated(moment: datetime) -> datetime:
    """The moment, if it can be kept and written in a feed."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Invalid("That date is too far away to be kept.", field="published_on")
    return moment


def withdraw(sound: Sound) -> None:
    if not sound.is_published:
        raise SoundMoved("It is not published.")
    sound.state = State.UNPUBLISHED
    note_shown(sound)


def touch(sound: Sound) -> None:
    """Note that it changed, even where only what hangs on it did."""
    sound.updated_at = clock.now()
    note_shown(sound)


def _slug_of_title(sound: Sound) -> str:
    stem = prose.slugify(sound.title, max_length=LONGEST_SLUG - 8) or type(sound).__name__.lower()
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(slug for slug in numbered if _is_free(sound, slug))


def _is_free(sound: Sound, slug: str) -> bool:
    """Whether nothing of its kind stands there, or once stood."""
    kind: Any = type(sound)
    same = select(kind.id).where(kind.slug == slug, kind.id != (sound.id or 0))
    if isinstance(sound, Episode):
        same, root = same.where(Episode.show_id == sound.show_id), sound.show.path
    else:
        root = f"/{kind.__name__.lower()}/"
    with session().no_autoflush:
        if session().scalar(same.limit(1)) is not None:
            return False
        held = session().get(SoundAddress, f"{root}{slug}/")
    return held is None or (sound.id is not None and getattr(held, _COLUMNS[kind]) == sound.id)


def _keep_address(sound: Sound) -> None:
    kept = insert_into(SoundAddress).values(path=sound.path, created_at=clock.now(), **{_COLUMNS[type(sound)]: sound.id})
    session().execute(kept.on_conflict_do_nothing())
