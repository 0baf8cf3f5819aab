"""Authors as readers know them, and accounts as those see them who look after people."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from inkhorn.accounts.models import AccountStatus, Role, User, user_role
from inkhorn.api.bodies import Body, Text
from inkhorn.api.filters import by_link, by_moment, by_number, by_text, by_word, moment
from inkhorn.api.shapes import MOMENT, TEXT, WHOLE, Resource, Sort, listed, maybe, plain, shown, told_moment, told_value, words
from inkhorn.api.shapes import moment as told
from inkhorn.core.access import Actor
from inkhorn.core.links import href
from inkhorn.posts.queries import author_seen_by

user = User.__table__.c

SORTS = {
    "id": Sort(column=user.id, read=int, write=int),
    "name": Sort(column=user.name, read=str, write=str),
}
AUTHOR = Resource(
    name="Author",
    about="Somebody who wrote something that may be read.",
    key=user.id,
    fields=plain(
        id=WHOLE,
        name=TEXT,
        username=TEXT,
        path=shown(TEXT, read=lambda row, _beside: href(f"/author/{row.username}/")),
        bio=TEXT,
        website=maybe(TEXT),
        links=shown(listed(TEXT), "Other places that are the same person's.", read="links"),
    ),
    filters={"id": by_number(user.id), "name": by_text(user.name), "username": by_text(user.username)},
    sorts=SORTS,
    usual_sort="name",
)


def _role_of(row: Any, _beside: Any) -> str | None:
    return row.roles[0].name if row.roles else None


def _with_role(names: Any) -> ColumnElement[bool]:
    linked = select(user_role.c.user_id).join(Role.__table__, Role.__table__.c.id == user_role.c.role_id)
    return linked.where(Role.__table__.c.name.in_(names), user_role.c.user_id == user.id).exists()


USER = Resource(
    name="User",
    about="An account, or an imported author who has none yet.",
    key=user.id,
    fields=plain(
        id=WHOLE,
        name=TEXT,
        username=TEXT,
        email=maybe(TEXT),
        status=shown(words(*AccountStatus), read=told_value("status")),
        role=shown(maybe(TEXT), read=_role_of),
        bio=TEXT,
        website=maybe(TEXT),
        links=listed(TEXT),
        language=maybe(TEXT),
        timezone=maybe(TEXT),
        created_at=shown(MOMENT, read=told_moment("created_at")),
        updated_at=shown(MOMENT, read=told_moment("updated_at")),
    ),
    filters={
        "id": by_number(user.id),
        "name": by_text(user.name),
        "username": by_text(user.username),
        "email": by_text(user.email),
        "status": by_word(user.status, *AccountStatus),
        "role": by_link(_with_role, about="The name of a role."),
        "created_at": by_moment(user.created_at),
    },
    sorts=SORTS | {"created_at": Sort(column=user.created_at, read=moment, write=told)},
    usual_sort="name",
)
ME = Resource(
    name="Me",
    about="Whoever asks.",
    key=user.id,
    fields={**USER.fields} | plain(permissions=listed(TEXT)),
)


class RoleBody(Body):
    """The role that somebody shall have instead of theirs."""

    role = Text(most=40, least=1, required=True)


class ProfileBody(Body):
    """What somebody says of themselves; what is left out stays as it is."""

    name = Text(most=150, least=1)
    bio = Text(most=250)
    website = Text(most=500)


def authors_visible_to(actor: Actor) -> Select[Any]:
    return select(*user).where(author_seen_by(actor))


def everybody() -> Select[Any]:
    return select(User)
