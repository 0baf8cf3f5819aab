"""The room of people as its owner and those who are invited live it: letters, roles, suspensions, the house handed over."""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import OWNER, Complaints, sign_in, violations
from tests.journeys.test_every_page import look_at
from tests.patience import awaited
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

PASSWORD = "another horse battery staple 8"
People = Callable[..., Page]


def link_to(site: RunningSite, address: str) -> str:
    """The link of the newest letter to that address, once the runner has written it."""
    rows = awaited(lambda: site.execute("SELECT content FROM letter WHERE to_address = %s ORDER BY id DESC", address), lambda: address)
    text = message_from_bytes(bytes(rows[0][0]), policy=policy.default).get_body(("plain",)).get_content()
    return site.base + re.search(r"https?://[^/\s]+(/(?:invitation|link)/[\w-]+)", text)[1]


@pytest.fixture(scope="module")
def site(demo_site: RunningSite) -> RunningSite:
    """The publication with its owner, an administrator and three who write."""
    make_team(
        demo_site.data,
        demo_site.environment,
        ("adam@example.org", "Adam Fen", "administrator"),
        ("maren@example.org", "Maren Dulac", "author"),
        ("wim@example.org", "Wim Osterlaken", "author"),
        ("mona@example.org", "Mona Reed", "member"),
        password=PASSWORD,
    )
    return demo_site


