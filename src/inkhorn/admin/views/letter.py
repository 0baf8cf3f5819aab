"""One letter with what became of it, and the mailbox in which developers read it whole."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from flask import Response, abort
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.admin.views.room import bp
from inkhorn.admin.words import LETTER_STATES
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.core.desk import show_desk_page
from inkhorn.core.headers import own_policy
from inkhorn.core.mail.deciding import can_resend
from inkhorn.core.mail.letters import Letter, get_letter

# A document of its own that can neither run nor fetch anything; it may be shown in a frame of ours, and its links open outside.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"


@bp.get("/mail/<int:letter_id>")
@open_to(holds("mail.see"))
def show_letter(letter_id: int) -> BaseResponse:
    letter = get_letter(letter_id)
    words = _words_of(letter)
    text = words.get_body(("plain",)) if words is not None else None
    response = show_desk_page(
        "admin/show_letter.html",
        letter=letter,
        states=LETTER_STATES,
        text=text.get_content() if text else None,
        can_resend=can_resend,
        is_development=config().is_development,
    )
    response.headers["Content-Security-Policy"] = own_policy({"frame-src": ("'self'",)})
    return response


@bp.get("/mail/<int:letter_id>/page")
@open_to(holds("mail.see"))
def show_letter_page(letter_id: int) -> Response:
    words = _words_of(get_letter(letter_id))
    page = words.get_body(("html",)) if words is not None else None
    if page is None:
        abort(404)
    # In the frame the pages that its links lead to would stay blank, since they let nobody frame them.
    opening = page.get_content().replace("<head>", '<head><base target="_blank">', 1)
    response = Response(opening, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _words_of(letter: Letter) -> EmailMessage | None:
    """What the letter says, for developers alone: on any other machine that is between the site and its reader."""
    if not config().is_development or letter.content is None:
        return None
    made = message_from_bytes(letter.content, policy=policy.SMTPUTF8)
    return made if isinstance(made, EmailMessage) else None
