"""Account section "Two-factor": the app set up, moved, removed; the codes on paper; saying no."""

import re

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.codes import code_at
from inkhorn.accounts.models import Authenticator, RecoveryCode, Session
from inkhorn.accounts.queries import authenticator_of, factors_of, user_by_email
from inkhorn.accounts.services import factors
from inkhorn.core import sealing
from inkhorn.core.access import House
from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import noted, post
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.accounts.test_second_step import second
from tests.accounts.test_sign_in import sign_in
from tests.factories.accounts import PASSWORD, browser_of, give_app, give_codes, make_user


@pytest.fixture
def ida(database, clock):
    return make_user(password=PASSWORD)


@pytest.fixture
def browser(app, ida):
    return browser_of(app, ida)


def begin(browser) -> str:
    """Begin with an app; its secret as the page shows it."""
    assert post(browser, "/account/two-factor/app/begin").location == "/account/two-factor/app"
    return re.search(r"<code>([A-Z2-7 ]+)</code>", browser.get("/account/two-factor/app").text)[1].replace(" ", "")


def confirm(browser, code, **fields):
    return post(browser, "/account/two-factor/app/confirm", code=code, **fields)


def codes_in(page) -> list[str]:
    return re.findall(r"<li>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</li>", page)


def sessions_of(user) -> int:
    return session().scalar(select(func.count()).select_from(Session).where(Session.user_id == user.id))


def test_the_first_right_code_turns_the_app_on_and_ten_codes_come_with_it(client, browser, ida, clock):
    seed = begin(browser)
    assert not factors_of(ida.id).is_enrolled
    answer = confirm(browser, code_at(seed, now()))
    assert (answer.status_code, len(set(codes_in(answer.text)))) == (200, 10)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert noted() == ["accounts.authenticator_added", "accounts.recovery_codes_made"]
    clock.forward(seconds=30)
    sign_in(client)
    assert second(client, code_at(seed, now())).status_code == 303


def test_the_code_that_turned_it_on_is_used_up(client, browser):
    code = code_at(begin(browser), now())
    confirm(browser, code)
    sign_in(client)
    assert second(client, code).status_code == 422


@pytest.mark.parametrize("code", ["", "000000", "x" * 81, "\x00", "12345６"])
def test_a_wrong_first_code_turns_nothing_on(browser, ida, code):
    seed = begin(browser)
    answer = confirm(browser, code)
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)
    assert not factors_of(ida.id).is_enrolled
    assert noted() == []
    assert confirm(browser, code_at(seed, now())).status_code == 200


@pytest.mark.parametrize("path", ["/account/two-factor/app", "/account/two-factor/app/confirm"])
def test_what_was_never_begun_leads_back_with_a_word(browser, path):
    answer = browser.get(path) if path.endswith("app") else confirm(browser, "123456")
    assert (answer.status_code, answer.location) == (303, "/account/two-factor")
    assert "Begin once more" in browser.get("/account/two-factor").text


def test_an_app_that_was_begun_waits_for_an_hour_and_in_its_own_browser(app, browser, ida, clock):
    code = code_at(begin(browser), now())
    assert confirm(browser_of(app, ida), code).location == "/account/two-factor"
    clock.forward(hours=1, seconds=1)
    assert factors.BEGUN_FOR.total_seconds() == 3600
    with pytest.raises(factors.NothingBegun):
        factors.seed_begun(session().scalars(select(Session)).first())


def test_another_phone_replaces_the_first_only_once_it_has_shown_a_code(client, app, ida, clock):
    old = give_app(ida)
    browser = browser_of(app, ida)
    seed = begin(browser)
    sign_in(client)
    assert second(client, old.code()).status_code == 303
    confirm(browser, code_at(seed, now()))
    clock.forward(seconds=30)
    sign_in(client)
    assert second(client, old.code()).status_code == 422
    assert second(client, code_at(seed, now())).status_code == 303


def test_a_change_ends_all_other_sessions_and_gives_this_one_a_new_token(app, browser, ida):
    """ASVS 7.4.3, 7.2.4."""
    other, before = browser_of(app, ida), browser.get_cookie("inkhorn").value
    thief = app.test_client()
    thief.set_cookie("inkhorn", before)
    confirm(browser, code_at(begin(browser), now()))
    assert browser.get_cookie("inkhorn").value != before
    assert [each.get("/account/two-factor").status_code for each in (browser, other, thief)] == [200, 303, 303]
    assert sessions_of(ida) == 1
    assert session().scalars(select(Session)).one().is_two_factor


