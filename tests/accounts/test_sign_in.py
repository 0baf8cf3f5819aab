"""The way in: who is let in, what is said to the others, and what the browser is handed."""

import bcrypt
import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import AccountStatus, Session, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.core import audit
from inkhorn.core.database import session, transaction
from tests.factories.accounts import PASSWORD, make_user


def sign_in(client, email="ida@example.org", password=PASSWORD, **fields):
    return client.post("/sign-in", data={"email": email, "password": password, **fields})


@pytest.fixture
def ida(database: None) -> User:
    return make_user(password=PASSWORD)


def test_the_right_password_opens_the_desk(client, ida):
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert client.get("/desk/").status_code == 200


def test_the_answer_with_the_cookie_is_kept_nowhere(client, ida):
    assert sign_in(client).headers["Cache-Control"] == "private, no-store"


def test_a_reader_is_led_to_the_front_page(client, database):
    make_user(email="rhea@example.org", role="reader", password=PASSWORD)
    assert sign_in(client, "rhea@example.org").location == "/"


@pytest.mark.parametrize("typed", [" ida@example.org ", "IDA@Example.org", "ida@example.org\x00"])
def test_the_address_may_be_typed_untidily(client, ida, typed):
    assert sign_in(client, typed).status_code == 303


@pytest.mark.parametrize(
    ("email", "password"), [("ida@example.org", "wrong password 7"), ("nobody@example.org", PASSWORD), ("nobody", "x")]
)
def test_a_refusal_does_not_say_which_of_the_two_was_wrong(client, ida, email, password):
    answer = sign_in(client, email, password)
    assert answer.status_code == 422
    assert "That e-mail address and password do not belong together." in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("password", [PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1], "x" * 5000])
def test_a_password_is_compared_exactly(client, ida, password):
    assert sign_in(client, password=password).status_code == 422


def test_two_passwords_equal_in_their_first_72_bytes_differ(client, database):
    make_user(password="ab cd ef" * 12 + " end one")
    assert sign_in(client, password="ab cd ef" * 12 + " end two").status_code == 422


def test_what_was_typed_is_kept_but_never_the_password(client, ida):
    answer = sign_in(client, password="a-marker-nobody-else-has")
    assert "ida@example.org" in answer.text
    assert "a-marker-nobody-else-has" not in answer.text


@pytest.mark.parametrize("password", ["wrong password 7", ""])
@pytest.mark.parametrize(("ticked", "shown"), [({"is_remembered": "1"}, True), ({}, False)])
def test_the_tick_to_stay_signed_in_outlives_a_refusal(client, ida, password, ticked, shown):
    answer = sign_in(client, password=password, **ticked)
    assert answer.status_code == 422
    assert (" checked>" in answer.text) is shown


@pytest.mark.parametrize(
    ("status", "told"),
    [(AccountStatus.SUSPENDED, "is suspended"), (AccountStatus.UNCLAIMED, "suspended")],
)
def test_only_an_active_account_lets_anybody_in_and_says_why_to_whoever_knows_the_password(client, ida, status, told):
    with transaction():
        user_by_email("ida@example.org").status = status
    answer = sign_in(client)
    assert (answer.status_code, told in answer.text) == (403, True)
    assert told not in sign_in(client, password="wrong password 7").text


def test_the_username_signs_in_as_well(client, ida):
    assert sign_in(client, email="Ida ").status_code == 303


def test_each_sign_in_has_a_token_of_its_own(client, ida):
    cookies = {sign_in(client) and client.get_cookie("inkhorn").value for _ in range(5)}
    assert len(cookies) == 5


def test_signing_in_again_ends_the_session_before(client, ida):
    sign_in(client)
    sign_in(client)
    assert session().scalar(select(func.count()).select_from(Session)) == 1


def test_a_token_planted_beforehand_is_worth_nothing(app, client, ida):
    client.set_cookie("inkhorn", "planted-by-a-stranger")
    sign_in(client)
    thief = app.test_client()
    thief.set_cookie("inkhorn", "planted-by-a-stranger")
    assert thief.get("/desk/").status_code == 303


def test_whoever_is_signed_in_need_not_sign_in_again(client, ida):
    sign_in(client)
    assert client.get("/sign-in?next=/desk/posts/").location == "/desk/posts/"


@pytest.mark.usefixtures("true_hashes")
def test_a_weak_old_hash_is_renewed(client, ida, monkeypatch):
    from argon2 import PasswordHasher

    with transaction():
        user_by_email("ida@example.org").password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert sign_in(client).status_code == 303
    assert "m=19456" in user_by_email("ida@example.org").password


def test_a_long_password_of_another_program_is_right_again_after_it_was_hashed_anew(client, ida):
    typed = "tide and salt " * 12
    with transaction():
        user_by_email("ida@example.org").password = bcrypt.hashpw(typed.encode()[:72], bcrypt.gensalt(4)).decode()
    assert [sign_in(client, password=typed).status_code for _ in range(2)] == [303, 303]
    assert user_by_email("ida@example.org").password.startswith("$argon2")


def test_a_right_password_of_a_suspended_account_is_noted(client, ida):
    with transaction():
        user_by_email("ida@example.org").status = AccountStatus.SUSPENDED
    assert sign_in(client).status_code == 403
    assert session().scalars(audit.entries(audit.Wanted(action="accounts.sign_in_refused"))).one().details["reason"] == "AccountSuspended"


def test_both_outcomes_are_in_the_audit_log(client, ida):
    sign_in(client, password="wrong password 7")
    sign_in(client)
    noted = session().scalars(select(audit.Entry).where(audit.Entry.action.like("accounts.sign%")).order_by(audit.Entry.id)).all()
    assert [each.action for each in noted] == ["accounts.sign_in_refused", "accounts.signed_in"]
    assert noted[0].details == {"email": "ida@example.org", "reason": "WrongPassword"}


def test_a_password_in_the_wrong_field_is_not_kept_in_the_audit_log(client, ida):
    sign_in(client, email="my secret phrase", password="x")
    assert session().scalars(select(audit.Entry).order_by(audit.Entry.id.desc())).first().details["email"] == ""
