"""Whether what a letter tells is still so when its turn comes: mail servers are away for hours, and moderators are not."""

import re

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.settings import is_wanted
from inkhorn.comments.models import Comment, State
from inkhorn.comments.policies import can_moderate_comment
from inkhorn.comments.queries import is_muted
from inkhorn.comments.services.muting import NEVER_WROTE
from inkhorn.core.access import Visitor
from inkhorn.core.database import session
from inkhorn.core.events import MayPass
from inkhorn.posts.policies import can_see_post

# As comments.tasks.telling writes them; what it wrote before it named the guest who is to confirm included.
_PURPOSE = re.compile(r"comments\.(reply|on_post|waiting|reported|confirm):(\d+)(?::(user|guest):(\d+))?(?::\d+)?")
_NOTHING_TO_TELL = "What became of the comment since leaves nothing to tell."
_MAY_NOT_SEE = "Its reader may not see the post any more."
_STANDS_IN = {"waiting": State.WAITING, "confirm": State.UNCONFIRMED}


def why_not(purpose: str) -> str | None:
    """Why a letter of this purpose shall not leave, for good or for now; None where nothing speaks against it, or it is another room's."""
    told = _PURPOSE.fullmatch(purpose)
    if told is None:
        return None
    kind, whose = told[1], told[3]
    comment = session().get(Comment, int(told[2]), populate_existing=True)
    if comment is None or comment.state is State.PURGED:
        return _NOTHING_TO_TELL
    if comment.state is not _STANDS_IN.get(kind, State.APPROVED):
        # What was held, called spam or thrown away by mistake is put back, and then its letter is owed.
        return MayPass(_NOTHING_TO_TELL)
    if kind == "reported" and not comment.reports:
        return "A moderator has looked at what was reported."
    if whose == "user":
        return _why_not_to_user(kind, comment, session().get(User, int(told[4]), populate_existing=True))
    if not can_see_post(Visitor(), comment.post):
        return MayPass(_MAY_NOT_SEE)
    root_id = NEVER_WROTE if kind == "confirm" else comment.root_id or comment.id
    who = f"guest:{told[4] or comment.guest_id}"
    return "Its reader wants no more of these letters." if is_muted(who, root_id) else None


def _why_not_to_user(kind: str, comment: Comment, user: User | None) -> str | None:
    if user is None or not user.can_sign_in:
        return "Its reader’s account is closed."
    reader = Person(user)
    if not can_see_post(reader, comment.post):
        return MayPass(_MAY_NOT_SEE)
    if kind in ("waiting", "reported") and not can_moderate_comment(reader, comment):
        return "Its reader moderates comments no more."
    is_left = kind == "reply" and is_muted(f"user:{user.id}", comment.root_id or comment.id)
    return "Its reader wants no more of these letters." if is_left or not is_wanted(user.notices, f"comment_{kind}") else None
