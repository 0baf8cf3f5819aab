"""Albums, shows and their episodes as those may hear them who ask."""

from typing import Any

from inkhorn.api.filters import by_moment, by_number, by_text, moment
from inkhorn.api.shapes import FLAG, MOMENT, TEXT, WHOLE, Resource, Shape, Sort, listed, maybe, plain, shown, told_moment, told_value, words
from inkhorn.api.shapes import moment as told
from inkhorn.media.models import Album, Episode, EpisodeKind, Listeners, Show, State, Track
from inkhorn.media.sounds import about_in_html

TRACK: Shape = {
    "type": "object",
    "properties": {"id": WHOLE, "title": TEXT, "artist": TEXT, "seconds": {"type": "number"}, "asset_id": WHOLE, "path": TEXT},
}
DAY: Shape = {"type": "string", "format": "date"}
SECONDS: Shape = {"type": "number"}


def _track(each: Track) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("id", "title", "artist", "seconds", "asset_id")}
    return told | {"path": each.asset.path}


def _day(row: Album, _beside: Any) -> str | None:
    return row.released_on.isoformat() if row.released_on else None


def _released(**more: Any) -> dict[str, Any]:
    return plain(
        id=WHOLE,
        uuid=TEXT,
        title=TEXT,
        slug=TEXT,
        path=TEXT,
        about=shown(TEXT, "What it says of itself, as Markdown.", read="about"),
        about_html=shown(TEXT, "The same as HTML.", read=lambda row, _beside: about_in_html(row)),
        state=shown(words(*State), read=told_value("state")),
        audience=shown(words(*Listeners), read=told_value("audience")),
        published_at=shown(maybe(MOMENT), read=told_moment("published_at")),
        updated_at=shown(MOMENT, read=told_moment("updated_at")),
        **more,
    )


def _asked(kind: type[Any], name: str, about: str, fields: dict[str, Any], relations: dict[str, Any] | None = None) -> Resource:
    columns = kind.__table__.c
    return Resource(
        name=name,
        about=about,
        key=columns.id,
        fields=fields,
        relations=relations or {},
        filters={"id": by_number(columns.id), "title": by_text(columns.title), "published_at": by_moment(columns.published_at)},
        sorts={
            "id": Sort(column=columns.id, read=int, write=int),
            "published_at": Sort(column=columns.published_at, read=moment, write=told, is_nullable=True),
        },
        usual_sort="-published_at",
    )


TRACKS = plain(tracks=shown(listed(TRACK), read=lambda row, _beside: [_track(each) for each in row.tracks]))
ALBUM = _asked(
    Album, "Album", "Songs in their order.", _released(artist=TEXT, released_on=shown(maybe(DAY), read=_day), cover_id=maybe(WHOLE)), TRACKS
)
SHOW = _asked(
    Show,
    "Show",
    "What episodes belong to.",
    _released(author=TEXT, language=maybe(TEXT), category=TEXT, is_explicit=FLAG, owner_email=TEXT, cover_id=maybe(WHOLE)),
)
EPISODE = _asked(
    Episode,
    "Episode",
    "One episode of a show.",
    _released(
        show_id=WHOLE,
        kind=shown(words(*EpisodeKind), read=told_value("kind")),
        season=maybe(WHOLE),
        number=maybe(WHOLE),
        is_explicit=FLAG,
        seconds=SECONDS,
        asset_id=WHOLE,
        file=shown(TEXT, "Where its sound is.", read=lambda row, _beside: row.asset.path),
    ),
)
