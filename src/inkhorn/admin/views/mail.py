"""Letters: what waits, what failed, what may have arrived, and what somebody decides about it."""

from contextlib import suppress

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.admin.forms import ButtonForm, ChosenLettersForm, TestLetterForm
from inkhorn.admin.views.room import asked_page, bp, list_address
from inkhorn.admin.words import LETTER_STATES
from inkhorn.core import limits
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError, Invalid
from inkhorn.core.mail import deciding, letters, trying
from inkhorn.core.mail.deciding import FAILED
from inkhorn.core.mail.letters import Letter, LetterState
from inkhorn.core.mail.sending import sender_of
from inkhorn.core.paging import page_of

PAGE_SIZE = 50
MOST_AT_ONCE = 500
WAITING = (LetterState.WAITING, LetterState.HANDING)
# What a tab shows, by its name in the address.
PLIGHTS = {"all": (), "waiting": WAITING, "uncertain": (LetterState.UNCERTAIN,), "failed": FAILED, "sent": (LetterState.SENT,)}
# What one button sends again, by the name in its form; all that failed where it names nothing else.
SENT_AGAIN = {"waiting": (LetterState.WAITING,), "uncertain": (LetterState.UNCERTAIN,)}


@bp.get("/mail")
@open_to(holds("mail.see"))
def list_letters() -> BaseResponse:
    return _list(TestLetterForm(formdata=None, address=g.actor.user.email or ""))


@bp.post("/mail/test")
@open_to(holds("mail.see"))
def send_test_letter() -> BaseResponse:
    form = TestLetterForm()
    if not form.validate():
        return _list(form, 422)
    try:
        limits.spend(limits.TEST_LETTER, str(g.actor.id))
        with transaction():
            trying.send_test_letter((form.address.data or "").strip(), by=g.actor)
    except Invalid as error:
        form.address.errors = [str(error)]
        return _list(form, 422)
    flash(_("A test letter to %(address)s is on its way.", address=form.address.data))
    return redirect(url_for("admin.list_letters"), code=303)


@bp.post("/mail/<int:letter_id>/resend")
@open_to(holds("mail.see"))
def resend_letter(letter_id: int) -> BaseResponse:
    ButtonForm.accepted()
    with transaction():
        letter = letters.get_letter(letter_id)
        deciding.resend_letter(letter, by=g.actor)
    flash(_("The letter to %(address)s is tried again within a minute.", address=letter.to_address))
    return redirect(_back(), code=303)


@bp.post("/mail/<int:letter_id>/settle")
@open_to(holds("mail.see"))
def settle_letter(letter_id: int) -> BaseResponse:
    ButtonForm.accepted()
    with transaction():
        letter = letters.get_letter(letter_id)
        deciding.settle_letter(letter, by=g.actor)
    if letter.state is LetterState.SENT:
        flash(_("Noted: the letter to %(address)s arrived.", address=letter.to_address))
    else:
        flash(_("The letter to %(address)s is put away.", address=letter.to_address))
    return redirect(_back(), code=303)


@bp.post("/mail/resend")
@open_to(holds("mail.see"))
def resend_letters() -> BaseResponse:
    form = ChosenLettersForm.accepted()
    states = SENT_AGAIN.get(form.state.data or "", FAILED)
    chosen = [letter.id for letter in session().scalars(deciding.resendable_letters(*states).limit(MOST_AT_ONCE))]
    done, refused = 0, []
    for letter_id in chosen:
        try:
            with transaction():
                deciding.resend_letter(letters.get_letter(letter_id), by=g.actor)
            done += 1
        except InkhornError as error:
            refused.append(str(error))
    flash(ngettext("One letter is tried again within a minute.", "%(num)s letters are tried again within a minute.", done))
    if gone := deciding.worthless_count(*states):
        refused.append(_worthless(gone))
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    return redirect(url_for("admin.list_letters"), code=303)


@bp.post("/mail/settle")
@open_to(holds("mail.see"))
def settle_letters() -> BaseResponse:
    ButtonForm.accepted()
    done = 0
    for letter_id in session().scalars(letters.letters(*FAILED).with_only_columns(Letter.id).limit(MOST_AT_ONCE)).all():
        with suppress(InkhornError), transaction():
            deciding.settle_letter(letters.get_letter(letter_id), by=g.actor)
            done += 1
    flash(ngettext("One letter is put away.", "%(num)s letters are put away.", done))
    return redirect(url_for("admin.list_letters"), code=303)


def _list(form: TestLetterForm, status: int = 200) -> BaseResponse:
    plight = request.args.get("state", "all")
    chosen = plight if plight in PLIGHTS else "all"
    running = config()
    return show_desk_page(
        "admin/list_letters.html",
        status,
        form=form,
        found=page_of(letters.letters(*PLIGHTS[chosen]), number=asked_page(), size=PAGE_SIZE),
        counts=letters.letter_counts(),
        chosen=chosen,
        states=LETTER_STATES,
        can_resend=deciding.can_resend,
        running=running,
        sender=sender_of(running),
        address=list_address,
    )


def _worthless(number: int) -> str:
    sentence: str = ngettext(
        "One cannot be sent again: what it said is no longer kept, or worth nothing by now.",
        "%(num)s cannot be sent again: what they said is no longer kept, or worth nothing by now.",
        number,
    )
    return sentence


def _back() -> str:
    state = request.args.get("state")
    return url_for("admin.list_letters", state=state if state in PLIGHTS else None)
