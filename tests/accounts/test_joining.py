"""Registering: nobody learns whether an address is known, and an account is made by whoever holds the mailbox and the password."""

import re

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import Registration, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, captcha, settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, code_in, letters_to, link_in, text_of
from tests.factories.accounts import PASSWORD, make_user

FIELDS = {"name": "Nora Quill", "email": "nora@example.org", "password": "kelp tide moon lantern"}


@pytest.fixture(autouse=True)
def is_open(database, monkeypatch):
    """Everybody may register, and robots are no matter here."""
    monkeypatch.setattr(captcha, "check", lambda form, sent, address: str(id(sent)))
    monkeypatch.setattr(captcha, "spend", lambda proof: None)
    with transaction():
        settings.tune(AccountSettings, by=House(), registration="open")


def ask(client, **changes):
    return client.post("/join", data=FIELDS | changes)


def asked_and_written(client, **changes):
    assert ask(client, **changes).location == "/join/confirm"
    carry_out_jobs()
    return letters_to(changes.get("email", FIELDS["email"]))[-1]


def test_a_code_makes_the_account_and_signs_in(client):
    letter = asked_and_written(client, next="/archive/")
    answer = client.post("/join/confirm", data={"code": code_in(letter)})
    assert (answer.status_code, answer.location) == (303, "/archive/")
    made = user_by_email("nora@example.org")
    assert ([role.name for role in made.roles], made.name, made.can_sign_in) == (["member"], "Nora Quill", True)
    assert client.get("/account/").status_code == 200
    assert client.post("/sign-in", data={"email": "nora@example.org", "password": FIELDS["password"]}).status_code == 303


def test_the_link_makes_it_by_one_press_in_the_browser_that_asked(client):
    letter = asked_and_written(client)
    followed = client.get(link_in(letter))
    assert (followed.status_code, followed.location) == (303, "/join/confirm")
    assert "One press" in client.get("/join/confirm").text
    assert user_by_email("nora@example.org") is None
    assert client.post("/join/confirm").status_code == 303
    assert user_by_email("nora@example.org") is not None


def test_in_another_browser_the_link_wants_the_password_that_was_chosen(app, client):
    letter = asked_and_written(client)
    other = app.test_client()
    other.get(link_in(letter))
    assert other.post("/join/confirm").status_code == 422
    assert other.post("/join/confirm", data={"password": "not the one that was chosen"}).status_code == 422
    assert user_by_email("nora@example.org") is None
    assert other.post("/join/confirm", data={"password": FIELDS["password"]}).status_code == 303
    assert user_by_email("nora@example.org") is not None


def test_whoever_asks_with_anothers_address_gets_nothing_by_their_click(app, client):
    """The owner of the mailbox presses the link a stranger caused; no account with the stranger's password comes of it."""
    letter = asked_and_written(client, password="what the stranger chose")
    owner = app.test_client()
    owner.get(link_in(letter))
    owner.post("/join/confirm")
    assert session().scalar(select(func.count()).select_from(User)) == 0


def test_known_and_unknown_addresses_are_answered_alike(client):
    make_user(email="ida@example.org", password=PASSWORD)
    known, unknown = ask(client, email="ida@example.org"), ask(client)
    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    shown = [re.sub(r"[\w.]+@example\.org", "", client.get("/join/confirm").text)]
    ask(client, email="ida@example.org")
    shown.append(re.sub(r"[\w.]+@example\.org", "", client.get("/join/confirm").text))
    assert shown[0] == shown[1]
    carry_out_jobs()
    assert "You have an account" in letters_to("ida@example.org")[0]["Subject"]
    assert "Confirm your account" in letters_to("nora@example.org")[0]["Subject"]


def test_asking_twice_and_confirming_once_makes_one_account(client):
    first, second = asked_and_written(client), asked_and_written(client)
    assert client.post("/join/confirm", data={"code": code_in(second)}).status_code == 303
    client.get(link_in(first))
    assert client.post("/join/confirm").status_code == 410
    assert session().scalar(select(func.count()).select_from(Registration)) == 0


