"""The second step of signing in: which codes open it, once each, in which browser, how often, and what is kept on the way."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import AccountStatus, Session
from inkhorn.accounts.queries import authenticator_of, factors_of, user_by_email
from inkhorn.core import audit
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.accounts.test_sign_in import sign_in
from tests.factories.accounts import PASSWORD, give_app, give_codes, make_user


@pytest.fixture
def ida(database, clock):
    return make_user(password=PASSWORD)


@pytest.fixture
def phone(ida):
    return give_app(ida)


def second(client, code, **fields):
    return client.post("/sign-in/second", data={"code": code, **fields})


def is_in(client) -> bool:
    return client.get("/desk/").status_code == 200


def actions(like="accounts.%"):
    return session().scalars(select(audit.Entry.action).where(audit.Entry.action.like(like)).order_by(audit.Entry.id)).all()


def test_the_password_alone_opens_nothing(client, phone):
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/sign-in/second")
    assert client.get_cookie("inkhorn") is None
    assert not is_in(client)


def test_the_code_of_the_app_opens_the_desk(client, phone):
    sign_in(client)
    answer = second(client, phone.code())
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert is_in(client)
    assert session().scalars(select(Session)).one().is_two_factor
    assert client.get_cookie("inkhorn-pending") is None


@pytest.mark.parametrize("untidy", ["{0} {1}", "{0}-{1}", " {0}{1} ", "\u00a0{0}\u2009{1}"])
def test_the_code_may_be_typed_untidily(client, phone, untidy):
    code = phone.code()
    sign_in(client)
    assert second(client, untidy.format(code[:3], code[3:])).status_code == 303


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize("disguise", [str, " ".join, lambda code: code.translate(FULL_WIDTH), lambda code: f"{code}\u200b"])
def test_a_code_that_was_used_is_refused_in_every_disguise(client, app, phone, disguise):
    """ASVS 6.5.1."""
    code = phone.code()
    sign_in(client)
    second(client, code)
    thief = app.test_client()
    sign_in(thief)
    assert second(thief, disguise(code)).status_code == 422
    assert not is_in(thief)


def test_a_code_from_before_the_last_one_used_is_refused(client, app, phone, clock):
    early = phone.code()
    clock.forward(seconds=30)
    sign_in(client)
    second(client, phone.code())
    thief = app.test_client()
    sign_in(thief)
    assert second(thief, early).status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(0, 303), (30, 303), (61, 422), (3600, 422)])
def test_a_code_lives_for_half_a_minute_and_one_step_of_drift(client, phone, clock, seconds, status):
    """ASVS 6.5.5."""
    clock.set(clock.now.replace(second=0, microsecond=0))
    code = phone.code()
    clock.forward(seconds=seconds)
    sign_in(client)
    assert second(client, code).status_code == status


def test_a_recovery_code_opens_once_and_its_owner_is_told(client, app, ida, phone):
    """ASVS 6.5.1."""
    code = give_codes(ida)[0]
    sign_in(client)
    assert second(client, code.upper().replace("-", " ")).status_code == 303
    assert "You came in by a recovery code. Codes left: 1." in client.get("/desk/").text
    thief = app.test_client()
    sign_in(thief)
    assert second(thief, code).status_code == 422
    carry_out_jobs()
    assert "A recovery code of your account was used." in text_of(letters_to("ida@example.org")[-1])
    assert actions("accounts.recovery%") == ["accounts.recovery_code_used"]


def test_the_way_to_paper_is_never_shut(client, ida, phone):
    """The trap of other houses: no page to choose from, and paper within reach of every first try."""
    code = give_codes(ida)[0]
    sign_in(client)
    sheet = client.get("/sign-in/second").text
    assert "Use a recovery code" in sheet
    assert second(client, "000000").status_code == 422
    paper = client.get("/sign-in/second?by=paper").text
    assert 'name="by" value="paper"' in paper
    assert 'inputmode="numeric"' not in paper
    assert second(client, code, by="paper").status_code == 303


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "x" * 81, "🦀🌊", "\x00", "'--", "１２３", "abcd-efgh-jkmn-pqrs"])
def test_anything_else_is_refused_in_words(client, ida, phone, code):
    give_codes(ida, 1)
    sign_in(client)
    answer = second(client, code)
    assert answer.status_code == 422
    assert re.search(r'name="code"[^>]* aria-describedby="[^"]*code-error"', answer.text)
    assert not is_in(client)


def test_a_code_typed_in_another_browser_is_refused(client, app, phone):
    """ASVS 6.6.2: the secret that waits is worth nothing without the browser it was given to."""
    sign_in(client)
    thief = app.test_client()
    thief.set_cookie("inkhorn-pending", client.get_cookie("inkhorn-pending").value)
    assert second(thief, phone.code()).status_code == 410
    thief.set_cookie("inkhorn-browser", "a number of its own")
    assert second(thief, phone.code()).status_code == 410
    assert second(client, phone.code()).status_code == 303


def test_nobody_takes_the_second_step_first(client, phone):
    """ASVS 2.3.1."""
    assert second(client, phone.code()).status_code == 410
    answer = client.get("/sign-in/second")
    assert (answer.status_code, "Sign in once more" in answer.text) == (410, True)


def test_a_sign_in_waits_for_five_minutes(client, phone, clock):
    sign_in(client, next="/desk/posts/")
    clock.forward(minutes=5, seconds=1)
    answer = second(client, phone.code(), next="/desk/posts/")
    assert answer.status_code == 410
    assert 'name="next" value="/desk/posts/"' in answer.text


def test_a_step_is_taken_once(client, app, ida, phone, clock):
    sign_in(client)
    pending, browser = client.get_cookie("inkhorn-pending").value, client.get_cookie("inkhorn-browser").value
    second(client, phone.code())
    clock.forward(seconds=31)
    again = app.test_client()
    again.set_cookie("inkhorn-pending", pending)
    again.set_cookie("inkhorn-browser", browser)
    assert second(again, phone.code()).status_code == 410


def test_what_was_said_on_the_first_step_is_kept(client, phone):
    answer = sign_in(client, next="/desk/posts/?status=draft", is_remembered="y")
    assert answer.location == "/sign-in/second?next=/desk/posts/?status%3Ddraft"
    done = second(client, phone.code())
    assert done.location == "/desk/posts/?status=draft"
    assert any("inkhorn=" in cookie and "Max-Age" in cookie for cookie in done.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_second_step_leads_to_no_other_site(client, phone, wanted):
    sign_in(client, next=wanted)
    assert second(client, phone.code(), next=wanted).location == "/desk/"


def test_whoever_was_suspended_in_between_is_not_let_in(client, phone):
    sign_in(client)
    with transaction():
        user_by_email("ida@example.org").status = AccountStatus.SUSPENDED
    answer = second(client, phone.code())
    assert (answer.status_code, "suspended" in answer.text) == (403, True)


def test_each_refusal_and_the_way_in_are_noted_once(client, phone):
    sign_in(client)
    second(client, "000000")
    second(client, phone.code())
    assert actions("accounts.s%") == ["accounts.second_factor_refused", "accounts.signed_in"]
    noted = session().scalars(select(audit.Entry).where(audit.Entry.action == "accounts.signed_in")).one()
    assert noted.details == {"way": "password", "two_factor": True}


def test_the_codes_left_are_few_and_said_so(client, ida, phone):
    code = give_codes(ida, 3)[0]
    sign_in(client)
    second(client, code)
    assert "Make new ones in your account" in client.get("/desk/").text
    assert factors_of(ida.id).recovery_codes == 2


def test_paper_opens_even_where_the_secret_of_the_app_can_no_longer_be_read(client, ida, phone):
    code = give_codes(ida, 1)[0]
    with transaction():
        authenticator_of(ida.id).sealed_secret = "v1.c2VhbGVkIHdpdGggYSBrZXkgdGhhdCBpcyBnb25l"
    sign_in(client)
    answer = second(client, phone.code())
    assert "secret key was changed" in answer.text
    assert second(client, code).status_code == 303
