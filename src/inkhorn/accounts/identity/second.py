"""A sign-in that waits for its second factor in this browser, and what completes it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from inkhorn.accounts import codes
from inkhorn.accounts.counts import second_factor_key
from inkhorn.accounts.identity import browsers, passkeys
from inkhorn.accounts.models import OneTimeToken, Purpose, User
from inkhorn.accounts.services import doors, factors
from inkhorn.accounts.services.doors import Admitted
from inkhorn.accounts.services.passkeys import Act, PasskeyRefused, Use, use_passkey
from inkhorn.accounts.services.tokens import FEW_TRIES, LinkSpent, claim_token, token_of
from inkhorn.core import limits
from inkhorn.core.access import Visitor
from inkhorn.core.database import transaction
from inkhorn.core.errors import Invalid
from inkhorn.core.links import own_path


class WrongSecondFactor(Invalid):
    """The code is neither the app's of now nor one from paper, or it was used before."""

    def __init__(self, typed: str, tries_left: int) -> None:
        is_of_app = bool(codes.digits_of(typed))
        told = (
            _("That code does not fit, or it was used already. Wait for the next one.")
            if is_of_app
            else _("That is no code that is still good.")
        )
        if tries_left <= FEW_TRIES:
            left = ngettext("%(num)s more try before a wait.", "%(num)s more tries before a wait.", tries_left)
            told = f"{told} {left}"
        super().__init__(told, field="code")


@dataclass(frozen=True)
class Completed:
    """Somebody is in, and all that was said on the first step is kept."""

    admitted: Admitted
    way: str
    wanted: str | None
    is_remembered: bool


def waiting_here() -> OneTimeToken:
    """The sign-in that waits in this browser; LinkSpent where none does, or the first step was taken in another one."""
    found, browser = token_of(browsers.held(), Purpose.SECOND), browsers.here().browser
    if found.user is None or browser is None or found.browser_digest != browser:
        raise LinkSpent
    return found


def ask_for_passkey() -> dict[str, object]:
    """What the browser is asked that may complete its sign-in by a passkey."""
    return passkeys.ask(Act.SECOND, user=waiting_here().user)


def complete_by_code(typed: str) -> Completed:
    """Let in whoever typed a code of the app or from paper; WrongSecondFactor, TooMany or LinkSpent otherwise."""
    user = _counted()
    code = factors.read_code(user.id, typed)
    return _complete(lambda waiting, by: factors.spend_code(waiting, code, by=by), typed)


def complete_by_passkey(answer: str) -> Completed:
    """Let in whoever's passkey answered; PasskeyRefused, TooMany or LinkSpent otherwise."""
    user = _counted()
    try:
        use = passkeys.hear(answer, Act.SECOND, user=user)
    except PasskeyRefused:
        _note_refusal(user)
        raise
    return _complete(lambda _waiting, _by: _note_use(use))


def _counted() -> User:
    """Whose sign-in waits; counted before it is judged, so that many at once get no more guesses than one after the other."""
    user = waiting_here().user
    assert user is not None
    limits.spend(limits.SECOND_FACTOR, *second_factor_key(user, browsers.here().browser))
    return user


def _complete(accept: Callable[[User, Visitor], str], typed: str = "") -> Completed:
    visit = browsers.here_to_stay()
    by = visit.stranger()
    with transaction():
        waiting = waiting_here()
        user, told = waiting.user, waiting.details
        assert user is not None
        # Before the browser becomes a known one.
        key = second_factor_key(user, visit.browser)
        way = accept(user, by)
        if way:
            claim_token(waiting)
            admitted = doors.admit_by_second_factor(waiting, visit)
    if not way:
        _note_refusal(user)
        raise WrongSecondFactor(typed, limits.left(limits.SECOND_FACTOR, *key))
    limits.give_back(limits.SECOND_FACTOR, *key)
    return Completed(admitted, way, own_path(told["wanted"]), bool(told["is_remembered"]))


def _note_use(use: Use) -> str:
    use_passkey(use)
    return "passkey"


def _note_refusal(user: User) -> None:
    visit = browsers.here()
    with transaction():
        doors.note_second_refusal(user, visit)
