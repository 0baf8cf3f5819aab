"""What is sensitive asks again who somebody is, in place, and loses nothing of what they were about to do."""

import io
import re

import pytest
from flask import jsonify, request

from inkhorn.accounts.identity.freshness import fresh
from inkhorn.core.access import open_to, signed_in
from tests.accounts.browsing import grow_stale, noted, post, token_in
from tests.factories.accounts import PASSWORD, browser_of, give_app, give_codes, make_user

HELD = {"title": "Hours <b>of</b> \"work\" & 'more'", "tag": ["Tides", "Boats"], "then": "publish", "empty": ""}
# Whatever must never be done on the strength of a browser that was left open (ASVS 7.5.1); passkeys are asked about by number.
SENSITIVE = {
    "accounts.begin_authenticator",
    "accounts.confirm_authenticator",
    "accounts.remove_authenticator",
    "accounts.make_recovery_codes",
    "accounts.ask_for_new_passkey",
    "accounts.add_passkey",
    "accounts.remove_passkey",
}
SENSITIVE_PAGES = {"accounts.show_authenticator", "accounts.offer_passkey"}


@pytest.fixture
def ida(database, clock):
    return make_user(password=PASSWORD)


@pytest.fixture
def browser(app, ida):
    opened = browser_of(app, ida)
    grow_stale()
    return opened


@pytest.fixture
def act(app, monkeypatch):
    """A sensitive act that tells what it was sent."""
    done = []

    @open_to(signed_in)
    @fresh
    def view(**_parts):
        sent = {name: values for name, values in request.form.lists() if name != "csrf_token"}
        done.append(sent)
        return jsonify(sent)

    monkeypatch.setitem(app.view_functions, "posts.draft_post", view)
    return done


def do(browser, **fields):
    return post(browser, "/desk/posts/write", **{**HELD, **fields})


