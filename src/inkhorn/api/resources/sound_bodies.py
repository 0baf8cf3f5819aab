"""What may be sent of albums, shows and episodes; what is left out stays as it is, and null takes away."""

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from inkhorn.api.bodies import Body, Choice, Flag, Moment, Text, Whole
from inkhorn.core.access import Actor
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.media.models import Asset, EpisodeKind, Kind, Listeners
from inkhorn.media.models.sound import LONGEST_SLUG
from inkhorn.media.policies import can_see_library, get_asset_for
from inkhorn.media.services.sound.episodes import HIGHEST_NUMBER
from inkhorn.media.services.sound.settling import LONGEST_ABOUT, LONGEST_TITLE
from inkhorn.media.services.sound.shows import CATEGORIES
from inkhorn.media.services.sound.tracks import MOST_TRACKS

# What the verbs of the house take for nothing.
NOTHING = {"released_on": "", "language": "", "cover_id": 0, "season": 0, "number": 0}


class Day(fields.Date):
    """A day, as RFC 3339 writes it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("Give a day like 2026-05-01.") from error


class _Released(Body):
    """What all three share."""

    about = Text(most=LONGEST_ABOUT)
    slug = Text(most=LONGEST_SLUG, least=1)
    audience = Choice(*Listeners)


class AlbumChanges(_Released):
    """What is said of an album."""

    title = Text(most=LONGEST_TITLE, least=1)
    artist = Text(most=LONGEST_TITLE)
    released_on = Day(allow_none=True)
    cover_id = Whole(allow_none=True)


class AlbumBody(AlbumChanges):
    """A draft of an album without songs."""

    title = Text(most=LONGEST_TITLE, least=1, required=True)


class ShowChanges(_Released):
    """What is said of a show."""

    title = Text(most=LONGEST_TITLE, least=1)
    author = Text(most=LONGEST_TITLE)
    language = Text(most=35, least=2, allow_none=True)
    category = Choice("", *CATEGORIES)
    owner_email = Text(most=254)
    is_explicit = Flag()
    cover_id = Whole(allow_none=True)


class ShowBody(ShowChanges):
    """A draft of a show without episodes."""

    title = Text(most=LONGEST_TITLE, least=1, required=True)


class EpisodeChanges(_Released):
    """What is said of an episode."""

    title = Text(most=LONGEST_TITLE, least=1)
    kind = Choice(*EpisodeKind)
    season = Whole(most=HIGHEST_NUMBER, allow_none=True)
    number = Whole(most=HIGHEST_NUMBER, allow_none=True)
    is_explicit = Flag()
    published_at = Moment()


class EpisodeBody(EpisodeChanges):
    """A draft of an episode of a sound that is in the library; without a title it is named as its file says."""

    asset_id = Whole(required=True)


class TrackBody(Body):
    """A song of a sound that is in the library; what is left out is named as its file says."""

    asset_id = Whole(required=True)
    title = Text(most=LONGEST_TITLE)
    artist = Text(most=LONGEST_TITLE)


class TrackChanges(Body):
    """How a song is called."""

    title = Text(most=LONGEST_TITLE)
    artist = Text(most=LONGEST_TITLE)


class OrderBody(Body):
    """The songs by their numbers, in the order in which they are to stand; what is not named comes after."""

    tracks = fields.List(Whole(), required=True, validate=validate.Length(max=MOST_TRACKS))


def picture_of(actor: Actor, asset_id: int) -> Asset:
    """The picture of that number, if it lies in the library."""
    return _kept(actor, asset_id, Kind.IMAGE, "cover_id", "picture")


def sound_of(actor: Actor, asset_id: int) -> Asset:
    """The sound of that number, if it lies in the library."""
    return _kept(actor, asset_id, Kind.AUDIO, "asset_id", "sound")


def _kept(actor: Actor, asset_id: int, kind: Kind, field: str, word: str) -> Asset:
    try:
        asset = get_asset_for(actor, asset_id, can=can_see_library)
    except NotFound as error:
        raise Invalid(f"There is no such {word} in the library.", field=field) from error
    if asset.kind is not kind or asset.trashed_at is not None:
        raise Invalid(f"This is no {word} of the library.", field=field)
    return asset


def settled(body: dict[str, Any]) -> dict[str, Any]:
    """The body as the changes of the house are written."""
    told: dict[str, Any] = {name: NOTHING[name] if value is None else value for name, value in body.items()}
    if "audience" in told:
        told["audience"] = Listeners(told["audience"])
    if "kind" in told:
        told["kind"] = EpisodeKind(told["kind"])
    return told
