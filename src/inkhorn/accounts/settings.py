"""How people come in, and which letters they get."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from inkhorn.core.settings import Section

# Letters that somebody may do without, with the words of their switch; those about the account itself always go out.
NOTICES: dict[str, str] = {
    "new_device": "When my account is used in a browser for the first time",
    "comment_reply": "When somebody answers my comment",
    "comment_on_post": "When somebody comments on what I wrote",
    "comment_waiting": "When a comment waits for a moderator",
    "comment_reported": "When readers report a comment",
    "invitation_accepted": "When somebody I invited has joined",
    "letter_refused": "When letters of the site could not be delivered",
    "registered": "When somebody has registered",
}
# What is not wanted until somebody asks for it.
QUIET = frozenset(("registered",))
# Whom a letter is for; those not named here are for everybody.
NOTICE_WORDS: dict[str, str] = {
    "comment_reply": "comments.write",
    "comment_on_post": "posts.write",
    "comment_waiting": "comments.moderate",
    "comment_reported": "comments.moderate",
    "invitation_accepted": "people.manage",
    "letter_refused": "mail.see",
    "registered": "people.see",
}
# What the desk and the letters are written in, by language tag.
LANGUAGES: dict[str, str] = {"en": "English"}


def is_wanted(notices: Mapping[str, Any], notice: str) -> bool:
    """Whether a letter is wanted: as the person said, else as is usual."""
    return bool(notices.get(notice, notice in NOTICES and notice not in QUIET))


@dataclass(frozen=True, kw_only=True)
class AccountSettings(Section):
    """How people get an account and sign in to it."""

    section: ClassVar[str] = "accounts"

    # Who may register: "off" for nobody, "invitation" for whoever was invited, "open" for everybody.
    registration: str = "invitation"
    # The role of whoever registers by themselves.
    new_role: str = "member"
    # Address of the terms that must be accepted on registering; empty means there are none.
    terms_address: str = ""
    # Whether members may sign in by a link that is sent to them.
    links_by_mail: bool = True
    # Days after which entries of the audit log are removed; 0 keeps them for ever.
    audit_days: int = 365
