"""Passkeys: made, named, removed, and used as both steps of signing in or as the second."""

import json
import re

import pytest
from sqlalchemy import select

from inkhorn.accounts import codes
from inkhorn.accounts.models import AccountStatus, OneTimeToken, Passkey, Purpose, Session
from inkhorn.accounts.queries import passkeys_of, user_by_email
from inkhorn.accounts.services.passkeys import MOST_PASSKEYS
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import grow_stale, noted, post, token_in
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.accounts.test_factors import codes_in
from tests.accounts.test_freshness import act, do, prove  # noqa: F401 - the fixture
from tests.accounts.test_sign_in import sign_in
from tests.authenticators import Authenticator, bytes_of
from tests.factories.accounts import PASSWORD, browser_of, give_app, make_user


@pytest.fixture
def ida(database, clock):
    return make_user(password=PASSWORD)


@pytest.fixture
def browser(app, ida):
    return browser_of(app, ida)


def options(client, path, **fields):
    return client.post(f"{path}/options", data=fields).json["publicKey"]


def add(browser, key, name="Laptop", **wrong):
    asked = options(browser, "/account/passkeys/new", csrf_token=token_in(browser))
    return post(browser, "/account/passkeys/new", name=name, credential=json.dumps(key.create(asked, **wrong)))


def come_in(client, key, path="/sign-in/passkey", **fields):
    return client.post(path, data={"credential": json.dumps(key.get(options(client, path))), **fields})


@pytest.fixture
def few_codes(monkeypatch):
    """Two recovery codes instead of ten, since each costs the time of a password."""
    monkeypatch.setattr(codes, "PAPER_CODES", 2)


@pytest.fixture
def key(browser, few_codes):
    made = Authenticator()
    assert add(browser, made).status_code == 200
    return made


def kept() -> Passkey:
    return session().scalars(select(Passkey)).one()


def test_a_first_passkey_brings_recovery_codes(browser, ida):
    answer = add(browser, Authenticator(), name="  Laptop,\tfingerprint\u202e ")
    assert len(codes_in(answer.text)) == 10
    assert (kept().name, kept().is_verifying) == ("Laptop, fingerprint", True)
    assert noted() == ["accounts.passkey_added", "accounts.recovery_codes_made"]
    assert session().scalars(select(Session)).one().is_two_factor


def test_the_next_factor_brings_none(browser, key):
    assert add(browser, Authenticator()).location == "/account/two-factor"
    assert noted()[-1] == "accounts.passkey_added"


