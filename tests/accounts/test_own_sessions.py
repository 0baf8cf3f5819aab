"""Where one is signed in: shown in words, ended one by one or all but this."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import KnownDevice, Session
from inkhorn.accounts.services import sessions
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import grow_stale
from tests.factories.accounts import PASSWORD, Browser, audited, browser_of, make_user

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"


def open_in(actor, device, browser, address="192.0.2.14") -> int:
    """A session of the actor's in a browser of that number; its id."""
    with transaction():
        sessions.open_session(session().merge(actor.user), sessions.Visit(address=address, device=device, browser=browser))
        return session().scalar(select(func.max(Session.id)))


def devices() -> set[str]:
    return set(session().scalars(select(KnownDevice.digest)))


def ids() -> set[int]:
    return set(session().scalars(select(Session.id)))


@pytest.fixture
def wrens(signed_in, wren) -> Browser:
    return Browser(signed_in(wren))


def test_each_is_told_in_words(wrens, wren):
    open_in(wren, FIREFOX, "a")
    text = wrens.get("/account/sessions").text
    assert ("Firefox on Linux" in text, "192.0.2.14" in text, text.count("This one")) == (True, True, 1)


def test_who_is_signed_in_nowhere_else_is_told_so(wrens):
    text = wrens.get("/account/sessions").text
    assert "nowhere else" in text
    assert "everywhere else" not in text


def test_a_browser_not_used_before_is_marked_for_a_week(wrens, wren, clock):
    open_in(wren, FIREFOX, "first")
    clock.forward(hours=1)
    open_in(wren, IPHONE, "second")
    assert wrens.get("/account/sessions").text.count("New place") == 1
    clock.forward(days=8)
    with transaction():
        session().execute(Session.__table__.update().values(seen_at=clock.now, started_at=clock.now))
    assert "New place" not in wrens.get("/account/sessions").text


def test_the_first_browser_is_no_new_place(wrens, wren):
    open_in(wren, FIREFOX, "first")
    assert "New place" not in wrens.get("/account/sessions").text


def test_this_one_stands_first_and_the_last_seen_follows(wrens, wren, clock):
    for name in ("Firefox/1 (Linux)", "Firefox/1 (Windows)"):
        clock.forward(minutes=1)
        open_in(wren, name, None)
    text = wrens.get("/account/sessions").text
    assert text.index("This one") < text.index("Firefox on Windows") < text.index("Firefox on Linux")


def test_one_is_ended_and_its_browser_forgotten(wrens, wren):
    other = open_in(wren, FIREFOX, "a")
    answer = wrens.send(f"/account/sessions/{other}/end")
    assert (answer.status_code, other in ids(), devices()) == (303, False, set())
    assert "That browser is signed out." in wrens.get("/account/sessions").text
    assert audited("accounts.session_ended") == 1


def test_a_browser_that_has_another_session_stays_known(wrens, wren):
    one, _other = open_in(wren, FIREFOX, "a"), open_in(wren, FIREFOX, "a")
    wrens.send(f"/account/sessions/{one}/end")
    assert devices() == {"a"}


def test_an_ended_session_is_out_at_once(app, wrens, wren, cast):
    other = cast.browser_of(app, wren)
    wrens.send(f"/account/sessions/{max(ids())}/end")
    assert other.get("/account/").status_code == 303


def test_to_end_it_twice_is_told_and_noted_once(wrens, wren):
    other = open_in(wren, FIREFOX, "a")
    assert [wrens.send(f"/account/sessions/{other}/end").status_code for _ in range(2)] == [303, 404]
    assert audited("accounts.session_ended") == 1


@pytest.mark.parametrize("forged", ["0", "99999999", "2147483648", "9" * 30])
def test_nonsense_ends_nothing(wrens, forged):
    before = ids()
    assert wrens.send(f"/account/sessions/{forged}/end").status_code == 404
    assert ids() == before


def test_nobody_ends_a_session_of_somebody_elses(wrens, emil):
    theirs = open_in(emil, FIREFOX, "a")
    assert wrens.send(f"/account/sessions/{theirs}/end").status_code == 404
    assert (theirs in ids(), audited("accounts.session_ended")) == (True, 0)


def test_all_others_are_ended_and_this_one_stays(wrens, wren, emil):
    theirs = open_in(emil, FIREFOX, "e")
    for name in "abc":
        open_in(wren, FIREFOX, name)
    answer = wrens.send("/account/sessions/end-others")
    assert (answer.status_code, len(ids()), theirs in ids(), devices()) == (303, 2, True, {"e"})
    assert wrens.get("/account/sessions").status_code == 200
    assert audited("accounts.sessions_ended") == 1


@pytest.mark.parametrize("path", ["/account/sessions/1/end", "/account/sessions/end-others"])
def test_without_the_forms_token_nothing_ends(wrens, wren, path):
    open_in(wren, FIREFOX, "a")
    before = ids()
    assert wrens.client.post(path, data={"csrf_token": "forged"}).status_code == 422
    assert ids() == before


@pytest.mark.parametrize("path", ["/account/sessions/{}/end", "/account/sessions/end-others"])
def test_whoever_took_a_cookie_signs_nobody_out(app, database, path):
    """ASVS 7.5.2: sessions end for whoever has just proved who they are."""
    user = make_user(password=PASSWORD)
    browser, other = Browser(browser_of(app, user)), browser_of(app, user)
    grow_stale()
    path = path.format(max(ids()))
    held = browser.send(path)
    assert (held.status_code, other.get("/account/").status_code) == (403, 200)
    assert browser.send(path, proof_password=PASSWORD).status_code == 303
    assert other.get("/account/").status_code == 303


@pytest.mark.parametrize("device", ["<script>fired()</script>", "\"'><img src=x onerror=fired()>", "x" * 5000, ""])
def test_what_a_browser_calls_itself_is_never_run(wrens, wren, device):
    open_in(wren, device, "a")
    text = wrens.get("/account/sessions").text
    assert "Unknown browser" in text
    assert "<script>fired" not in text
    assert "<img src=x" not in text


def test_many_sessions_are_one_question(wrens, wren, queries):
    for number in range(120):
        open_in(wren, FIREFOX, str(number))
    wrens.get("/account/sessions")
    queries.clear()
    text = wrens.get("/account/sessions").text
    assert text.count("Firefox on Linux") >= 99
    assert len(queries) <= 8, queries


def test_times_are_told_on_ones_own_clock(wrens, wren, clock):
    open_in(wren, FIREFOX, "a")
    with transaction():
        session().merge(wren.user).timezone = "Asia/Tokyo"
    assert "Monday 2 March 2026, 21:00" in wrens.get("/account/sessions").text