@pytest.fixture
def guest(chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    """Another person's browser."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    complaints.listen_to(opened)
    yield opened
    context.close()


def enter(page: Page, site: RunningSite, email: str, password: str = PASSWORD) -> None:
    page.goto(site.base + "/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def invite(page: Page, site: RunningSite, address: str, role: str = "Author") -> str:
    page.goto(site.base + "/admin/people/")
    page.get_by_label("E-mail addresses").fill(address)
    page.locator("#role").select_option(label=role)
    page.get_by_label("A word from you").fill("Come and write about the far bank.")
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_text(f"A letter is on its way to {address}")).to_be_visible()
    return link_to(site, address)


def accept(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.wait_for_url("**/invitation")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()


def test_invited_by_letter_accepted_and_signed_in_again(page: Page, guest: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site)
    link = invite(page, site, "jory@example.org")
    guest.goto(link)
    expect(guest.get_by_text("Ada Marsh asks you to join as author.")).to_be_visible()
    expect(guest.get_by_text("Come and write about the far bank.")).to_be_visible()
    assert violations(guest) == []
    accept(guest, link, "Jory Penn")
    guest.wait_for_url("**/desk/")
    guest.get_by_role("button", name="Sign out").first.click()
    enter(guest, site, "jory@example.org")
    guest.wait_for_url("**/desk/")
    page.goto(site.base + "/admin/people/?search=jory")
    expect(page.get_by_role("link", name="Jory Penn")).to_be_visible()
    assert guest.goto(link).status == 410
    expect(guest.get_by_text("accepted already")).to_be_visible()
    complaints[:] = [each for each in complaints if "410" not in each]


def test_an_imported_author_is_taken_over_with_their_posts(page: Page, guest: Page, site: RunningSite):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/?status=unclaimed")
    page.locator("td.title a").first.click()
    address = page.get_by_role("link", name="Their page").get_attribute("href")
    before = guest.goto(site.base + address).text()
    page.get_by_label("E-mail address").fill("heir@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("heir@example.org was asked to take this author over")).to_be_visible()
    accept(guest, link_to(site, "heir@example.org"), "Heir of the Pen")
    guest.wait_for_url("**/desk/")
    guest.goto(site.base + "/desk/posts/")
    assert guest.locator("td.title a").count() > 0
    after = guest.goto(site.base + address).text()
    assert "Heir of the Pen" in after
    assert before.count("<article") == after.count("<article")


def test_a_role_changed_in_place_signs_out_and_counts(page: Page, guest: Page, site: RunningSite):
    enter(guest, site, "maren@example.org")
    guest.wait_for_url("**/desk/")
    sign_in(page, site)
    page.goto(site.base + "/admin/people/?search=maren@")
    expect(page.get_by_role("button", name="Change the role of Maren Dulac")).to_be_hidden()
    page.get_by_label("Role of Maren Dulac").select_option("editor")
    page.get_by_role("button", name="Change the role of Maren Dulac").click()
    expect(page.get_by_text("Maren Dulac is editor now")).to_be_visible()
    expect(page).to_have_url(re.compile("search=maren"))
    guest.goto(site.base + "/desk/")
    expect(guest).to_have_url(re.compile("/sign-in"))


def test_suspended_from_the_row_told_at_the_door_and_let_back_in_by_undo(
    page: Page, guest: Page, site: RunningSite, complaints: Complaints
):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/?search=wim@")
    page.locator("summary", has_text="Actions for Wim Osterlaken").click()
    assert violations(page) == []
    page.get_by_role("button", name="Suspend", exact=True).first.click()
    expect(page.get_by_text("Wim Osterlaken is suspended")).to_be_visible()
    enter(guest, site, "wim@example.org")
    expect(guest.get_by_text("This account is suspended")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Wim Osterlaken may sign in again")).to_be_visible()
    enter(guest, site, "wim@example.org")
    guest.wait_for_url("**/desk/")
    complaints[:] = [each for each in complaints if "403" not in each]


def test_forced_to_choose_a_new_password_by_letter(page: Page, guest: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/members?search=mona")
    page.get_by_role("link", name="Mona Reed").click()
    page.get_by_role("button", name="Force a new password").click()
    expect(page.get_by_text("a letter asks them to choose")).to_be_visible()
    enter(guest, site, "mona@example.org")
    expect(guest.get_by_text("do not belong together")).to_be_visible()
    guest.goto(link_to(site, "mona@example.org"))
    guest.get_by_label("New password").fill("a third horse battery staple 9")
    guest.get_by_role("button", name="Keep this password").click()
    guest.wait_for_url(site.base + "/")
    complaints[:] = [each for each in complaints if "422" not in each]


def test_many_at_once_by_the_keyboard_alone(page: Page, site: RunningSite):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=example.org**")
    for _ in range(page.locator("form[data-list] tbody tr").count()):
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.textContent").strip() in ("Wim Osterlaken", "Maren Dulac"):
            page.keyboard.press("x")
    expect(page.get_by_text("With the chosen ones: 2")).to_be_visible()
    page.get_by_label("Role to give").focus()
    page.keyboard.type("Member")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 done: member now.")).to_be_visible()
    page.goto(site.base + "/admin/people/members?search=osterlaken")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/admin/people/\d+$"))


def test_a_role_of_ones_own_is_made_and_stays_while_somebody_is_invited_into_it(page: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/roles")
    page.get_by_role("link", name="Make a role").first.click()
    page.get_by_label("Name").fill("guest writer")
    page.get_by_label("What it is for").fill("Writes, and an editor publishes.")
    page.get_by_label("Open the desk").check()
    page.get_by_label("Write and edit own posts").check()
    page.get_by_role("button", name="Make the role").click()
    expect(page.get_by_text("The role “guest writer” can be given now.")).to_be_visible()
    link = invite(page, site, "guest@example.org", "Guest writer")
    assert "/invitation/" in link
    page.goto(site.base + "/admin/people/roles")
    page.get_by_role("button", name="Remove guest writer").click()
    expect(page.get_by_text("is invited into the role")).to_be_visible()
    complaints[:] = [each for each in complaints if "409" not in each]


def test_lines_that_will_not_do_are_named_and_the_others_go(page: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/invitations")
    page.get_by_label("E-mail addresses").fill("one@example.org\nhalcyon.reed@\ntwo@example.org, Two")
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_text("2 letters are on their way")).to_be_visible()
    expect(page.get_by_text("Line 2:")).to_be_visible()
    expect(page.get_by_label("E-mail addresses")).to_have_value("halcyon.reed@")
    expect(page.get_by_label("E-mail addresses")).to_be_focused()
    assert violations(page) == []
    page.get_by_label("Or a CSV file").set_input_files(
        {"name": "l.csv", "mimeType": "text/csv", "buffer": b"Name;E-mail\nBo;bo@example.org\n"}
    )
    page.get_by_label("E-mail addresses").fill("")
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_text("A letter is on its way to bo@example.org")).to_be_visible()
    complaints[:] = [each for each in complaints if "422" not in each]


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(java_script_enabled=False)
    yield context
    context.close()


def test_without_javascript_everything_works(scriptless: BrowserContext, site: RunningSite):
    page, guest = scriptless.new_page(), scriptless.browser.new_context(java_script_enabled=False).new_page()
    enter(page, site, OWNER["email"], OWNER["password"])
    accept(guest, invite(page, site, "plain@example.org"), "Plain Person")
    expect(guest).to_have_url(re.compile("/desk/"))
    page.goto(site.base + "/admin/people/?search=plain")
    page.get_by_label("Role of Plain Person").select_option("editor")
    page.get_by_role("button", name="Change the role of Plain Person").click()
    expect(page.get_by_text("Plain Person is editor now")).to_be_visible()
    page.get_by_label("Choose Plain Person").check()
    page.get_by_role("toolbar").get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("1 done: suspended.")).to_be_visible()
    page.locator("summary", has_text="Actions for Plain Person").click()
    page.get_by_role("button", name="Let back in").first.click()
    expect(page.get_by_text("Plain Person may sign in again")).to_be_visible()
    guest.context.close()


def test_every_page_of_the_room_is_sound(page: Page, site: RunningSite):
    sign_in(page, site)
    invite(page, site, "sound@example.org")
    people = {}
    for name, query in (("person", "search=adam"), ("author", "status=unclaimed"), ("own", "search=ada@")):
        page.goto(site.base + f"/admin/people/?{query}")
        people[name] = page.locator("td.title a").first.get_attribute("href")
    tabs = ["", "members", "invitations", "roles", "roles/new", "?search=nobody-at-all"]
    paths = [f"/admin/people/{tab}" for tab in tabs] + [*people.values(), f"{people['person']}/hand-over"]
    wrong = {path: found for path in paths if (found := look_at(page, site.base + path))}
    assert wrong == {}


def test_the_house_is_handed_over_at_last(page: Page, site: RunningSite):
    sign_in(page, site)
    page.goto(site.base + "/admin/people/?search=adam")
    page.get_by_role("link", name="Adam Fen").click()
    page.get_by_role("link", name="Hand the site over…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hand the site over to Adam Fen?")
    page.get_by_role("button", name="Hand the site over").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    enter(page, site, "adam@example.org")
    page.goto(site.base + "/admin/people/")
    expect(page.locator("tr", has_text="Adam Fen").get_by_role("cell", name="Owner")).to_be_visible()
