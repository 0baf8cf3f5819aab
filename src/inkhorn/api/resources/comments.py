"""Comments as those see them who may read what they stand under; what waits, by whoever wrote it and by moderators."""

from typing import Any

from sqlalchemy import Select, select

from inkhorn.api.bodies import Body, Flag, Text, Whole
from inkhorn.api.filters import by_moment, by_number, by_word, moment
from inkhorn.api.shapes import FLAG, MOMENT, TEXT, WHOLE, Resource, Sort, maybe, plain, shown, told_moment, told_value, words
from inkhorn.api.shapes import moment as told
from inkhorn.comments.models import LONGEST_BODY, Comment, CommentKind, State
from inkhorn.comments.queries import seen_by
from inkhorn.core.access import Actor
from inkhorn.posts.models import Post

comment = Comment.__table__.c

COMMENT = Resource(
    name="Comment",
    about="What somebody said about a post.",
    key=comment.id,
    fields=plain(
        id=WHOLE,
        post_id=WHOLE,
        kind=shown(words(*CommentKind), read=told_value("kind")),
        state=shown(words(*State), read=told_value("state")),
        parent_id=shown(maybe(WHOLE), "What it answers.", read="parent_id"),
        depth=WHOLE,
        is_pinned=FLAG,
        name=shown(TEXT, "Of whoever wrote it.", read="name"),
        user_id=shown(maybe(WHOLE), "Their account, if they have one.", read="user_id"),
        html=shown(TEXT, "The words, sanitised.", read="html"),
        created_at=shown(MOMENT, read=told_moment("created_at")),
        edited_at=shown(maybe(MOMENT), read=told_moment("edited_at")),
        body=shown(TEXT, "The words as they were written.", read="body", word="comments.moderate"),
        reason=shown(TEXT, "Why it was held.", read="reason", word="comments.moderate"),
    ),
    filters={
        "id": by_number(comment.id),
        "post": by_number(comment.post_id, about="The number of a post."),
        "user": by_number(comment.user_id, about="The number of whoever wrote it."),
        "kind": by_word(comment.kind, *CommentKind),
        "state": by_word(comment.state, *State),
        "created_at": by_moment(comment.created_at),
    },
    sorts={
        "id": Sort(column=comment.id, read=int, write=int),
        "created_at": Sort(column=comment.created_at, read=moment, write=told),
    },
    usual_sort="-created_at",
)


class CommentBody(Body):
    """What is said, and what it answers."""

    body = Text(most=LONGEST_BODY, least=1, required=True, metadata={"description": "A subset of Markdown."})
    parent_id = Whole(allow_none=True)
    wants_replies = Flag(metadata={"description": "Whether to be told of replies by mail."})


class CommentChanges(Body):
    """Other words."""

    body = Text(most=LONGEST_BODY, least=1, required=True)


def comments_visible_to(actor: Actor) -> Select[Any]:
    return (
        select(*comment).select_from(Comment.__table__.join(Post.__table__, Post.__table__.c.id == comment.post_id)).where(seen_by(actor))
    )
