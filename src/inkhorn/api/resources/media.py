"""Uploads as programs see them: the library of those who may upload."""

from inkhorn.api.bodies import Body, Flag, Text
from inkhorn.api.filters import by_flag, by_moment, by_number, by_text, by_word, moment
from inkhorn.api.shapes import FLAG, MOMENT, TEXT, WHOLE, Resource, Shape, Sort, listed, maybe, plain, shown, told_moment, told_value, words
from inkhorn.api.shapes import moment as told
from inkhorn.media.models import Asset, Kind
from inkhorn.media.models.uploads import Reach
from inkhorn.media.services.keeping import LONGEST_ALT, LONGEST_CAPTION

asset = Asset.__table__.c

RENDITION: Shape = {
    "type": "object",
    "properties": {"path": TEXT, "content_type": TEXT, "width": WHOLE, "height": WHOLE, "size_bytes": WHOLE},
}
ASSET = Resource(
    name="Media",
    about="One uploaded file; the same bytes are kept once.",
    key=asset.id,
    fields=plain(
        id=WHOLE,
        uuid=TEXT,
        kind=shown(words(*Kind), "What it is by its content, never by its name.", read=told_value("kind")),
        filename=TEXT,
        path=shown(TEXT, "Where readers get it, and how Markdown names it.", read="path"),
        content_type=TEXT,
        size_bytes=WHOLE,
        width=maybe(WHOLE),
        height=maybe(WHOLE),
        is_animated=FLAG,
        alt=TEXT,
        caption=TEXT,
        reach=shown(words(*Reach), "Whom it is handed to, as what shows it says.", read=told_value("reach")),
        is_for_members=FLAG,
        uploaded_by_id=maybe(WHOLE),
        created_at=shown(MOMENT, read=told_moment("created_at")),
        trashed_at=shown(maybe(MOMENT), "When it was put in the trash, where nothing shows it.", read=told_moment("trashed_at")),
    ),
    relations=plain(
        tags=shown(listed(TEXT), read=lambda row, _beside: [each.name for each in row.tags]),
        renditions=shown(
            listed(RENDITION),
            "The smaller and lighter versions, once they are made.",
            read=lambda row, _beside: [{name: getattr(each, name) for name in RENDITION["properties"]} for each in row.renditions],
        ),
    ),
    filters={
        "id": by_number(asset.id),
        "kind": by_word(asset.kind, *Kind),
        "filename": by_text(asset.filename),
        "alt": by_text(asset.alt),
        "is_for_members": by_flag(asset.is_for_members),
        "created_at": by_moment(asset.created_at),
    },
    sorts={
        "id": Sort(column=asset.id, read=int, write=int),
        "created_at": Sort(column=asset.created_at, read=moment, write=told),
        "filename": Sort(column=asset.filename, read=str, write=str),
        "size_bytes": Sort(column=asset.size_bytes, read=int, write=int),
    },
    usual_sort="-created_at",
)
UPLOAD: Shape = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "alt": {"type": "string", "maxLength": LONGEST_ALT},
        "caption": {"type": "string", "maxLength": LONGEST_CAPTION},
    },
    "additionalProperties": False,
}
REPLACEMENT: Shape = {**UPLOAD, "properties": {"file": UPLOAD["properties"]["file"]}}


class AssetBody(Body):
    """What is said of an upload; what is left out stays as it is."""

    filename = Text(most=255, least=1)
    alt = Text(most=LONGEST_ALT)
    caption = Text(most=LONGEST_CAPTION)
    is_for_members = Flag()
