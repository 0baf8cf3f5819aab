"""The mail page: what waits, failed or may have arrived, what somebody decides, and the mailbox of developers."""

import re

import pytest

from inkhorn.admin.views import mail
from inkhorn.core.database import transaction
from inkhorn.core.mail import trying
from inkhorn.core.mail.letters import LetterState
from tests.admin.conftest import noted, press, told
from tests.mail.conftest import deliver, kept, the_letter, write

WAITING, HANDING, SENT, UNCERTAIN, REFUSED, GIVEN_UP, PUT_AWAY, DROPPED = LetterState


def in_state(state, to="rhea@example.org", **more):
    write(to, purpose=to)
    with transaction():
        letter = kept()[-1]
        letter.state = state
        for name, value in more.items():
            setattr(letter, name, value)
    return letter


def test_every_letter_is_listed_with_what_became_of_it(browser):
    in_state(REFUSED, answer="550 5.1.1 no such mailbox")
    in_state(SENT, "wren@example.org")
    page = told(browser.get("/admin/mail"))
    assert "rhea@example.org 550 5.1.1 no such mailbox Refused" in page
    assert "wren@example.org Sent" in page
    assert "0 waiting, 0 uncertain, 1 failed." in page


@pytest.mark.parametrize(
    ("tab", "shown"),
    [("waiting", "waiting"), ("uncertain", "uncertain"), ("failed", "refused given_up"), ("sent", "sent"), ("nonsense", "all")],
)
def test_a_tab_shows_one_plight(browser, tab, shown):
    for state in LetterState:
        in_state(state, f"{state.value}@example.org")
    page = browser.get(f"/admin/mail?state={tab}").text
    expected = (
        {state.value for state in LetterState} if shown == "all" else {*shown.split()} | ({"handing"} if shown == "waiting" else set())
    )
    assert {state.value for state in LetterState if f"{state.value}@example.org" in page} == expected


def test_without_a_server_the_page_says_what_to_do(browser, configured):
    assert "The site’s operator sets smtp_host" in told(browser.get("/admin/mail"))
    configured(smtp_host="mail.example.org")
    assert "smtp_host" not in told(browser.get("/admin/mail"))


@pytest.mark.parametrize("state", [UNCERTAIN, REFUSED, GIVEN_UP])
def test_a_failed_letter_is_sent_again(browser, ada, state):
    letter = in_state(state)
    assert press(browser, f"/admin/mail/{letter.id}/resend").status_code == 303
    (entry,) = noted("mail.resent")
    assert (the_letter().state, entry.actor_id, entry.subject_id) == (WAITING, ada.id, letter.id)


@pytest.mark.parametrize("state", [HANDING, SENT, PUT_AWAY, DROPPED])
def test_a_letter_that_is_done_with_is_not_sent_again(browser, state):
    letter = in_state(state)
    assert press(browser, f"/admin/mail/{letter.id}/resend").status_code == 409
    assert f"/admin/mail/{letter.id}/resend" not in browser.get("/admin/mail").text
    assert (the_letter().state, noted("mail.")) == (state, [])


def test_it_arrived(browser, ada):
    letter = in_state(UNCERTAIN)
    assert press(browser, f"/admin/mail/{letter.id}/settle").status_code == 303
    assert (the_letter().state, [entry.actor_id for entry in noted("mail.settled")]) == (SENT, [ada.id])
    assert press(browser, f"/admin/mail/{letter.id}/settle").status_code == 409


def test_two_who_decide_at_once_decide_once(browser):
    letter = in_state(UNCERTAIN)
    answers = [press(browser, f"/admin/mail/{letter.id}/settle").status_code for _ in range(2)]
    assert (answers, len(noted("mail.settled"))) == ([303, 409], 1)


@pytest.mark.parametrize("state", [REFUSED, GIVEN_UP])
def test_a_failed_letter_whose_words_are_gone_is_put_away(browser, ada, clock, state):
    letter = in_state(state, content=None)
    clock.forward(days=8)
    page = browser.get("/admin/mail?state=failed").text
    assert (f"/admin/mail/{letter.id}/resend" in page, f"/admin/mail/{letter.id}/settle" in page) == (False, True)
    press(browser, f"/admin/mail/{letter.id}/settle")
    assert (the_letter().state, [entry.actor_id for entry in noted("mail.put_away")]) == (PUT_AWAY, [ada.id])
    assert "0 waiting, 0 uncertain, 0 failed." in told(browser.get("/admin/mail"))


def test_all_that_failed_is_put_away_with_one_button(browser):
    for state in LetterState:
        in_state(state, f"{state.value}@example.org")
    assert "Put all away" in told(browser.get("/admin/mail?state=failed"))
    press(browser, "/admin/mail/settle")
    assert {letter.to_address.partition("@")[0] for letter in kept() if letter.state is PUT_AWAY} == {"refused", "given_up", "put_away"}
    assert len(noted("mail.put_away")) == 2


def test_a_letter_that_waits_is_tried_now(browser, clock):
    letter = in_state(WAITING, attempts=9, next_at=clock.tomorrow())
    assert "Try now" in told(browser.get("/admin/mail"))
    press(browser, f"/admin/mail/{letter.id}/resend")
    assert (the_letter().next_at, the_letter().attempts) == (clock.now, 9)
    assert [entry.details for entry in noted("mail.resent")] == [{"was": "waiting"}]


