"""A fresh proof of who somebody is, by password, code, passkey or letter: judged, counted, noted."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import g
from flask_babel import gettext as _

from inkhorn.accounts import passwords
from inkhorn.accounts.counts import proof_key
from inkhorn.accounts.forms.factors import ProofForm
from inkhorn.accounts.identity import browsers, passkeys
from inkhorn.accounts.identity.sessions import own_session, renew_here
from inkhorn.accounts.models import Purpose, User
from inkhorn.accounts.queries import factors_of
from inkhorn.accounts.services import factors, sessions
from inkhorn.accounts.services.passkeys import Act, Use, use_passkey
from inkhorn.accounts.services.tokens import LinkSpent, WrongCode, claim_token, token_by_code
from inkhorn.core import audit, limits
from inkhorn.core.database import transaction
from inkhorn.core.errors import Invalid


class NotProved(Invalid):
    """What was given is not theirs, or was used before."""


@dataclass(frozen=True)
class Ways:
    """How somebody can prove who they are."""

    by_password: bool
    by_app: bool
    by_passkey: bool

    @property
    def by_mail(self) -> bool:
        """Only for whoever has nothing else: a mailbox must not stand in for a factor."""
        return not (self.by_password or self.by_app or self.by_passkey)

    @property
    def first_field(self) -> str:
        if self.by_password:
            return "proof_password"
        return "proof_code" if self.by_app or self.by_mail else ""


@dataclass(frozen=True)
class Given:
    """One proof, made ready outside the transaction that takes it."""

    way: str
    field: str
    take: Callable[[], bool]
    is_second: bool = False


def ways_of(user: User) -> Ways:
    known = factors_of(user.id)
    return Ways(by_password=user.password is not None, by_app=known.has_authenticator, by_passkey=known.passkeys > 0)


def prove(form: ProofForm) -> None:
    """Make the session fresh and give it another token; NotProved, TooMany and their like where the proof is none."""
    user, key = g.actor.user, proof_key(g.actor.id, g.session_id)
    ways = ways_of(user)
    if not (form.proof_password.data or form.proof_code.data or form.proof_passkey.data):
        raise NotProved(_("Give one of these, so that we know it is you."), field=ways.first_field)
    limits.spend(limits.PROOF, *key)
    try:
        _take(_given(form, user, ways))
    except Invalid:
        with transaction():
            audit.record(g.actor, "accounts.proof_refused", user)
        raise
    limits.give_back(limits.PROOF, *key)


def _take(given: Given) -> None:
    with transaction():
        opened = own_session()
        if not given.take():
            wrong_code = _("That is no code that is still good.")
            raise NotProved(_("That is not your password.") if given.way == "password" else wrong_code, field=given.field)
        sessions.make_fresh(opened, is_two_factor=given.is_second)
        renew_here()
        audit.record(g.actor, "accounts.proved", opened.user, way=given.way)


def _given(form: ProofForm, user: User, ways: Ways) -> Given:
    if form.proof_passkey.data:
        use = passkeys.hear(form.proof_passkey.data, Act.PROVE, user=user)
        return Given("passkey", "", lambda: _note_use(use), is_second=True)
    if form.proof_password.data:
        is_right = passwords.is_right(form.proof_password.data, user.password)
        return Given("password", "proof_password", lambda: is_right)
    typed = form.proof_code.data or ""
    if ways.by_mail:
        return Given("mail", "proof_code", lambda: _take_mailed(user, typed))
    code = factors.read_code(user.id, typed)
    return Given("code", "proof_code", lambda: bool(factors.spend_code(user, code, by=g.actor)), is_second=True)


def _note_use(use: Use) -> bool:
    use_passkey(use)
    return True


def _take_mailed(user: User, typed: str) -> bool:
    try:
        token = token_by_code(Purpose.PROOF, typed, browser=browsers.here().browser or "")
    except (WrongCode, LinkSpent) as error:
        raise NotProved(str(error), field="proof_code") from error
    if token.user_id != user.id:
        return False
    claim_token(token)
    return True