def test_a_passkey_is_both_steps_at_once(client, key):
    answer = come_in(client, key, next="/desk/posts/", is_remembered="y")
    assert (answer.status_code, answer.location) == (303, "/desk/posts/")
    assert any("inkhorn=" in cookie and "Max-Age" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    newest = session().scalars(select(Session).order_by(Session.id.desc())).first()
    assert (newest.way, newest.is_two_factor) == ("passkey", True)
    assert kept().used_at is not None


def test_a_passkey_that_checks_nobody_is_a_second_step_only(app, browser, client):
    key = Authenticator(is_verifying=False)
    add(browser, key)
    assert come_in(client, key).status_code == 422
    assert sign_in(client).location == "/sign-in/second"
    assert come_in(client, key, "/sign-in/second/passkey").location == "/desk/"


def test_the_second_step_names_the_passkeys_of_whoever_waits(client, key):
    sign_in(client, next="/desk/pages/")
    asked = options(client, "/sign-in/second/passkey")
    assert [each["type"] for each in asked["allowCredentials"]] == ["public-key"]
    assert come_in(client, key, "/sign-in/second/passkey").location == "/desk/pages/"
    assert options(client, "/sign-in/passkey").get("allowCredentials", []) == []


def test_a_passkey_of_somebody_else_is_no_second_step(app, client, key):
    eve = make_user(email="eve@example.org", name="Eve", password=PASSWORD)
    hers = Authenticator()
    add(browser_of(app, eve), hers)
    sign_in(client)
    assert come_in(client, hers, "/sign-in/second/passkey").status_code == 422
    assert noted()[-1] == "accounts.second_factor_refused"


def test_wrong_passkeys_count_against_the_second_step(client, key):
    sign_in(client)
    other = Authenticator(credential_id=key.credential_id)
    assert [come_in(client, other, "/sign-in/second/passkey").status_code for _ in range(6)] == [422] * 5 + [429]


def test_an_answer_is_good_once(app, client, key):
    answer = json.dumps(key.get(options(client, "/sign-in/passkey")))
    assert client.post("/sign-in/passkey", data={"credential": answer}).status_code == 303
    thief = app.test_client()
    for cookie in ("inkhorn-browser", "inkhorn"):
        thief.set_cookie(cookie, client.get_cookie(cookie).value)
    assert thief.post("/sign-in/passkey", data={"credential": answer}).status_code == 422


def test_an_answer_is_good_in_the_browser_that_was_asked(app, client, key):
    answer = json.dumps(key.get(options(client, "/sign-in/passkey")))
    thief = app.test_client()
    assert thief.post("/sign-in/passkey", data={"credential": answer}).status_code == 422
    options(thief, "/sign-in/passkey")
    assert thief.post("/sign-in/passkey", data={"credential": answer}).status_code == 422


def test_a_question_waits_for_five_minutes(client, key, clock):
    asked = options(client, "/sign-in/passkey")
    clock.forward(minutes=5, seconds=1)
    answer = client.post("/sign-in/passkey", data={"credential": json.dumps(key.get(asked))})
    assert (answer.status_code, "took too long" in answer.text) == (422, True)


def test_a_count_that_does_not_grow_is_a_copy(client, key):
    come_in(client, key)
    key.count -= 1
    assert come_in(client, key).status_code == 422
    assert kept().sign_count == 1


def test_a_passkey_that_counts_nothing_works_every_time(app, browser, client):
    key = Authenticator(counts=False)
    add(browser, key)
    assert [come_in(app.test_client(), key).status_code for _ in range(3)] == [303] * 3


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"origin": "http://localhost:1"}, {"rp_id": "evil.example"}])
def test_an_answer_for_another_site_is_refused(browser, client, key, wrong):
    for name, value in wrong.items():
        setattr(key, name, value)
    assert come_in(client, key).status_code == 422
    assert add(browser, Authenticator(**wrong)).status_code == 422


def test_a_passkey_that_was_removed_opens_nothing(app, browser, client, key, clock):
    assert post(browser, f"/account/passkeys/{kept().id}/remove").location == "/account/signing-in"
    assert noted()[-1] == "accounts.passkey_removed"
    answer = come_in(client, key)
    assert (answer.status_code, "belongs to no account here" in answer.text) == (422, True)
    assert sign_in(client).location == "/desk/"


def test_each_change_is_told_once_by_mail(browser, key):
    post(browser, f"/account/passkeys/{kept().id}/remove")
    carry_out_jobs()
    told = [text_of(letter).splitlines()[4] for letter in letters_to("ida@example.org")]
    assert told == ["A passkey was added to your account.", "A passkey of your account was removed."]


def test_a_suspended_account_is_not_opened_by_a_passkey(client, key):
    with transaction():
        user_by_email("ida@example.org").status = AccountStatus.SUSPENDED
    answer = come_in(client, key)
    assert (answer.status_code, "suspended" in answer.text) == (403, True)


def test_refusals_at_the_door_are_noted_once(client, key):
    key.origin = "https://evil.example"
    come_in(client, key)
    assert noted()[-1:] == ["accounts.sign_in_refused"]


def test_one_passkey_is_on_one_account(app, browser, key):
    eve = browser_of(app, make_user(email="eve@example.org", name="Eve"))
    answer = add(eve, Authenticator(credential_id=key.credential_id))
    assert (answer.status_code, "in use already" in answer.text) == (409, True)


def test_the_browser_is_told_which_passkeys_there_are_and_nothing_of_the_person(browser, key):
    asked = options(browser, "/account/passkeys/new", csrf_token=token_in(browser))
    assert len(asked["excludeCredentials"]) == 1
    assert asked["user"]["name"] == "ida@example.org"
    assert len(bytes_of(asked["user"]["id"])) == 43