@pytest.mark.parametrize("role", ["editor", "no such role"])
def test_whoever_registers_is_a_member_where_the_chosen_role_works_here_or_is_gone(client, role):
    with transaction():
        settings.tune(AccountSettings, by=House(), new_role=role)
    client.post("/join/confirm", data={"code": code_in(asked_and_written(client))})
    assert [role.name for role in user_by_email("nora@example.org").roles] == ["member"]


def test_until_it_is_confirmed_one_can_confirm_or_ask_again_and_nothing_else(client):
    ask(client)
    signed = client.post("/sign-in", data={"email": "nora@example.org", "password": FIELDS["password"]})
    assert (signed.status_code, signed.location) == (303, "/join/confirm")
    assert client.get("/account/").location.startswith("/sign-in")
    again = client.post("/join/again")
    assert "Another letter is on its way" in again.text
    carry_out_jobs()
    first, second = letters_to("nora@example.org")
    assert code_in(first) != code_in(second)
    assert client.post("/join/confirm", data={"code": code_in(second)}).status_code == 303


def test_another_letter_can_be_asked_for_four_times_an_hour(client):
    ask(client)
    assert [client.post("/join/again").status_code for _ in range(5)] == [200] * 4 + [429]


def test_five_wrong_codes_end_the_code(client):
    letter = asked_and_written(client)
    wrong = "000000" if code_in(letter) != "000000" else "111111"
    seen = [client.post("/join/confirm", data={"code": wrong}).status_code for _ in range(6)]
    assert seen == [422] * 5 + [410]
    assert client.post("/join/confirm", data={"code": code_in(letter)}).status_code == 410


@pytest.mark.parametrize("typed", [" {} ", "{}{}", "１２３"])
def test_a_code_may_be_typed_untidily(client, typed):
    code = code_in(asked_and_written(client))
    full_width = str.maketrans("0123456789", "０１２３４５６７８９")
    form = {" {} ": f" {code[:3]} {code[3:]} ", "{}{}": f"{code[:3]}-{code[3:]}", "１２３": code.translate(full_width)}[typed]
    assert client.post("/join/confirm", data={"code": form}).status_code == 303


def test_a_code_is_good_in_the_browser_that_asked_only(app, client):
    code = code_in(asked_and_written(client))
    assert app.test_client().post("/join/confirm", data={"code": code}).status_code == 410


def test_whoever_signs_in_elsewhere_types_the_digits_of_the_letter_they_have(app, client):
    letter = asked_and_written(client)
    other = app.test_client()
    signed = other.post("/sign-in", data={"email": FIELDS["email"], "password": FIELDS["password"]})
    assert signed.location == "/join/confirm"
    assert client.post("/join/confirm", data={"code": code_in(letter)}).status_code == 410
    assert other.post("/join/confirm", data={"code": code_in(letter)}).status_code == 303
    assert other.get("/account/").status_code == 200


def test_digits_of_another_registration_stay_in_their_browser(app, client):
    mine = asked_and_written(client, email="other@example.org")
    ask(client)
    app.test_client().post("/sign-in", data={"email": FIELDS["email"], "password": FIELDS["password"]})
    assert client.post("/join/confirm", data={"code": code_in(mine)}).status_code == 303


def test_links_and_codes_end_after_ten_minutes(client, clock):
    letter = asked_and_written(client)
    clock.forward(minutes=11)
    assert client.get(link_in(letter)).status_code == 410
    assert client.post("/join/confirm", data={"code": code_in(letter)}).status_code == 410


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "Write your name"),
        ("name", "\u200b\u0000", "Write a name"),
        ("name", "x" * 151, "At most 150"),
        ("email", "", "Enter an address"),
        ("email", "nora@", "Enter an address"),
        ("email", "nora@example.org\nBcc: x@y.org", "Enter an address"),
        ("email", "x" * 250 + "@example.org", "At most 254"),
        ("password", "", "Choose a password"),
        ("password", "kelp ti", "at least 8"),
        ("password", "x" * 129, "At most 128"),
        ("password", "password1", "first that anybody"),
        ("password", "NoraQuill1", "too close to a name"),
    ],
)
def test_what_will_not_do_is_named_and_kept(client, field, value, told):
    answer = ask(client, **{field: value})
    assert (answer.status_code, told in answer.text) == (422, True)
    assert 'aria-invalid="true"' in answer.text
    assert session().scalar(select(func.count()).select_from(Registration)) == 0