def test_a_form_open_in_another_window_is_still_accepted_after_a_change(browser, ida):
    field = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/desk/posts/write").text)[1]
    confirm(browser, code_at(begin(browser), now()))
    answer = browser.post("/desk/posts/write", data={"csrf_token": field, "kind": "post", "title": "Hours of work", "body": "x"})
    assert answer.status_code == 303


def test_sign_ins_that_wait_are_over_after_a_change(client, app, ida, clock):
    phone = give_app(ida)
    sign_in(client)
    post(browser_of(app, ida), "/account/two-factor/app/remove")
    assert second(client, phone.code()).status_code == 410


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("app/confirm", "An authenticator app was set up for your account."),
        ("app/remove", "The authenticator app of your account was removed."),
        ("codes/make", "New recovery codes were made for your account"),
    ],
)
def test_each_change_is_told_once_by_mail(app, ida, act, words):
    if act != "app/confirm":
        give_app(ida)
    browser = browser_of(app, ida)
    post(browser, f"/account/two-factor/{act}", code=code_at(begin(browser), now()))
    carry_out_jobs()
    assert [words in text_of(letter) for letter in letters_to("ida@example.org")] == [True]


def test_removing_the_app_removes_the_codes_that_stood_in_for_it(app, client, ida):
    give_app(ida)
    give_codes(ida)
    browser = browser_of(app, ida)
    assert post(browser, "/account/two-factor/app/remove").status_code == 303
    assert noted() == ["accounts.authenticator_removed"]
    assert factors_of(ida.id).recovery_codes == 0
    assert sign_in(client).location == "/desk/"


def test_removing_twice_is_one_removal(app, ida):
    give_app(ida)
    browser = browser_of(app, ida)
    post(browser, "/account/two-factor/app/remove")
    assert post(browser, "/account/two-factor/app/remove").status_code == 303
    assert noted() == ["accounts.authenticator_removed"]


def test_new_codes_make_the_old_ones_worthless(app, client, ida):
    give_app(ida)
    old = give_codes(ida)[0]
    new = codes_in(post(browser_of(app, ida), "/account/two-factor/codes/make").text)
    assert noted() == ["accounts.recovery_codes_made"]
    sign_in(client)
    assert second(client, old).status_code == 422
    assert second(client, new[0]).status_code == 303


def test_codes_are_shown_once_and_kept_as_digests(app, ida):
    """ASVS 6.5.2, 6.5.3, 6.5.4."""
    give_app(ida)
    browser = browser_of(app, ida)
    shown = codes_in(post(browser, "/account/two-factor/codes/make").text)
    assert not codes_in(browser.get("/account/two-factor/codes").text + browser.get("/account/two-factor").text)
    kept = session().scalars(select(RecoveryCode)).all()
    assert len({each.digest for each in kept}) == 10
    assert len({each.salt for each in kept}) == 1
    dump = repr([(each.digest, each.salt) for each in kept])
    assert not [code for code in shown if code in dump or code.replace("-", "") in dump]


def test_nobody_has_codes_without_a_factor(browser):
    assert post(browser, "/account/two-factor/codes/make").location == "/account/two-factor"
    assert "stand in for a lost app" in browser.get("/account/two-factor").text
    assert session().scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_the_secret_of_the_app_is_sealed(ida):
    """ASVS 11.3.2, 14.2.4."""
    phone = give_app(ida)
    sealed = authenticator_of(ida.id).sealed_secret
    assert phone.seed not in sealed
    assert sealing.open_sealed(factors.SEALED_AS, sealed) == phone.seed


def test_saying_no_is_noted_and_can_be_taken_back(browser, ida):
    assert post(browser, "/account/two-factor/decline", next="/desk/").location == "/desk/"
    assert user_by_email("ida@example.org").declines_second_factor
    assert noted() == ["accounts.second_factor_declined"]
    assert "you can change your mind" in browser.get("/account/two-factor").text
    confirm(browser, code_at(begin(browser), now()))
    assert not user_by_email("ida@example.org").declines_second_factor


def test_the_operator_can_drop_every_factor_of_whoever_lost_them(app, client, ida):
    give_app(ida)
    give_codes(ida)
    browser = browser_of(app, ida)
    with transaction():
        factors.drop_factors(user_by_email("ida@example.org"), by=House())
    assert browser.get("/account/").status_code == 303
    assert session().scalar(select(func.count()).select_from(Authenticator)) == 0
    assert noted() == ["accounts.factors_dropped"]
    assert sign_in(client).location == "/desk/"
