"""Whatever is typed, and in whatever order, the answers tell nobody whose addresses are known here."""

import pytest

from inkhorn.accounts import passwords
from inkhorn.accounts.models import AccountStatus
from inkhorn.core import captcha, limits
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, code_in, letters_to
from tests.factories.accounts import PASSWORD, make_user

# As long as each other, so that the lengths of the answers can be compared as well.
KNOWN, UNKNOWN = "ida@example.org", "nob@example.org"
OWN = "kelp tide moon lantern"
WRONG = "1234567"  # never right, since it has a digit too many


@pytest.fixture
def anybody(open_house, monkeypatch):
    """Everybody may register, and robots are no matter here."""
    monkeypatch.setattr(captcha, "check", lambda form, sent, address: str(id(sent)))
    monkeypatch.setattr(captcha, "spend", lambda proof: None)


def shown(answer, email) -> tuple[object, ...]:
    """All that a browser is told, but for the address that it wrote itself."""
    headers = [(name, value) for name, value in answer.headers if name not in ("Date", "X-Request-ID")]
    return answer.status_code, headers, answer.text.replace(email, "")


def joined_with(app, email, password=OWN):
    """A browser that asked for an account, after the letters about it were written."""
    browser = app.test_client()
    assert browser.post("/join", data={"name": "Nora", "email": email, "password": password}).status_code == 303
    carry_out_jobs()
    return browser


def test_wrong_digits_after_registering_are_answered_alike(app, anybody):
    make_user(email=KNOWN, password=PASSWORD)
    told = []
    for email in (KNOWN, UNKNOWN):
        browser = joined_with(app, email)
        told.append([shown(browser.post("/join/confirm", data={"code": WRONG}), email) for _ in range(6)])
    assert told[0] == told[1]
    assert [each[0] for each in told[0]] == [422] * 5 + [410]


def test_an_older_letter_is_overtaken_by_a_newer_registration_alike(app, anybody):
    make_user(email=KNOWN, password=PASSWORD)
    told = []
    for number, email in enumerate((KNOWN, UNKNOWN)):
        own = f"own{number}@example.org"
        browser = joined_with(app, own)
        assert browser.post("/join", data={"name": "Nora", "email": email, "password": OWN}).status_code == 303
        carry_out_jobs()
        told.append(shown(browser.post("/join/confirm", data={"code": code_in(letters_to(own)[0])}), email)[0])
    assert told == [422, 422]


def test_a_stranger_is_not_told_that_the_address_was_confirmed_meanwhile(app, anybody):
    told = []
    for is_confirmed in (True, False):
        email = "ida@example.org" if is_confirmed else "nob@example.org"
        stranger = joined_with(app, email)
        owner = joined_with(app, email, PASSWORD)
        if is_confirmed:
            assert owner.post("/join/confirm", data={"code": code_in(letters_to(email)[-1])}).status_code == 303
        seen = [stranger.get("/join/confirm"), stranger.post("/join/again"), stranger.post("/join/confirm", data={"code": WRONG})]
        seen += [sign_in(stranger, email, OWN), sign_in(app.test_client(), email, "wrong password 7")]
        told.append([shown(each, email) for each in seen])
    assert told[0] == told[1]


@pytest.fixture
def hashes(monkeypatch) -> list[str]:
    """Collects what is judged slowly."""
    judged, judge = [], passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda typed, kept: judged.append(typed) or judge(typed, kept))
    return judged


def sign_in(browser, email, password):
    return browser.post("/sign-in", data={"email": email, "password": password})


def test_signing_in_with_ones_own_registration_leads_on_alike(app, anybody, hashes, queries):
    make_user(email=KNOWN, password=PASSWORD)
    told, asked = [], []
    for email in (KNOWN, UNKNOWN):
        joined_with(app, email)
        browser = app.test_client()
        browser.get("/join/confirm")
        queries.clear()
        answer = sign_in(browser, email, OWN)
        asked.append(list(queries))
        told.append((answer.status_code, answer.location))
    assert told == [(303, "/join/confirm")] * 2
    assert asked[0] == asked[1]
    assert hashes == [OWN] * 4


@pytest.mark.parametrize(("is_waiting", "many"), [(False, 1), (True, 2)])
def test_a_wrong_password_costs_as_many_hashes_whether_or_not_the_address_is_known(app, anybody, hashes, is_waiting, many):
    make_user(email=KNOWN, password=PASSWORD)
    for email in (KNOWN, UNKNOWN):
        if is_waiting:
            joined_with(app, email)
        hashes.clear()
        assert sign_in(app.test_client(), email, "wrong password 7").status_code == 422
        assert len(hashes) == many


def test_a_registration_never_stands_in_the_way_of_the_account(app, anybody):
    make_user(email=KNOWN, password=PASSWORD)
    joined_with(app, KNOWN)
    assert sign_in(app.test_client(), KNOWN, PASSWORD).location == "/desk/"


def test_a_registration_with_somebodys_address_gives_no_new_tries_at_their_account(app, anybody):
    make_user(email=KNOWN, password=PASSWORD)
    browser = joined_with(app, KNOWN)
    tries = [sign_in(browser, KNOWN, password).status_code for password in ["wrong password 7"] * 5 + [OWN] + ["wrong password 7"] * 5]
    assert tries == [422] * 5 + [303] + [422] * 4 + [429]


def test_wrong_digits_of_a_sign_in_by_mail_are_answered_alike(app, database):
    make_user(email="rhea@example.org", name="Rhea", role="member")
    make_user(email="wren@example.org", name="Wren", role="author")
    shut = make_user(email="shut@example.org", name="Shut", role="member")
    with transaction():
        session().merge(shut).status = AccountStatus.SUSPENDED
    told = []
    for email in ("rhea@example.org", "wren@example.org", "shut@example.org", "nobo@example.org"):
        browser = app.test_client()
        browser.post("/sign-in/by-mail", data={"email": email})
        carry_out_jobs()
        told.append([shown(browser.post("/sign-in/by-mail/confirm", data={"code": WRONG}), email) for _ in range(6)])
        limits.reset()
    assert [each[0] for each in told[0]] == [422] * 5 + [410]
    assert told[1:] == [told[0]] * 3
