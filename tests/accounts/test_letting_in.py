"""The operator's commands that let people in and keep them out; the break-glass."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from inkhorn.accounts.commands import user
from inkhorn.accounts.models import AccountStatus, Authenticator, Invitation, OneTimeToken, Passkey, Purpose, RecoveryCode, Session, User
from inkhorn.accounts.services.closing import close_account
from inkhorn.accounts.services.people import suspend_user, take_in_author
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.accounts.services.tokens import issue_token, token_of
from inkhorn.core import clock, limits
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.mail.letters import Letter
from tests.accounts.guests import noted
from tests.accounts.letters import carry_out_jobs
from tests.factories.accounts import PASSWORD, make_user


@pytest.fixture
def run(database):
    def ran(*words: str):
        done = CliRunner().invoke(user, words)
        if isinstance(done.exception, Exception) and not isinstance(done.exception, InkhornError | SystemExit):
            raise done.exception
        return done

    return ran


def refusal(done) -> str:
    assert done.exit_code == 1
    return str(done.exception)


def fresh(person: User) -> User:
    return session().get(User, person.id, populate_existing=True)


def secret_in(text: str) -> str:
    address = text.strip().splitlines()[-1]
    assert address.startswith("http")
    return address.split("/link/")[1]


def test_invitations_go_out(run):
    done = run("invite", "jo@example.org", "mo@example.org", "--role", "editor", "--message", "Come.")
    assert done.output == "A letter is on its way to jo@example.org.\nA letter is on its way to mo@example.org.\n"
    assert [
        (each.email, each.role.name, each.invited_by_label) for each in session().scalars(select(Invitation).order_by(Invitation.id))
    ] == [
        ("jo@example.org", "editor", "inkhorn"),
        ("mo@example.org", "editor", "inkhorn"),
    ]


@pytest.mark.parametrize(("words", "said"), [(["nonsense"], "an address like"), (["jo@example.org", "--role", "king"], 'no role "king"')])
def test_an_invitation_that_cannot_be_is_refused_in_a_sentence(run, words, said):
    assert said in refusal(run("invite", *words))


def test_suspended_and_let_back_in(run):
    ida = make_user()
    assert run("suspend", "IDA@example.org").output == "Ida is suspended and signed out everywhere.\n"
    assert fresh(ida).status is AccountStatus.SUSPENDED
    assert "cannot become" in refusal(run("suspend", "ida"))
    assert run("restore", "ida").output == "Ida may sign in again.\n"
    assert "is not suspended" in refusal(run("restore", "ida"))


def test_a_closed_account_is_kept_without_the_letter(run):
    ida = make_user()
    assert "is not being closed" in refusal(run("reopen", "ida"))
    with transaction():
        close_account(session().get(User, ida.id), heir_id=None, by=House())
        issue_token(Purpose.REOPEN, user=ida)
    for verb in ("unlock", "reset-link", "suspend"):
        assert "`inkhorn user reopen`" in refusal(run(verb, "ida"))
    assert run("reopen", "IDA@example.org").output == "The account of Ida is open again, and nothing is lost.\n"
    assert (fresh(ida).can_sign_in, fresh(ida).closes_at) == (True, None)
    assert session().scalars(select(OneTimeToken)).all() == []
    assert noted("reopened") == ["accounts.reopened"]


@pytest.mark.parametrize("verb", ["suspend", "restore", "unlock", "reopen", "reset-link", "sessions"])
def test_nobody_by_that_name_is_a_sentence(run, verb):
    assert "no account for eve@example.org" in refusal(run(verb, "eve@example.org"))


def test_the_owner_is_not_suspended(run):
    make_user(role="owner")
    assert "must have an owner" in refusal(run("suspend", "ida@example.org"))


def test_an_imported_author_has_nothing_to_let_in(run):
    with transaction():
        take_in_author(name="Old Hand", origin="o", origin_key="k")
    for verb in ("unlock", "reset-link", "restore"):
        assert run(verb, "old-hand").exit_code == 1


def test_sessions_are_listed_and_ended(run):
    ida = make_user()
    with transaction():
        for number in range(3):
            open_session(session().merge(ida), Visit(address="192.0.2.7", device=f"browser {number}"))
    listed = json.loads(run("sessions", "ida", "--json").output)
    assert {each["device"] for each in listed} == {"browser 0", "browser 1", "browser 2"}
    assert "3 browsers are signed in." in run("sessions", "ida").output
    assert "out of 1 browser." in run("sessions", "ida", "--end", str(listed[0]["number"])).output
    assert "over already" in refusal(run("sessions", "ida", "--end", str(2**63)))
    assert "out of 2 browsers." in run("sessions", "ida", "--end-all").output
    assert session().scalar(select(func.count()).select_from(Session)) == 0
    assert noted("session") == ["accounts.session_ended", "accounts.sessions_ended"]


def test_a_reset_link_is_for_one_account_and_a_new_password(run):
    ida = make_user()
    token = token_of(secret_in(run("reset-link", "ida@example.org").output), Purpose.RESET)
    assert token.user_id == ida.id
    assert noted("reset_link") == ["accounts.reset_link_made"]


def test_a_suspended_account_gets_no_link_before_it_is_let_in(run):
    make_user()
    run("suspend", "ida")
    assert "inkhorn user restore" in refusal(run("reset-link", "ida"))


def test_unlocked_the_account_may_be_tried_again_and_comes_in_by_the_link(run, client):
    ida = make_user(password=PASSWORD)
    for _ in range(11):
        client.post("/sign-in", data={"email": "ida@example.org", "password": "wrong password 7"})
    with transaction():
        suspend_user(session().get(User, ida.id), by=House())
    assert limits.left(limits.SIGN_IN_ACCOUNT, "ida@example.org") == 0
    done = run("unlock", "ida@example.org")
    assert limits.left(limits.SIGN_IN_ACCOUNT, "ida@example.org") == 10
    assert fresh(ida).can_sign_in
    assert client.get(f"/link/{secret_in(done.output)}").location == "/new-password"
    answer = client.post("/new-password", data={"password": "another horse battery staple 8"})
    assert (answer.status_code, client.get("/desk/").status_code) == (303, 200)
    assert noted("unlocked") + noted("restored") == ["accounts.unlocked", "accounts.restored"]


def test_second_factors_stay_unless_they_are_to_go(run):
    ida = make_user()
    with transaction():
        session().add(Passkey(user_id=ida.id, credential_id="x", public_key=b"", name="k"))
        session().add(Authenticator(user_id=ida.id, sealed_secret="x", confirmed_at=clock.now()))
        session().add(RecoveryCode(user_id=ida.id, digest="x", salt="y"))
    kept = [Passkey, Authenticator, RecoveryCode]
    run("unlock", "ida")
    assert [session().scalar(select(func.count()).select_from(each)) for each in kept] == [1, 1, 1]
    assert "second factors are removed" in run("unlock", "ida", "--drop-factors").output
    assert [session().scalar(select(func.count()).select_from(each)) for each in kept] == [0, 0, 0]
    carry_out_jobs()
    assert session().scalar(select(Letter.kind)) == "accounts/change"
    assert noted("factors_dropped") == ["accounts.factors_dropped"]


def test_people_are_listed_by_role_and_state(run):
    make_user()
    make_user(email="bo@example.org", name="Bo", role="member")
    run("suspend", "bo@example.org")
    for words, names in (
        (["--role", "author"], ["Ida"]),
        (["--status", "suspended"], ["Bo"]),
        (["--role", "member", "--status", "active"], []),
    ):
        assert [each["name"] for each in json.loads(run("list", "--json", *words).output)] == names
    assert 'no role "king"' in refusal(run("list", "--role", "king"))
    assert run("list", "--status", "asleep").exit_code == 2
