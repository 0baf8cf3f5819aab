"""A form that is open to everybody: its puzzle as the sheet draws it, the work it asks for, and judges elsewhere."""

import re
from dataclasses import replace

import pytest

from inkhorn.core import captcha, limits
from inkhorn.core.clock import freeze
from inkhorn.core.fetch import only_to
from tests.open_form import planted_site
from tests.puzzles import drawn, solve, worked

PROVIDERS = ["turnstile", "hcaptcha", "recaptcha"]
KEYS = {"captcha_site_key": "public-key", "captcha_secret_key": "private & key"}


@pytest.fixture
def app(tmp_path, request):
    kind = getattr(request, "param", "proof-of-work")
    site = planted_site(tmp_path, captcha=kind, **(KEYS if kind in PROVIDERS else {}))
    with site.app_context():
        yield site


@pytest.fixture
def browser(app):
    return app.test_client()


@pytest.fixture
def judge(stand_in, monkeypatch):
    for kind, service in captcha.SERVICES.items():
        monkeypatch.setitem(captcha.SERVICES, kind, replace(service, judge=f"{stand_in.base}/siteverify"))
    monkeypatch.setattr(captcha, "JUDGES", only_to(stand_in.base))
    return stand_in


def send(browser, **fields):
    return browser.post("/planted", data={"name": "Ida", **fields})


def waiting_of(answer) -> str:
    return re.search(r'name="waiting" value="([^"]+)"', answer.text)[1]


def answered(kind: str, word: str = "a word") -> dict[str, str]:
    return {"waiting": drawn("planted"), captcha.SERVICES[kind].answer: word}


def test_work_is_fetched_done_and_taken_once(app, browser):
    work = browser.get("/puzzle/planted")
    assert (work.status_code, work.headers["Cache-Control"]) == (200, "no-store")
    fields = {"waiting": drawn("planted"), "puzzle": solve(work.json)}
    assert "It arrived" in send(browser, **fields).text
    again = send(browser, **fields)
    assert (again.status_code, "sent before" in again.text) == (422, True)


@pytest.mark.parametrize("form", ["Join", "1join", "a" * 41, "join.json", "<script>", "%00"])
def test_work_is_for_forms_with_a_name(browser, form):
    assert browser.get(f"/puzzle/{form}").status_code == 404


def test_a_place_gets_no_more_work_than_its_share(app, browser, monkeypatch):
    monkeypatch.setattr(captcha, "COST", 1)
    for _ in range(60):
        assert browser.get("/puzzle/planted").status_code == 200
    assert browser.get("/puzzle/planted").status_code == 429


@pytest.mark.parametrize("app", ["none", "turnstile"], indirect=True)
def test_where_no_work_is_asked_for_none_is_given(browser):
    assert browser.get("/puzzle/planted").status_code == 404


@pytest.mark.parametrize("app", ["none"], indirect=True)
def test_a_site_may_ask_nothing_but_a_moment_and_an_empty_field(browser):
    sheet = browser.get("/planted").text
    assert "puzzle" not in sheet
    assert "faster than a person" in send(browser, waiting=drawn("planted", seconds_ago=1)).text
    assert "stay empty" in send(browser, waiting=drawn("planted"), homepage="x").text
    assert "It arrived" in send(browser, waiting=drawn("planted")).text
    assert "sent before" in send(browser, waiting=drawn("planted")).text


def test_the_sheet_brings_the_work_and_its_script_from_here(browser):
    answer = browser.get("/planted")
    assert 'data-work="/puzzle/planted"' in answer.text
    assert re.search(r'<script type="module" src="/static/puzzle\.[0-9a-f]{8}\.js">', answer.text)
    assert "https://" not in answer.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    assert answer.headers["Cache-Control"] == "no-store"


def test_whoever_has_no_script_is_told_to_wait_and_waits_once(app, browser, clock):
    from datetime import UTC, datetime

    clock.set(datetime.now(UTC))
    sheet = browser.get("/planted")
    assert "<noscript>" in sheet.text
    clock.forward(seconds=8)
    hasty = send(browser, waiting=waiting_of(sheet))
    assert (hasty.status_code, "Wait 13 more" in hasty.text, 'value="Ida"' in hasty.text) == (422, True, True)
    assert waiting_of(hasty) == waiting_of(sheet)
    clock.forward(seconds=13)
    assert "It arrived" in send(browser, waiting=waiting_of(hasty)).text


