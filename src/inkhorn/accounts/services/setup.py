"""The first set-up: a one-time link, and the owner it makes."""

import secrets

from sqlalchemy import delete

from inkhorn.accounts.events import site_set_up
from inkhorn.accounts.models import SetupLink, User
from inkhorn.accounts.queries import owner, setup_link
from inkhorn.accounts.services.people import create_user, tidy_name
from inkhorn.core import audit, clock, settings
from inkhorn.core.access import House
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Gone, Invalid


class SetupClosed(Gone):
    """The link was used, replaced or never given out."""

    def __init__(self) -> None:
        super().__init__(
            "This set-up link is no longer good. The command `inkhorn setup-link` prints a new one while the site has no owner."
        )


def make_setup_link() -> str | None:
    """The token of the link, kept between starts until it is used; None when the site has an owner."""
    if owner() is not None:
        return None
    if setup_link() is None:
        # Another node may make it at the same moment; both then print that one.
        made = insert_into(SetupLink).values(id=1, token=secrets.token_urlsafe(24), created_at=clock.now())
        session().execute(made.on_conflict_do_nothing())
    link = setup_link()
    return link.token if link else None


def refuse_closed_link(token: str) -> None:
    link = setup_link()
    if link is None or owner() is not None or not secrets.compare_digest(link.token.encode(), token.encode()):
        raise SetupClosed


def tidy_title(title: str) -> str:
    try:
        return tidy_name(title)
    except Invalid as error:
        raise Invalid("Write what the site is called; you can change it later.", field="site_title") from error


def claim_setup(token: str, *, email: str, name: str, password: str, site_title: str, language: str, timezone: str) -> User:
    """Make the owner and name the site; of many who hold the link at once exactly one succeeds."""
    refuse_closed_link(token)
    # The row can be deleted once only; whoever deletes it is the owner.
    taken = session().execute(delete(SetupLink).where(SetupLink.token == token))
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise SetupClosed
    # The title first: the password may not be made of it.
    settings.tune(settings.SiteSettings, by=House(), title=tidy_title(site_title), language=language, timezone=timezone)
    user = create_user(email=email, name=name, role="owner", password=password, by=House())
    audit.record(House(), "accounts.site_set_up", user)
    site_set_up.send(user)
    return user
