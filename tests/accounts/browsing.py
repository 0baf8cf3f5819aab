"""What tests of the account section do again and again: forms with their token, and time that passes."""

import re

from sqlalchemy import select

from inkhorn.accounts.models import Session
from inkhorn.core import audit
from inkhorn.core.database import session, transaction


def token_in(browser, path="/account/two-factor") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text)
    assert found, path
    return found[1]


def post(browser, path, **fields):
    """Send a form of the account section with its token."""
    headers = fields.pop("headers", None)
    return browser.post(path, data={"csrf_token": token_in(browser), **fields}, headers=headers)


def grow_stale() -> None:
    """Let every proof of who somebody is be older than sensitive acts allow."""
    with transaction():
        for each in session().scalars(select(Session)):
            each.fresh_at = each.fresh_at.replace(year=2020)


def noted(like="accounts.%") -> list[str]:
    """The actions in the audit log, in order."""
    found = session().scalars(select(audit.Entry.action).where(audit.Entry.action.like(like)).order_by(audit.Entry.id))
    return [each for each in found if each not in ("accounts.created", "accounts.signed_in")]