def test_whoever_sends_it_twice_gets_a_form_that_can_be_sent(browser):
    fields = {"waiting": drawn("planted")}
    assert "It arrived" in send(browser, **fields).text
    again = send(browser, **fields)
    assert "sent before" in again.text
    assert waiting_of(again) != fields["waiting"]


@pytest.mark.parametrize("app", PROVIDERS, indirect=True)
def test_a_providers_script_is_allowed_on_its_sheets_alone(app, browser):
    service = captcha.SERVICES[app.extensions["inkhorn.config"].captcha]
    sheet = browser.get("/planted")
    assert f'<script src="{service.script}" async defer>' in sheet.text
    assert f'class="{service.widget}" data-sitekey="public-key"' in sheet.text
    assert "private" not in sheet.text
    for name, sources in service.sources.items():
        assert f"{name} {' '.join(sources)}" in sheet.headers["Content-Security-Policy"].replace("'self' ", "")
    assert "'unsafe" not in sheet.headers["Content-Security-Policy"]
    for address in ("/sign-in", "/nothing-here"):
        assert service.sources["script-src"][0] not in browser.get(address).headers["Content-Security-Policy"]
    assert sheet.headers["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("app", PROVIDERS, indirect=True)
def test_a_providers_word_is_asked_for_and_counts_once(app, browser, judge):
    kind = app.extensions["inkhorn.config"].captcha
    assert "It arrived" in send(browser, **answered(kind)).text
    assert judge.heard[0] == {"secret": "private & key", "response": "a word"} | ({"sitekey": "public-key"} if kind == "hcaptcha" else {})
    assert "sent before" in send(browser, **answered(kind)).text


NO = [{"success": False, "error-codes": ["invalid-input-response"]}, {"success": False}]


@pytest.mark.parametrize("app", ["turnstile"], indirect=True)
@pytest.mark.parametrize("verdict", NO, ids=str)
def test_whom_the_provider_does_not_believe_is_refused(browser, judge, verdict):
    judge.verdict = verdict
    answer = send(browser, **answered("turnstile"))
    assert (answer.status_code, "was not convinced" in answer.text) == (422, True)


DOWN = [500, 404, 302, 9.0, b"", b"not json", b"[]", b"7", b'{"success": "true"}', b'{"success": 1}', b"{}"]


@pytest.mark.parametrize("app", ["turnstile"], indirect=True)
@pytest.mark.parametrize("broken", DOWN, ids=repr)
def test_a_provider_that_is_down_opens_nothing(browser, judge, monkeypatch, broken):
    monkeypatch.setattr(captcha, "JUDGE_SECONDS", 0.3)
    judge.broken["/siteverify"] = broken
    answer = send(browser, **answered("turnstile"))
    assert (answer.status_code, "does not answer just now" in answer.text, 'value="Ida"' in answer.text) == (503, True, True)


@pytest.mark.parametrize("app", ["turnstile"], indirect=True)
def test_nobody_else_waits_for_a_provider_that_fell_silent(browser, judge, monkeypatch):
    monkeypatch.setattr(captcha, "JUDGE_SECONDS", 1)
    judge.broken["/siteverify"] = 9.0
    assert [send(browser, **answered("turnstile")).status_code for _ in range(4)] == [503] * 4
    assert judge.asked == ["/siteverify"]


@pytest.mark.parametrize("app", ["hcaptcha"], indirect=True)
def test_a_wrong_key_of_ours_is_our_fault_and_not_the_visitors(browser, judge):
    judge.verdict = {"success": False, "error-codes": ["invalid-or-already-seen-secret"]}
    assert send(browser, **answered("hcaptcha")).status_code == 503


@pytest.mark.parametrize("app", ["turnstile"], indirect=True)
@pytest.mark.parametrize("word", ["", "x" * 9000])
def test_without_a_usable_word_nobody_is_asked(browser, judge, word):
    answer = send(browser, **answered("turnstile", word))
    assert (answer.status_code, "Show that you are a person" in answer.text, judge.heard) == (422, True, [])


@pytest.mark.parametrize("app", ["turnstile"], indirect=True)
def test_work_does_not_stand_in_for_a_providers_word(browser, judge):
    assert send(browser, **worked("planted")).status_code == 422


@pytest.mark.parametrize("app", ["turnstile"], indirect=True)
def test_patience_does_not_stand_in_for_a_providers_word(browser, judge):
    assert send(browser, waiting=drawn("planted", seconds_ago=60)).status_code == 422


@pytest.fixture(autouse=True)
def _at_large(app):
    limits.reset()
    yield
    freeze(None)
