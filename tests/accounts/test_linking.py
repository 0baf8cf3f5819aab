"""Accounts elsewhere: linked by whoever is signed in, never by an address alone, unlinked but for the last way in."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.events import factor_changed
from inkhorn.accounts.models import LinkedIdentity, Passkey, Session, User
from inkhorn.core import audit
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from tests.accounts.ceremonies import agree, go_with, is_in, link, linked, token_of, told
from tests.factories.accounts import PASSWORD, browser_of, make_user


@pytest.fixture
def ida(provider) -> User:
    return make_user(password=PASSWORD)


@pytest.fixture
def browser(app, ida):
    return browser_of(app, ida)


def noted(*actions: str) -> list[str]:
    return list(session().scalars(select(audit.Entry.action).where(audit.Entry.action.in_(actions)).order_by(audit.Entry.id)))


def identities() -> int:
    return session().scalar(select(func.count()).select_from(LinkedIdentity))


def unlink(browser, row, **fields):
    return browser.post(f"/account/identities/{row.id}/unlink", data={"csrf_token": token_of(browser), **fields}, follow_redirects=True)


def test_whoever_is_signed_in_links_and_signs_in_by_it(app, ida, browser, client):
    answer = link(browser)
    assert (answer.status_code, answer.location) == (303, "/account/signing-in")
    page = browser.get("/account/signing-in").text
    assert "Harbour ID is linked" in page
    assert "Unlink" in page
    assert go_with(client).location == "/desk/"
    assert is_in(client)


def test_a_link_is_noted_once_and_told_by_letter(ida, browser):
    link(browser)
    assert noted("accounts.identity_linked", "accounts.sign_in_refused") == ["accounts.identity_linked"]
    entry = session().scalars(select(audit.Entry).where(audit.Entry.action == "accounts.identity_linked")).one()
    assert (entry.actor_id, entry.subject_id, entry.details) == (ida.id, ida.id, {"provider": "oidc"})
    letters = session().scalars(select(JobRow.args).where(JobRow.name == "accounts.tell_of_change")).all()
    assert [each["change"] for each in letters] == ["identity_linked"]


def test_linking_again_changes_nothing(ida, browser):
    link(browser)
    assert link(browser).status_code == 303
    assert (identities(), len(noted("accounts.identity_linked"))) == (1, 1)


def test_an_account_that_opens_another_one_is_not_taken_from_it(ida, browser, provider):
    other = make_user(email="otto@example.org", name="Otto")
    linked(other, provider)
    link(browser)
    assert "linked to another account here" in browser.get("/account/signing-in").text
    assert noted("accounts.sign_in_refused", "accounts.identity_linked") == []
    assert session().scalars(select(LinkedIdentity.user_id)).all() == [other.id]


@pytest.mark.parametrize("token", ["", "forged"])
def test_linking_wants_the_form(browser, token):
    assert browser.post("/account/identities/oidc/link", data={"csrf_token": token}).status_code == 422


def test_an_answer_links_for_nobody_but_whoever_asked(app, ida, browser):
    sent = browser.post("/account/identities/oidc/link", data={"csrf_token": token_of(browser)})
    back = agree(sent.headers["Refresh"].removeprefix("0;url="))
    other = browser_of(app, make_user(email="otto@example.org", name="Otto"))
    # The same browser, in which somebody else has signed in meanwhile.
    browser.set_cookie("inkhorn", other.get_cookie("inkhorn").value)
    assert browser.get(back).location == "/account/signing-in"
    assert "Begin once more" in browser.get("/account/signing-in").text
    assert identities() == 0


def test_nobody_links_after_signing_out(ida, browser):
    sent = browser.post("/account/identities/oidc/link", data={"csrf_token": token_of(browser)})
    browser.delete_cookie("inkhorn")
    assert browser.get(agree(sent.headers["Refresh"].removeprefix("0;url="))).status_code == 410
    assert identities() == 0


def test_an_answer_to_sign_in_never_links(ida, browser, provider):
    """Whoever is signed in and presses a button of the sign-in sheet signs in; the account is as it was."""
    go_with(browser)
    assert identities() == 0


def test_unlinking_ends_the_other_sessions_and_is_told(app, ida, browser, provider, client):
    row, heard = linked(ida, provider), []
    go_with(client)
    with factor_changed.connected_to(lambda _user, change: heard.append(change)):
        answer = unlink(browser, row)
    assert "is unlinked" in answer.text
    assert (is_in(browser), is_in(client), identities()) == (True, False, 0)
    assert (heard, noted("accounts.identity_unlinked")) == (["identity_unlinked"], ["accounts.identity_unlinked"])
    assert go_with(client).status_code == 409


def test_unlinking_twice_is_said_in_words(ida, browser, provider):
    row = linked(ida, provider)
    unlink(browser, row)
    assert "not linked to yours any more" in unlink(browser, row).text
    assert len(noted("accounts.identity_unlinked")) == 1


def test_nobody_unlinks_what_is_somebody_elses(ida, browser, provider):
    row = linked(make_user(email="otto@example.org", name="Otto"), provider)
    assert "not linked to yours any more" in unlink(browser, row).text
    assert identities() == 1


@pytest.mark.parametrize("number", ["0", "999999", str(2**40), str(2**70), "-1", "x"])
def test_a_number_that_is_none_unlinks_nothing(ida, browser, number):
    answer = browser.post(f"/account/identities/{number}/unlink", data={"csrf_token": token_of(browser)})
    assert answer.status_code in (303, 404, 405)


class TestTheLastWayIn:
    """For somebody without a password."""

    @pytest.fixture
    def ida(self, provider) -> User:
        return make_user()

    def test_it_is_kept(self, ida, browser, provider):
        row = linked(ida, provider)
        assert "the only way into your account" in unlink(browser, row).text
        assert (identities(), noted("accounts.identity_unlinked")) == (1, [])

    def test_another_account_elsewhere_is_a_way(self, ida, browser, provider):
        row = linked(ida, provider)
        linked(ida, provider, subject="1002")
        unlink(browser, row)
        assert identities() == 1

    def test_an_account_that_opens_nothing_any_more_is_none(self, ida, browser, provider):
        row = linked(ida, provider)
        linked(ida, provider, issuer="https://gone.example")
        assert "the only way into your account" in unlink(browser, row).text

    def test_what_opens_nothing_may_always_go(self, ida, browser, provider):
        linked(ida, provider)
        gone = linked(ida, provider, provider="google", issuer="https://gone.example")
        assert "https://gone.example" in browser.get("/account/signing-in").text
        unlink(browser, gone)
        assert identities() == 1

    def test_a_passkey_is_a_way(self, ida, browser, provider):
        row = linked(ida, provider)
        with transaction():
            session().add(Passkey(user_id=ida.id, credential_id="c", public_key=b"k", name="Key", is_verifying=True))
        unlink(browser, row)
        assert identities() == 0

    def test_a_passkey_that_is_a_second_step_only_is_none(self, ida, browser, provider):
        row = linked(ida, provider)
        with transaction():
            session().add(Passkey(user_id=ida.id, credential_id="c", public_key=b"k", name="Key"))
        assert "the only way into your account" in unlink(browser, row).text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "\u202egnp.exe", "x" * 5000])
def test_what_somebody_is_called_there_is_shown_as_text(ida, browser, provider, name):
    provider.person |= {"preferred_username": name}
    link(browser)
    page = browser.get("/account/signing-in").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert len(session().scalars(select(LinkedIdentity.label)).one()) <= 254


def test_the_page_asks_one_question_for_all_of_them(ida, browser, provider, queries):
    def asked() -> int:
        queries.clear()
        browser.get("/account/signing-in")
        return len(queries)

    linked(ida, provider)
    asked()
    few = asked()
    for number in range(9):
        linked(ida, provider, subject=str(number))
    asked()
    assert asked() == few
    assert few <= 5


def test_a_suspended_account_stays_shut(client, ida, provider):
    linked(ida, provider)
    with transaction():
        ida.active = False
    answer = go_with(client)
    assert (answer.status_code, "is suspended" in told(answer)) == (403, True)
    assert session().scalar(select(func.count()).select_from(Session)) == 0


def test_a_refusal_is_noted_without_anybodys_address(client, ida, provider):
    go_with(client)
    provider.answer |= {"error": "access_denied", "code": None}
    go_with(client)
    entry = session().scalars(select(audit.Entry).where(audit.Entry.action == "accounts.sign_in_refused")).one()
    assert (entry.details, entry.actor_label) == ({"provider": "oidc", "reason": "KnownAddress"}, "visitor")
