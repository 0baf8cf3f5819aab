"""What may be sent about a post or a page."""

from dataclasses import fields as fields_of
from typing import Any

from marshmallow import fields, validate

from inkhorn.api.bodies import Body, Choice, Flag, Moment, Text, Whole
from inkhorn.core import prose
from inkhorn.posts.models import Audience, PostKind, Status
from inkhorn.posts.services.companions import MOST_AUTHORS, MOST_TAGS
from inkhorn.posts.services.writing import LIMITS, PostChanges


class PostBody(Body):
    """Changes of a post; what is left out stays as it is, and null empties what can be empty."""

    title = Text(most=LIMITS["title"])
    body = Text(most=prose.MAX_CHARACTERS, metadata={"description": "Markdown."})
    slug = Text(most=160, metadata={"description": "The last part of the address; empty lets it follow the title again."})
    excerpt = Text(most=LIMITS["excerpt"])
    audience = Choice(*Audience)
    language = Text(most=LIMITS["language"], allow_none=True)
    tags = fields.List(
        Text(most=150, least=1),
        # Told twice they count twice here, as the description says.
        validate=validate.Length(max=MOST_TAGS, error="At most {max} tags fit."),
        metadata={"description": "Names, in order; new ones are made."},
    )
    author_ids = fields.List(Whole(), validate=validate.Length(min=1, max=MOST_AUTHORS, error="Give from {min} to {max} authors."))
    series = Text(most=255, allow_none=True, metadata={"description": "Title; made if not known."})
    cover_id = Whole(allow_none=True)
    cover_url = Text(most=LIMITS["cover_url"], allow_none=True)
    cover_alt = Text(most=LIMITS["cover_alt"])
    cover_caption = Text(most=LIMITS["cover_caption"])
    is_featured = Flag()
    canonical_url = Text(most=LIMITS["canonical_url"], allow_none=True)
    meta_title = Text(most=LIMITS["meta_title"], allow_none=True)
    meta_description = Text(most=LIMITS["meta_description"], allow_none=True)
    published_at = Moment(metadata={"description": "Of a published post its date, of a scheduled one its hour."})


class DraftBody(PostBody):
    """A new post. Status "published" puts it before its readers in the same request, which needs posts.publish; where it cannot be, nothing is kept."""

    status = Choice(Status.DRAFT, Status.PUBLISHED)


class PublishBody(Body):
    """When readers may see it."""

    may_be_empty = True

    release_at = Moment(allow_none=True, metadata={"description": "The hour; left out, it is now."})


KNOWN = frozenset(each.name for each in fields_of(PostChanges))


def changes_of(body: dict[str, Any], kind: PostKind | None = None) -> PostChanges:
    """The body as one save."""
    sent = {name: value for name, value in body.items() if name in KNOWN}
    if sent.get("series", "") is None:
        sent["series"] = ""
    return PostChanges(**sent) if kind is None else PostChanges(kind=kind, **sent)
