"""Six digits by mail prove it for whoever has neither password nor factor, and for nobody else."""

import pytest

from tests.accounts.browsing import grow_stale, noted, post
from tests.accounts.letters import carry_out_jobs, code_in, letters_to, text_of
from tests.accounts.test_freshness import act, do, fields_in, prove  # noqa: F401 - the fixture
from tests.factories.accounts import PASSWORD, browser_of, give_app, make_user


@pytest.fixture
def browser(app, database, clock):
    """Of a member who signs in by mail only."""
    opened = browser_of(app, make_user())
    grow_stale()
    return opened


def ask(browser, page=""):
    """Press "Send me a letter" on the page that asks; the next page."""
    return post(browser, "/account/proof/code", **(fields_in(page) if page else {}))


def newest_code() -> str:
    carry_out_jobs()
    return code_in(letters_to("ida@example.org")[-1])


def test_the_digits_of_the_letter_run_the_held_act(browser, act):  # noqa: F811
    page = ask(browser, do(browser).text)
    assert "A letter with six digits is on its way" in page.text
    answer = prove(browser, page.text, proof_code=newest_code())
    assert (answer.status_code, answer.json["tag"]) == (200, ["Tides", "Boats"])
    assert noted() == ["accounts.proved"]


def test_the_digits_work_once_and_the_newest_count(browser, act, clock):  # noqa: F811
    page = ask(browser, do(browser).text).text
    first = newest_code()
    clock.forward(seconds=1)
    ask(browser, page)
    second = newest_code()
    assert prove(browser, page, proof_code=first).status_code == 422
    assert prove(browser, page, proof_code=second).status_code == 200
    grow_stale()
    assert prove(browser, do(browser).text, proof_code=second).status_code == 422


def test_the_digits_live_for_ten_minutes(browser, act, clock):  # noqa: F811
    """ASVS 6.5.5."""
    page = ask(browser, do(browser).text).text
    code = newest_code()
    clock.forward(minutes=10, seconds=1)
    assert prove(browser, page, proof_code=code).status_code == 422


def test_the_digits_of_one_browser_prove_nothing_in_another(browser, app, act):  # noqa: F811
    """ASVS 6.6.2."""
    ask(browser, do(browser).text)
    code = newest_code()
    other = app.test_client()
    other.set_cookie("inkhorn", browser.get_cookie("inkhorn").value)
    assert prove(other, do(other).text, proof_code=code).status_code == 422


def test_five_wrong_digits_want_a_new_letter(browser, act):  # noqa: F811
    """ASVS 6.6.3."""
    page = ask(browser, do(browser).text).text
    code = newest_code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert {prove(browser, page, proof_code=wrong).status_code for _ in range(5)} == {422}
    answer = prove(browser, page, proof_code=code)
    assert (answer.status_code, "Ask for a new letter" in answer.text) == (422, True)


def test_five_letters_an_hour_are_enough(browser, act):  # noqa: F811
    page = do(browser).text
    assert [ask(browser, page).status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_letter_says_what_it_is_for(browser):
    ask(browser)
    carry_out_jobs()
    told = text_of(letters_to("ida@example.org")[-1])
    assert "you are about to change something that matters" in told
    assert "Good for 10 minutes, once." in told


@pytest.mark.parametrize("has", ["password", "app"])
def test_a_mailbox_stands_in_for_nothing_stronger(app, database, clock, has):
    user = make_user(password=PASSWORD if has == "password" else None)
    if has == "app":
        give_app(user)
    browser = browser_of(app, user)
    grow_stale()
    assert ask(browser).status_code == 403
    assert "Send me a letter" not in browser.get("/account/proof").text


def test_a_letter_written_twice_by_a_killed_runner_still_holds_the_digits_that_count(browser, act):  # noqa: F811
    from inkhorn.accounts.identity.browsers import cookie_name
    from inkhorn.accounts.queries import digest, user_by_email
    from inkhorn.accounts.tasks.proofs import send_proof_code

    page = ask(browser, do(browser).text).text
    code = newest_code()
    with browser.application.test_request_context():
        number = digest(browser.get_cookie(cookie_name("browser")).value)
    moment = "2026-03-02T12:00:00+00:00"
    send_proof_code(user_by_email("ida@example.org").id, number, moment)
    assert prove(browser, page, proof_code=code).status_code == 200
