"""What leaves an entry about how accounts are guarded: proofs, second factors, passkeys, accounts elsewhere, the operator's keys."""

import json
from collections.abc import Callable

from inkhorn.accounts.codes import code_at
from inkhorn.accounts.models import Passkey
from inkhorn.accounts.services import factors, linking, unlocking
from inkhorn.accounts.services.linking import Identity
from inkhorn.core.access import House
from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import grow_stale, post, token_in
from tests.accounts.test_factors import begin
from tests.audit.stage import Act, Deed, Stage
from tests.authenticators import Authenticator
from tests.factories.accounts import PASSWORD, browser_of, give_app, give_codes, make_user

ELSEWHERE = Identity(provider="oidc", issuer="https://id.example", subject="1001", label="ida")


def _ida(stage: Stage, *, has_codes: bool = True, has_app: bool = False) -> None:
    """Somebody with a password who is signed in; with codes on paper, so that no new ones are drawn."""
    ida = make_user(password=PASSWORD)
    stage.browsers["ida"] = browser_of(stage.app, ida)
    if has_codes:
        give_codes(ida, 1)
    if has_app:
        give_app(ida)


def _prove(stage: Stage, password: str) -> Deed:
    _ida(stage)
    grow_stale()
    browser = stage.browser("ida")
    return lambda: post(browser, "/account/proof", proof_password=password)


def _presses(stage: Stage, address: str, *, has_app: bool = False) -> Deed:
    _ida(stage, has_app=has_app)
    return stage.presses("ida", address)


def _add_app(stage: Stage) -> Deed:
    _ida(stage)
    seed = begin(stage.browser("ida"))
    return lambda: stage.press("ida", "/account/two-factor/app/confirm", code=code_at(seed, now()))


def _add_passkey(stage: Stage) -> Deed:
    _ida(stage)
    browser = stage.browser("ida")
    asked = browser.post("/account/passkeys/new/options", data={"csrf_token": token_in(browser)}).json["publicKey"]
    return stage.presses("ida", "/account/passkeys/new", name="Laptop", credential=json.dumps(Authenticator().create(asked)))


def _passkey(stage: Stage, verb: str, **fields: str) -> Deed:
    _add_passkey(stage)()
    passkey = session().query(Passkey).one()
    return stage.presses("ida", f"/account/passkeys/{passkey.id}/{verb}", **fields)


def _link(_stage: Stage) -> Deed:
    ida = make_user(password=PASSWORD)

    def link() -> None:
        with transaction():
            linking.link_identity(ida, ELSEWHERE, by=House())

    return link


def _unlink(stage: Stage) -> Deed:
    ida = make_user(password=PASSWORD)
    stage.browsers["ida"] = browser_of(stage.app, ida)
    with transaction():
        identity = linking.link_identity(ida, ELSEWHERE, by=House())
    return stage.presses("ida", f"/account/identities/{identity.id}/unlink")


def _for_wren(stage: Stage, verb: Callable[..., object]) -> Deed:
    wren = stage.cast.wren.user

    def deed() -> None:
        with transaction():
            verb(wren, by=House())

    return deed


ACTS: dict[str, Act] = {
    "accounts.proved": lambda stage: _prove(stage, PASSWORD),
    "accounts.proof_refused": lambda stage: _prove(stage, "wrong password 7"),
    "accounts.authenticator_added": _add_app,
    "accounts.authenticator_removed": lambda stage: _presses(stage, "/account/two-factor/app/remove", has_app=True),
    "accounts.recovery_codes_made": lambda stage: _presses(stage, "/account/two-factor/codes/make", has_app=True),
    "accounts.second_factor_declined": lambda stage: _presses(stage, "/account/two-factor/decline"),
    "accounts.factors_dropped": lambda stage: _for_wren(stage, factors.drop_factors),
    "accounts.passkey_added": _add_passkey,
    "accounts.passkey_renamed": lambda stage: _passkey(stage, "rename", name="Desk key"),
    "accounts.passkey_removed": lambda stage: _passkey(stage, "remove"),
    "accounts.identity_linked": _link,
    "accounts.identity_unlinked": _unlink,
    "accounts.unlocked": lambda stage: _for_wren(stage, unlocking.unlock_user),
    "accounts.reset_link_made": lambda stage: _for_wren(stage, unlocking.make_reset_link),
    "accounts.reset_forced": lambda stage: stage.presses("ada", f"/admin/people/{stage.cast.wren.id}/force-reset"),
}
