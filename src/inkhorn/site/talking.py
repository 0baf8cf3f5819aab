"""The comments under a post or page, as its page asks for them."""

from flask import g, request

from inkhorn.comments.pages.cards import Talk
from inkhorn.comments.pages.shapes import Thread
from inkhorn.comments.pages.threads import ASKED, asked_page, thread_under
from inkhorn.comments.pages.writing import form_under
from inkhorn.site.queries import AnyRow


def thread_below(row: AnyRow) -> Thread | None:
    """The page of the comments that is asked for; none under what is not published, nor on a page where nobody said or may say anything."""
    if not row.is_live:
        return None
    talk = Talk(row, g.actor, form_under(row, g.actor), may_have_comments=bool(row.is_talked_of))
    thread = thread_under(talk, asked_page(request.args.get(ASKED)))
    is_used = thread.form is not None or thread.sign_in_address or thread.comments or thread.pings
    return thread if is_used else None