def test_there_are_twenty_at_most(browser, few_codes, monkeypatch):
    monkeypatch.setattr("inkhorn.accounts.services.passkeys.MOST_PASSKEYS", 2)
    assert MOST_PASSKEYS == 20
    assert [add(browser, Authenticator()).status_code for _ in range(3)] == [200, 303, 409]


def test_a_nameless_one_is_called_by_what_it_is(browser, ida, few_codes):
    for name in ("", "  ", ""):
        add(browser, Authenticator(), name=name)
    assert [each.name for each in session().scalars(passkeys_of(ida.id))] == [
        "Built-in passkey",
        "Built-in passkey 2",
        "Built-in passkey 3",
    ]


@pytest.mark.parametrize(("name", "status"), [("Boat keys", 303), ("", 422), ("x" * 101, 422), ("\u202e\u200b", 422), ("<b>&", 303)])
def test_a_passkey_is_renamed_by_its_owner(browser, key, name, status):
    answer = post(browser, f"/account/passkeys/{kept().id}/rename", name=name)
    assert answer.status_code == status
    assert noted("accounts.passkey_r%") == (["accounts.passkey_renamed"] if status == 303 else [])
    assert "<b>&" not in browser.get("/account/signing-in").text


@pytest.mark.parametrize("verb", ["rename", "remove"])
@pytest.mark.parametrize("number", [None, 0, 999_999, 2**31, 2**63])
def test_nobody_touches_anothers_passkey(app, key, verb, number):
    eve = browser_of(app, make_user(email="eve@example.org", name="Eve"))
    assert post(eve, f"/account/passkeys/{number or kept().id}/{verb}", name="Mine now").status_code == 404
    assert kept().name == "Laptop"


def test_a_passkey_proves_again_who_one_is(app, browser, key, act):  # noqa: F811
    grow_stale()
    page = do(browser).text
    asked = browser.post("/account/proof/passkey/options", data={"csrf_token": token_in(browser)}).json["publicKey"]
    answer = prove(browser, page, proof_passkey=json.dumps(key.get(asked)))
    assert (answer.status_code, answer.json["tag"]) == (200, ["Tides", "Boats"])
    assert noted()[-1] == "accounts.proved"


def test_a_question_for_one_act_is_no_answer_to_another(app, client, browser, key):
    sign_in(client)
    asked = options(client, "/sign-in/passkey")
    credential = json.dumps(key.get(asked))
    assert client.post("/sign-in/second/passkey", data={"credential": credential}).status_code == 422
    assert session().scalar(select(OneTimeToken).where(OneTimeToken.purpose == Purpose.CHALLENGE)) is not None


def test_where_the_site_is_a_number_nobody_is_offered_a_passkey(app, ida):
    visitor = app.test_client()
    number = {"base_url": "http://127.0.0.1:8000"}
    assert "data-passkey" not in visitor.get("/sign-in", **number).text
    assert visitor.post("/sign-in/passkey/options", **number).status_code == 422
    assert "data-passkey" in visitor.get("/sign-in").text


def test_the_site_s_own_address_names_it(app, monkeypatch, client, key):
    import dataclasses

    named = dataclasses.replace(app.extensions["inkhorn.config"], site_url="https://BÜCHER.example:443/")
    monkeypatch.setitem(app.extensions, "inkhorn.config", named)
    from inkhorn.accounts.identity.passkeys import party

    with app.test_request_context():
        asking = party()
    assert (asking.id, asking.origin) == ("xn--bcher-kva.example", "https://xn--bcher-kva.example")


def test_the_list_of_passkeys_costs_the_same_for_many(browser, key, ida, queries):
    def cost() -> tuple[int, int]:
        browser.get("/account/signing-in")
        queries.clear()
        page = browser.get("/account/signing-in").text
        return len(queries), len(re.findall(r"/account/passkeys/\d+/remove", page))

    one = cost()
    with transaction():
        session().add_all(Passkey(user_id=ida.id, credential_id=f"x{n}", public_key=b"x", name=f"Key {n}") for n in range(19))
    assert (one[1], cost()) == (1, (one[0], 20))


def test_an_app_beside_it_leaves_both(app, browser, key, ida):
    give_app(ida)
    assert "On, with an app and a passkey" in browser.get("/account/two-factor").text
