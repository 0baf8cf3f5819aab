"""Joining, forgetting, signing in by mail, changing password and address, as people do it in a browser."""

import re
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import OWNER, Complaints, sign_in, violations
from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser

NORA = {"name": "Nora Quill", "email": "nora@example.org", "password": "kelp tide moon lantern"}


@pytest.fixture(scope="module")
def open_site(demo_site: RunningSite) -> RunningSite:
    demo_site.execute(
        "INSERT INTO setting (section, key, value, updated_at) VALUES ('accounts', 'registration', '\"open\"', CURRENT_TIMESTAMP)"
    )
    return demo_site


def letter_to(page: Page, site: RunningSite, address: str, kind: str) -> str:
    """The words of the newest letter of that kind, as soon as the runner has put it into the mailbox."""
    wanted = "SELECT content FROM letter WHERE to_address = %s AND kind = %s AND state = 'sent' ORDER BY id DESC LIMIT 1"
    found = awaited(
        lambda: site.execute(wanted, address, f"accounts/{kind}"),
        lambda: f"No letter {kind} to {address}: {site.log[-2000:]}",
        pause=lambda: page.wait_for_timeout(100),
    )
    body = message_from_bytes(bytes(found[0][0]), policy=policy.default).get_body(("plain",))
    site.execute("DELETE FROM letter WHERE to_address = %s AND kind = %s", address, f"accounts/{kind}")
    return str(body.get_content())


def link_in(letter: str, site: RunningSite) -> str:
    return site.base + re.search(r"https?://[^/\s]+(/link/[\w-]+)", letter)[1]


def code_in(letter: str) -> str:
    return re.search(r"^\s+(\d{6})\s*$", letter, re.MULTILINE)[1]


def ask_to_join(page: Page, site: RunningSite, **changes: str) -> None:
    page.goto(site.base + "/join")
    page.wait_for_timeout(2100)
    fields = NORA | changes
    page.get_by_label("Your name").fill(fields["name"])
    page.get_by_label("E-mail address").fill(fields["email"])
    page.get_by_label("Password", exact=True).fill(fields["password"])
    page.get_by_role("button", name="Ask for an account").click()
    page.wait_for_url("**/join/confirm")


def test_somebody_joins_by_the_six_digits(page: Page, open_site: RunningSite):
    page.goto(open_site.base + "/sign-in")
    page.get_by_role("link", name="Join").click()
    assert violations(page) == []
    ask_to_join(page, open_site)
    assert violations(page) == []
    page.get_by_label("Six digits").fill(code_in(letter_to(page, open_site, NORA["email"], "confirm")))
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(open_site.base + "/")
    page.goto(open_site.base + "/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    assert violations(page) == []


def test_somebody_joins_by_the_link_in_another_browser(page: Page, chromium: Browser, open_site: RunningSite):
    ask_to_join(page, open_site, email="otto@example.org", name="Otto")
    phone = chromium.new_context(viewport={"width": 390, "height": 844}).new_page()
    phone.goto(link_in(letter_to(page, open_site, "otto@example.org", "confirm"), open_site))
    assert "/link/" not in phone.url
    assert violations(phone) == []
    phone.get_by_label("Password", exact=True).fill(NORA["password"])
    phone.get_by_role("button", name="Make the account").click()
    phone.wait_for_url(open_site.base + "/")
    phone.context.close()


@pytest.fixture
def plain(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(java_script_enabled=False)
    yield context
    context.close()


def test_without_javascript_one_joins_forgets_and_comes_back(plain: BrowserContext, open_site: RunningSite):
    page = plain.new_page()
    ask_to_join(page, open_site, email="pia@example.org", name="Pia")
    page.get_by_label("Six digits").fill(code_in(letter_to(page, open_site, "pia@example.org", "confirm")))
    page.get_by_role("button", name="Confirm").click()
    page.goto(open_site.base + "/account/")
    page.get_by_role("button", name="Sign out").first.click()
    page.goto(open_site.base + "/sign-in")
    page.get_by_role("link", name="Forgotten it?").click()
    page.get_by_label("E-mail address").fill("pia@example.org")
    page.get_by_role("button", name="Send me the link").click()
    page.goto(link_in(letter_to(page, open_site, "pia@example.org", "reset"), open_site))
    page.get_by_label("New password").fill("another lantern for the moon")
    page.get_by_role("button", name="Keep this password").click()
    page.goto(open_site.base + "/account/signing-in")
    expect(page.get_by_label("Present password")).to_be_visible()


def test_the_keyboard_is_enough_to_sign_in_by_mail(page: Page, open_site: RunningSite):
    page.goto(open_site.base + "/sign-in")
    page.get_by_role("button", name="Send me a link by e-mail").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/by-mail")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(NORA["email"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    letter = letter_to(page, open_site, NORA["email"], "link")
    assert violations(page) == []
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.keyboard.type(code_in(letter))
    page.keyboard.press("Enter")
    page.wait_for_url(open_site.base + "/")
    assert page.goto(open_site.base + "/account/").status == 200


def test_password_and_address_are_changed(page: Page, chromium: Browser, open_site: RunningSite):
    sign_in(page, open_site)
    page.goto(open_site.base + "/account/signing-in")
    page.get_by_label("Present password").fill(OWNER["password"])
    page.get_by_label("New password").fill("a lantern for the second bell")
    expect(page.locator(".strength [role=status]")).to_have_text("Strong")
    assert violations(page) == []
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    page.get_by_label("New e-mail address").fill("ada@new.example")
    page.get_by_role("button", name="Change the address").click()
    expect(page.get_by_text("Two letters are on their way")).to_be_visible()
    for address, kind in (("ada@new.example", "new_email"), (OWNER["email"], "old_email")):
        mailbox = chromium.new_context().new_page()
        mailbox.goto(link_in(letter_to(page, open_site, address, kind), open_site))
        assert violations(mailbox) == []
        mailbox.get_by_role("button", name="Yes, change it").click()
        expect(mailbox.get_by_role("heading", level=1)).to_have_text("Change of address")
        mailbox.context.close()
    assert "second bell" not in letter_to(page, open_site, OWNER["email"], "change")
    page.reload()
    expect(page.get_by_text("ada@new.example")).to_be_visible()


def test_a_spent_link_says_where_to_go(page: Page, open_site: RunningSite, complaints: Complaints):
    page.goto(open_site.base + "/link/nothing-like-it")
    expect(page.get_by_role("heading", level=1)).to_have_text("That link has ended")
    assert violations(page) == []
    complaints.clear()