def fields_in(page) -> dict[str, list[str]]:
    """What the first form of the page would send, as a browser reads it."""
    import html

    form = re.search(r"<form method=\"post\".*?</form>", page, re.DOTALL)[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return found


def prove(browser, page, **given):
    return browser.post("/desk/posts/write", data={**fields_in(page), **given})


def test_a_proof_is_good_for_ten_minutes(app, ida, act, clock):
    browser = browser_of(app, ida)
    clock.forward(minutes=9, seconds=59)
    assert do(browser).status_code == 200
    clock.forward(seconds=1)
    assert do(browser).status_code == 403
    assert len(act) == 1


def test_a_held_act_runs_after_the_proof_with_nothing_lost(browser, act):
    page = do(browser)
    assert (page.status_code, act) == (403, [])
    assert "<b>of</b>" not in page.text
    answer = prove(browser, page.text, proof_password=PASSWORD)
    assert answer.status_code == 200
    assert answer.json == {name: value if isinstance(value, list) else [value] for name, value in HELD.items()}
    assert do(browser).status_code == 200


def test_a_wrong_proof_keeps_everything_too(browser, act):
    page = prove(browser, do(browser).text, proof_password="wrong password 7")
    assert (page.status_code, act) == (422, [])
    assert re.search(r'id="proof_password"[^>]* aria-describedby="proof_password-error" aria-invalid="true"', page.text)
    assert "wrong password 7" not in page.text
    assert prove(browser, page.text, proof_password=PASSWORD).json["tag"] == ["Tides", "Boats"]


@pytest.mark.parametrize(
    "given", [{}, {"proof_password": ""}, {"proof_code": "123456"}, {"proof_passkey": "{}"}, {"proof_password": "x" * 5000}]
)
def test_what_proves_nothing_is_answered_in_words(browser, act, given):
    page = prove(browser, do(browser).text, **given)
    assert (page.status_code, act) == (422, [])
    assert "Is it still you?" in page.text


def test_secrets_and_files_are_not_carried_along(browser, act):
    answer = do(browser, new_password="my-secret", PASSWORD="my-secret", cover=(io.BytesIO(b"a file"), "a.png"))
    assert "my-secret" not in answer.text
    sent = prove(browser, answer.text, proof_password=PASSWORD).json
    assert set(sent) == set(HELD)


def test_a_page_leads_to_the_question_and_back(browser):
    answer = browser.get("/account/passkeys/new?next=/desk/posts/")
    assert answer.location == "/account/proof?next=/account/passkeys/new?next%3D/desk/posts/"
    page = browser.get(answer.location)
    done = browser.post("/account/proof", data={**fields_in(page.text), "proof_password": PASSWORD})
    assert done.location == "/account/passkeys/new?next=/desk/posts/"
    assert browser.get(done.location).status_code == 200


@pytest.mark.parametrize("given", [{}, {"proof_password": "wrong"}, {"proof_code": "x" * 81}])
def test_a_wrong_answer_on_the_way_to_a_page_keeps_the_way(browser, given):
    answer = browser.post("/account/proof", data={"csrf_token": token_in(browser), "next": "/desk/posts/", **given})
    assert answer.status_code == 422
    assert fields_in(answer.text)["next"] == ["/desk/posts/"]


def test_the_question_is_not_asked_of_whoever_has_just_answered(app, ida):
    assert browser_of(app, ida).get("/account/proof?next=/desk/").location == "/desk/"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_the_question_leads_to_no_other_site(browser, wanted):
    page = browser.get("/account/proof", query_string={"next": wanted})
    assert "evil" not in page.text
    done = browser.post("/account/proof", data={"csrf_token": token_in(browser), "proof_password": PASSWORD, "next": wanted})
    assert done.location == "/account/"


def test_the_code_of_the_app_proves_it_once(app, ida, act, clock):
    phone = give_app(ida)
    one, other = browser_of(app, ida), browser_of(app, ida)
    grow_stale()
    code = phone.code()
    assert prove(one, do(one).text, proof_code=code).status_code == 200
    assert prove(other, do(other).text, proof_code=code).status_code == 422


def test_a_recovery_code_proves_it_as_well(app, ida, act):
    give_app(ida)
    code = give_codes(ida, 1)[0]
    browser = browser_of(app, ida)
    grow_stale()
    assert prove(browser, do(browser).text, proof_code=code).status_code == 200
    assert noted("accounts.recovery%") == ["accounts.recovery_code_used"]


def test_programs_are_told_in_their_own_words(browser, act):
    answer = do(browser, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert "/account/proof" in answer.json["detail"]


def test_a_proof_gives_the_session_another_token(app, browser, act):
    """ASVS 7.2.4."""
    before = browser.get_cookie("inkhorn").value
    prove(browser, do(browser).text, proof_password=PASSWORD)
    thief = app.test_client()
    thief.set_cookie("inkhorn", before)
    assert (browser.get("/account/").status_code, thief.get("/account/").status_code) == (200, 303)


def test_both_outcomes_are_noted_once(browser, act):
    page = prove(browser, do(browser).text, proof_password="wrong")
    prove(browser, page.text, proof_password=PASSWORD)
    assert noted() == ["accounts.proof_refused", "accounts.proved"]


def test_a_stolen_cookie_has_ten_guesses_and_locks_nobody_out(app, ida, browser, act):
    page = do(browser).text
    seen = [prove(browser, page, proof_password="wrong") for _ in range(12)]
    assert [each.status_code for each in seen] == [422] * 10 + [429] * 2
    assert seen[-1].headers["Retry-After"] == "300"
    assert fields_in(seen[-1].text)["tag"] == ["Tides", "Boats"]
    assert prove(browser, page, proof_password=PASSWORD).status_code == 429
    other = browser_of(app, ida)
    grow_stale()
    assert prove(other, do(other).text, proof_password=PASSWORD).status_code == 200


@pytest.mark.parametrize("token", ["", "stale", "a.b.c"])
def test_a_form_without_its_token_is_not_even_asked_about(browser, act, token):
    answer = browser.post("/desk/posts/write", data={**HELD, "csrf_token": token, "proof_password": PASSWORD})
    assert (answer.status_code, act) == (422, [])
    assert noted() == []


def test_every_sensitive_act_and_page_asks(app, ida):
    """ASVS 7.5.1."""
    browser = browser_of(app, ida)
    grow_stale()
    token = token_in(browser)
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<int:passkey_id>", "1")
        if rule.endpoint in SENSITIVE:
            assert browser.post(path, data={"csrf_token": token}).status_code == 403, path
        if rule.endpoint in SENSITIVE_PAGES:
            assert browser.get(path).location.startswith("/account/proof?next="), path
