"""A forgotten password: the same answer for everybody, a link that works once, and no way round a second factor."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import credentials
from inkhorn.accounts.services.people import IllegalStatus
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core import audit
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to, link_in
from tests.factories.accounts import PASSWORD, browser_of, make_user

NEW = "lantern kelp moon tide 9"


@pytest.fixture
def ida(database):
    return make_user(password=PASSWORD)


def ask(client, email="ida@example.org"):
    return client.post("/forgotten-password", data={"email": email})


def follow_letter(client, email="ida@example.org"):
    ask(client, email)
    carry_out_jobs()
    link = link_in(letters_to(email)[-1])
    return link, client.get(link)


def test_a_link_leads_to_a_new_password_and_in(client, ida):
    _link, followed = follow_letter(client)
    assert (followed.status_code, followed.location) == (303, "/new-password")
    assert "Choose a new password" in client.get("/new-password").text
    answer = client.post("/new-password", data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD}).status_code == 422


def test_the_address_bar_and_other_sites_never_see_the_secret(client, ida):
    link, followed = follow_letter(client)
    secret = link.rpartition("/")[2]
    assert followed.headers["Referrer-Policy"] == "no-referrer"
    assert secret not in client.get("/new-password").text
    assert secret not in followed.location


def test_looking_at_the_link_uses_nothing_up(client, ida):
    link, _followed = follow_letter(client)
    for _ in range(5):
        client.get(link)
        client.head(link)
    assert client.post("/new-password", data={"password": NEW}).status_code == 303


def test_the_link_works_once(client, ida):
    link, _followed = follow_letter(client)
    client.post("/new-password", data={"password": NEW})
    assert client.get(link).status_code == 410
    assert client.post("/new-password", data={"password": NEW + "x"}).status_code == 410


def test_the_link_ends_after_an_hour(client, ida, clock):
    link, _followed = follow_letter(client)
    clock.forward(minutes=61)
    assert client.get(link).status_code == 410
    assert client.post("/new-password", data={"password": NEW}).status_code == 410


def test_every_session_and_every_other_link_ends(app, client, ida):
    elsewhere = browser_of(app, ida)
    first, _followed = follow_letter(client)
    follow_letter(client)
    client.post("/new-password", data={"password": NEW})
    assert elsewhere.get("/desk/").status_code == 303
    assert client.get(first).status_code == 410


def test_known_and_unknown_addresses_are_answered_alike(client, ida):
    known, unknown = ask(client), ask(client, "nobody@example.org")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    carry_out_jobs()
    assert letters_to("nobody@example.org") == []


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.UNCLAIMED, AccountStatus.CLOSING])
def test_an_account_nobody_may_use_gets_no_link(client, ida, status):
    with transaction():
        user_by_email("ida@example.org").status = status
    ask(client)
    carry_out_jobs()
    assert letters_to("ida@example.org") == []


@pytest.mark.parametrize(("password", "told"), [("short", "at least 12"), ("", "Choose a password"), ("ida@example.org1", "too close")])
def test_a_password_that_will_not_do_leaves_the_link_good(client, ida, password, told):
    follow_letter(client)
    answer = client.post("/new-password", data={"password": password})
    assert (answer.status_code, told in answer.text) == (422, True)
    assert client.post("/new-password", data={"password": NEW}).status_code == 303


def test_links_for_other_ends_are_worth_nothing_here(client, ida):
    for purpose in (each for each in Purpose if each is not Purpose.RESET):
        with transaction():
            secret = issue_token(purpose, user=user_by_email("ida@example.org")).secret
        client.set_cookie("inkhorn-pending", secret)
        assert client.post("/new-password", data={"password": NEW}).status_code == 410, purpose


@pytest.mark.parametrize("secret", ["", "x", "x" * 64, "x" * 3900, "é", "..%2f", "0"])
def test_an_invented_secret_is_worth_nothing(client, ida, secret):
    client.set_cookie("inkhorn-pending", secret)
    assert client.post("/new-password", data={"password": NEW}).status_code == 410
    assert client.get("/new-password").status_code == 410


def test_five_links_a_day_for_an_address_and_twenty_an_hour_from_a_place(client, ida):
    assert [ask(client).status_code for _ in range(6)] == [200] * 5 + [429]
    assert [ask(client, f"{n}@example.org").status_code for n in range(15)] == [200] * 14 + [429]


def test_a_forced_reset_ends_the_password_and_sends_a_link(app, client, ida):
    elsewhere = browser_of(app, ida)
    with transaction():
        credentials.force_reset(session().merge(ida), by=House())
    assert elsewhere.get("/desk/").status_code == 303
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD}).status_code == 422
    carry_out_jobs()
    client.get(link_in(letters_to("ida@example.org")[0]))
    assert client.post("/new-password", data={"password": NEW}).status_code == 303


@pytest.mark.parametrize("status", [AccountStatus.CLOSING, AccountStatus.SUSPENDED, AccountStatus.UNCLAIMED])
def test_nobody_is_made_choose_a_password_who_could_not_sign_in_with_it(ida, status):
    with transaction():
        user = session().merge(ida)
        user.status, user.active = status, False
        issue_token(Purpose.REOPEN, user=user)
    with pytest.raises(IllegalStatus), transaction():
        credentials.force_reset(session().merge(ida), by=House())
    kept = session().get(User, ida.id, populate_existing=True)
    assert (kept.password is not None, session().scalar(select(OneTimeToken.purpose))) == (True, Purpose.REOPEN)


def test_whoever_closed_their_account_meanwhile_gets_no_letter_and_can_do_nothing_with_its_link(client, ida):
    with transaction():
        credentials.force_reset(session().merge(ida), by=House())
        secret = issue_token(Purpose.RESET, user=ida).secret
        user = session().merge(ida)
        user.status, user.active = AccountStatus.CLOSING, False
    carry_out_jobs()
    assert letters_to("ida@example.org") == []
    client.set_cookie("inkhorn-pending", secret)
    assert client.post("/new-password", data={"password": NEW}).status_code == 410


def test_the_change_is_told_and_noted_once(client, ida):
    follow_letter(client)
    client.post("/new-password", data={"password": NEW})
    carry_out_jobs()
    subjects = [letter["Subject"] for letter in letters_to("ida@example.org")]
    assert [subject.startswith("Your account at") for subject in subjects] == [False, True]
    noted = session().scalars(select(audit.Entry.action).where(audit.Entry.action.like("accounts.%")).order_by(audit.Entry.id)).all()
    assert noted == ["accounts.created", "accounts.reset_asked", "accounts.password_changed", "accounts.signed_in"]


def test_the_table_holds_no_secret(client, ida):
    link, _followed = follow_letter(client)
    row = session().scalars(select(OneTimeToken)).one()
    assert link.rpartition("/")[2] not in {str(getattr(row, column.key)) for column in OneTimeToken.__table__.columns}