def test_terms_are_accepted_where_there_are_any(client):
    with transaction():
        settings.tune(AccountSettings, by=House(), terms_address="/terms/")
    assert 'href="/terms/"' in client.get("/join").text
    assert "tick the box" in ask(client).text
    letter = asked_and_written(client, terms="y")
    client.post("/join/confirm", data={"code": code_in(letter)})
    assert user_by_email("nora@example.org").terms_accepted_at is not None


@pytest.mark.parametrize(("how", "told"), [("off", "opens no accounts"), ("invitation", "by invitation")])
def test_where_registration_is_closed_the_page_says_so(client, how, told):
    with transaction():
        settings.tune(AccountSettings, by=House(), registration=how)
    for answer in (client.get("/join"), ask(client)):
        assert (answer.status_code, told in answer.text) == (403, True)
    assert "/join" not in client.get("/sign-in").text


@pytest.mark.parametrize(("how", "told"), [("off", "opens no accounts"), ("invitation", "by invitation")])
def test_where_it_was_closed_meanwhile_nothing_is_confirmed_and_the_sheet_says_so(app, client, how, told):
    letter, other = asked_and_written(client), app.test_client()
    other.get(link_in(letter))
    with transaction():
        settings.tune(AccountSettings, by=House(), registration=how)
    by_code, by_link = {"code": code_in(letter)}, {"password": FIELDS["password"]}
    for browser, path, fields in ((client, "confirm", by_code), (other, "confirm", by_link), (client, "again", {})):
        answer = browser.post(f"/join/{path}", data=fields)
        assert (answer.status_code, told in answer.text, "No new accounts" in answer.text) == (403, True, True)
    assert user_by_email("nora@example.org") is None
    carry_out_jobs()
    assert len(letters_to("nora@example.org")) == 1


def test_where_it_is_opened_again_the_same_letter_is_good(client):
    letter = asked_and_written(client)
    for how, status in (("off", 403), ("open", 303)):
        with transaction():
            settings.tune(AccountSettings, by=House(), registration=how)
        assert client.post("/join/confirm", data={"code": code_in(letter)}).status_code == status


def test_an_address_and_a_place_are_asked_for_so_often_only(client):
    assert [ask(client, email="one@example.org").status_code for _ in range(6)] == [303] * 5 + [429]
    assert [ask(client, email=f"{n}@example.org").status_code for n in range(6)] == [303] * 4 + [429] * 2


def test_each_step_is_in_the_audit_log_once(client):
    client.post("/join/confirm", data={"code": code_in(asked_and_written(client))})
    noted = session().scalars(select(audit.Entry.action).where(audit.Entry.action.like("accounts.%")).order_by(audit.Entry.id)).all()
    assert noted == ["accounts.registration_asked", "accounts.created", "accounts.registered", "accounts.signed_in"]


def test_the_letter_says_what_to_do_if_it_was_somebody_else(client):
    assert "If that was not you, do nothing" in text_of(asked_and_written(client))


def test_registrations_nobody_confirmed_are_forgotten(client, clock):
    from inkhorn.accounts.tasks.clearing import forget_old_sessions

    ask(client)
    clock.forward(hours=25)
    forget_old_sessions()
    assert session().scalar(select(func.count()).select_from(Registration)) == 0


def test_a_job_that_is_run_again_writes_no_second_letter(client):
    from inkhorn.accounts.tasks.doors import answer_registration

    asked_and_written(client)
    number = session().scalars(select(Registration.id)).one()
    answer_registration(number, 1)
    assert len(letters_to("nora@example.org")) == 1


def test_whoever_asks_after_somebody_was_let_in_gets_a_letter_as_well(app, client):
    assert client.post("/join/confirm", data={"code": code_in(asked_and_written(client))}).status_code == 303
    letter = asked_and_written(app.test_client(), email="pia@example.org", name="Pia")
    assert letter["To"] == "pia@example.org"