@pytest.mark.parametrize(
    ("state", "again"),
    [("failed", {REFUSED, GIVEN_UP}), ("uncertain", {UNCERTAIN}), ("waiting", {WAITING}), ("nonsense", {REFUSED, GIVEN_UP})],
)
def test_all_of_a_kind_are_sent_again_with_one_button(browser, state, again):
    for each in LetterState:
        in_state(each, f"{each.value}@example.org")
    press(browser, "/admin/mail/resend", state=state)
    assert {letter.to_address.partition("@")[0] for letter in kept() if letter.state is WAITING} == {each.value for each in again} | {
        "waiting"
    }
    assert len(noted("mail.resent")) == len(again)


def test_those_whose_words_are_gone_do_not_stand_in_the_way(browser, monkeypatch):
    monkeypatch.setattr(mail, "MOST_AT_ONCE", 2)
    in_state(REFUSED, "old@example.org")
    for number in range(2):
        in_state(REFUSED, f"{number}@example.org", content=None)
    press(browser, "/admin/mail/resend", state="failed")
    page = told(browser.get("/admin/mail"))
    assert ("One letter is tried again within a minute." in page, "2 cannot be sent again" in page) == (True, True)
    assert [letter.to_address for letter in kept() if letter.state is WAITING] == ["old@example.org"]


def test_a_test_letter_goes_the_way_of_all_letters(browser, posting, ada):
    assert press(browser, "/admin/mail/test", address="ida@example.org").status_code == 303
    assert [(entry.actor_id, entry.details) for entry in noted("mail.tested")] == [(ada.id, {"to": "ida@example.org"})]
    trying.write_test_letter("ida@example.org", "ada@example.org", "mail.test:1")
    deliver()
    assert "Sent by: ada@example.org" in posting.received[0].text


@pytest.mark.parametrize(
    "address", ["", "ida", "ida@", "a b@example.org", "ida@example.org\r\nBcc: eve@example.org", "x" * 255 + "@example.org"]
)
def test_what_is_no_address_is_said_beside_the_field(browser, address):
    answer = press(browser, "/admin/mail/test", address=address)
    assert (answer.status_code, 'id="address-error"' in answer.text, noted("mail.tested")) == (422, True, [])


def test_test_letters_are_few(browser):
    answers = [press(browser, "/admin/mail/test", address="ida@example.org") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert 3000 < int(answers[-1].headers["Retry-After"]) <= 3600


def test_what_a_letter_says_is_shown_to_nobody_but_its_reader(browser):
    letter = in_state(REFUSED)
    page = browser.get(f"/admin/mail/{letter.id}")
    assert "letters of this site arrive" not in page.text
    assert "shown to nobody but their readers" in told(page)
    assert browser.get(f"/admin/mail/{letter.id}/page").status_code == 404


def test_while_developing_the_mailbox_shows_letters_whole(browser, configured):
    configured(profile="development")
    write()
    letter = deliver()[0]
    page = browser.get(f"/admin/mail/{letter.id}")
    assert "letters of this site arrive" in page.text
    assert f'src="/admin/mail/{letter.id}/page" sandbox="allow-popups' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "This is the mailbox" in told(browser.get("/admin/mail"))


def test_a_letter_s_own_page_can_neither_run_nor_fetch_anything(browser, configured):
    configured(profile="development")
    letter = in_state(SENT)
    page = browser.get(f"/admin/mail/{letter.id}/page")
    told_policy = page.headers["Content-Security-Policy"]
    assert page.text.startswith("<!DOCTYPE html>")
    assert '<head><base target="_blank">' in page.text
    assert re.search(r"default-src 'none'.*sandbox(?!.*allow-scripts)(?!.*allow-same-origin)", told_policy)
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("SAMEORIGIN", "private, no-store")


def test_a_letter_whose_words_are_gone_has_no_page(browser, configured):
    configured(profile="development")
    letter = in_state(SENT, content=None)
    assert browser.get(f"/admin/mail/{letter.id}/page").status_code == 404
    assert "no longer kept" in told(browser.get(f"/admin/mail/{letter.id}"))


@pytest.mark.parametrize(
    "address",
    ["/admin/mail/999", "/admin/mail/0", "/admin/mail/99999999999999999999", "/admin/mail/x", "/admin/mail?page=99", "/admin/mail?page=x"],
)
def test_what_is_not_there(browser, address):
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("subject", ["<script>alert(1)</script>", '"><img src=x>'])
def test_hostile_letters_are_text(browser, subject):
    in_state(REFUSED, subject=subject, answer=subject, to_address=subject)
    for page in ("/admin/mail", f"/admin/mail/{the_letter().id}"):
        assert subject not in browser.get(page).text


@pytest.mark.parametrize("who", ["emil", "wren", "rhea"])
def test_nobody_else_sees_letters(signed_in, cast, who, database):
    letter = in_state(UNCERTAIN)
    other = signed_in(getattr(cast, who))
    assert [other.get(page).status_code for page in ("/admin/mail", f"/admin/mail/{letter.id}", f"/admin/mail/{letter.id}/page")] == [
        403
    ] * 3
    assert [
        other.post(f"/admin/mail/{page}").status_code for page in ("test", "resend", "settle", f"{letter.id}/resend", f"{letter.id}/settle")
    ] == [403] * 5


def test_many_letters_ask_no_more_than_few(browser, queries):
    for number in range(60):
        write(f"{number}@example.org", purpose=str(number))
    browser.get("/admin/mail")
    queries.clear()
    page = browser.get("/admin/mail").text
    assert len(queries) <= 5
    assert page.count("@example.org</bdi>") == 50
    assert 'href="/admin/mail?page=2"' in page
