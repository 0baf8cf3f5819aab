"""What every page of somebody signed in offers, and how every field for a password is made."""

import re
from html.parser import HTMLParser

import pytest

from inkhorn.accounts.models import Purpose, User
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core import guard
from inkhorn.core.access import everyone
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import grow_stale
from tests.accounts.guests import invite, secret_for
from tests.architecture.tree import SOURCE, modules
from tests.factories.accounts import PASSWORD, browser_of, make_user
from tests.security.site import CAST, Site

WAY_OUT = '<form method="post" action="/sign-out">'
# The writing surface has nothing but writing on it, and a theme draws no button of the desk: their bars lead to where it stands.
ONE_STEP_AWAY = {"posts.edit_post", "posts.write_post", "site.preview_post", "site.show_following", "comments.edit_comment"}


@pytest.mark.parametrize("who", [*CAST[:4], "orla"])
def test_every_page_of_somebody_signed_in_has_the_way_out(site: Site, who: str):
    """ASVS 7.4.4."""
    browser, met = site.browser(who), 0
    for rule in site.rules():
        if "GET" not in (rule.methods or ()) or guard.rule_of(site.app, rule.endpoint) is everyone:
            continue
        answer = browser.get(site.address(rule))
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        met += 1
        if rule.endpoint in ONE_STEP_AWAY:
            bar = re.search(r'<header class="editor-bar">.*?</header>|<div class="site-bar">.*?</header>', answer.text, re.DOTALL)[0]
            links = re.findall(r'<a [^>]*href="(/(?:desk|account)/[^"]*)"', bar)
            assert any(WAY_OUT in browser.get(link).text for link in links), rule.rule
        else:
            assert WAY_OUT in answer.text, rule.rule
    assert met > 3


class Fields(HTMLParser):
    """The inputs of a page, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and "password" in (told.get("name") or ""):
            self.found[told["name"]] = told


@pytest.fixture
def sheets(app, site: Site) -> dict[str, dict[str, dict[str, str | None]]]:
    """Every page on which a password is typed, with its fields for that."""
    visitor, ida = app.test_client(), make_user(password=PASSWORD)
    shown = {"door": visitor.get("/sign-in"), "set-up": visitor.get(f"/setup/{site.setup_token}"), "joining": visitor.get("/join")}
    with transaction():
        reset = issue_token(Purpose.RESET, user=session().get(User, ida.id)).secret
    visitor.get(f"/link/{reset}")
    shown["reset"] = visitor.get("/new-password")
    invite(site.cast.ada, email="mo@example.org")
    visitor.get(f"/invitation/{secret_for('mo@example.org')}")
    shown["invitation"] = visitor.get("/invitation")
    own = browser_of(app, ida)
    shown["account"] = own.get("/account/signing-in")
    grow_stale()
    shown["proof"] = own.get("/account/proof")
    return {name: Fields(page.text).found for name, page in shown.items()}


def test_every_field_for_a_password_is_met(sheets):
    texts = (path.read_text(encoding="utf-8") for path in modules(SOURCE))
    declared = {name for text in texts for name in re.findall(r"^    (\w+) = PasswordField\(", text, re.MULTILINE)}
    assert {name for fields in sheets.values() for name in fields} == declared
    assert all(sheets.values())


def test_a_password_is_hidden_while_it_is_typed(sheets):
    """ASVS 6.2.6."""
    assert {field["type"] for fields in sheets.values() for field in fields.values()} == {"password"}


def test_a_password_may_be_pasted_and_filled_in_by_a_manager(sheets):
    """ASVS 6.2.7; no field asks for kinds of letters (6.2.5) or cuts what is pasted short of what the verb allows (6.2.9)."""
    for place, fields in sheets.items():
        for name, field in fields.items():
            wanted = "new-password" if place not in ("door", "proof") and name != "current_password" else "current-password"
            assert field["autocomplete"] == wanted, (place, name)
            assert {"readonly", "disabled", "pattern"}.isdisjoint(field), (place, name)
            assert int(field.get("maxlength") or 128) >= 128, (place, name)
