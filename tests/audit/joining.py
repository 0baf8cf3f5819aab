"""What leaves an entry about coming in: letters that are asked for, accounts that are opened, invitations."""

from inkhorn.accounts.models import Purpose, Registration
from inkhorn.accounts.services import credentials, registering
from inkhorn.accounts.services.registering import Application
from inkhorn.accounts.services.tokens import issue_token, token_of
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from tests.accounts.guests import HERE, accept, invite, secret_for
from tests.accounts.letters import carry_out_jobs, letters_to, link_in
from tests.audit.stage import Act, Deed, Stage
from tests.factories.accounts import PASSWORD, browser_of, give_app, give_codes, make_user


def _ask_to_join() -> Registration:
    wanted = Application(email="nora@example.org", name="Nora Quill", password=PASSWORD)
    with transaction():
        return registering.ask_to_join(wanted, HERE, password_hash="x")


def _opened(_stage: Stage) -> Deed:
    with transaction():
        settings.tune(AccountSettings, by=House(), registration="open")
    return _ask_to_join


def _register(stage: Stage) -> Deed:
    asked = _opened(stage)()
    with transaction():
        secret = issue_token(Purpose.CONFIRM, email="nora@example.org", registration_id=asked.id).secret

    def register() -> None:
        with transaction():
            registering.confirm_registration(token_of(secret, Purpose.CONFIRM), HERE)

    return register


def _asked_by_mail(stage: Stage, address: str) -> Deed:
    make_user()
    return lambda: stage.app.test_client().post(address, data={"email": "ida@example.org"})


def _second_step(stage: Stage, code: str) -> Deed:
    """Somebody with a second factor has given the password and is asked for a code; with none named, one from paper."""
    ida = make_user(password=PASSWORD)
    give_app(ida)
    code = code or give_codes(ida, 1)[0]
    visitor = stage.app.test_client()
    visitor.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD})
    return lambda: visitor.post("/sign-in/second", data={"code": code})


def _invitation(stage: Stage, verb: str) -> Deed:
    invitation = invite(stage.cast.ada)
    return stage.presses("ada", f"/admin/people/invitations/{invitation.id}/{verb}")


def _accept(stage: Stage) -> Deed:
    invite(stage.cast.ada)
    secret = secret_for()
    return lambda: accept(secret)


def _reset_password(stage: Stage) -> Deed:
    make_user()
    visitor = stage.app.test_client()
    visitor.post("/forgotten-password", data={"email": "ida@example.org"})
    carry_out_jobs()
    visitor.get(link_in(letters_to("ida@example.org")[-1]))
    return lambda: visitor.post("/new-password", data={"password": PASSWORD})


def _change_email(_stage: Stage) -> Deed:
    ida = make_user()

    def change() -> None:
        with transaction():
            credentials.change_email(ida, "ida@example.net", by=House())

    return change


def _ask_for_email(stage: Stage) -> Deed:
    stage.browsers["ida"] = browser_of(stage.app, make_user())
    return stage.presses("ida", "/account/address", email="ida@example.net")


ACTS: dict[str, Act] = {
    "accounts.registration_asked": _opened,
    "accounts.registered": _register,
    "accounts.link_asked": lambda stage: _asked_by_mail(stage, "/sign-in/by-mail"),
    "accounts.reset_asked": lambda stage: _asked_by_mail(stage, "/forgotten-password"),
    "accounts.password_changed": _reset_password,
    "accounts.email_change_asked": _ask_for_email,
    "accounts.email_changed": _change_email,
    "accounts.second_factor_refused": lambda stage: _second_step(stage, "000000x"),
    "accounts.recovery_code_used": lambda stage: _second_step(stage, ""),
    "accounts.invited": lambda stage: stage.presses("ada", "/admin/people/invite", emails="jo@example.org", role="author"),
    "accounts.invitation_renewed": lambda stage: _invitation(stage, "renew"),
    "accounts.invitation_withdrawn": lambda stage: _invitation(stage, "withdraw"),
    "accounts.invitation_accepted": _accept,
}
