"""Every change by program asks a session for a fresh proof, or is listed here as one that need not; a key needs none."""

import pytest

from inkhorn.core import guard
from tests.accounts.browsing import grow_stale
from tests.factories.accounts import browser_of
from tests.security.site import Site
from tests.security.test_writes import token_of

# With a body that is sound, since an unsound one is refused before.
ASKING = {
    "api_v1.give_role": {"role": "editor"},
    "api_v1.suspend_user": None,
    "api_v1.restore_user": None,
    "api_v1.change_site_settings": {"title": "T"},
    "api_v1.change_accounts_settings": {"links_by_mail": True},
    "api_v1.change_posts_settings": {"excerpt_words": 40},
    "api_v1.change_comments_settings": {"edit_minutes": 5},
    "api_v1.change_menu": {"entries": []},
}
# What can be undone or does no harm, as at the desk.
NOT_ASKING = {
    *(f"api_v1.{verb}_{kind}" for kind in ("post", "page") for verb in ("draft", "revise", "publish", "unpublish", "unschedule", "purge")),
    *(f"api_v1.{verb}_{kind}" for kind in ("post", "page") for verb in ("trash", "restore")),
    *(f"api_v1.{verb}_{kind}" for kind in ("tag", "series") for verb in ("make", "change", "remove")),
    *(f"api_v1.{verb}_comment" for verb in ("post", "edit", "withdraw", "approve", "spam", "trash", "restore")),
    *(f"api_v1.{verb}_media" for verb in ("store", "describe", "replace", "trash", "restore")),
    *(f"api_v1.{verb}_{kind}" for kind in ("album", "show") for verb in ("begin", "change", "publish", "unpublish", "remove")),
    *(f"api_v1.{verb}_episode" for verb in ("add", "change", "publish", "unpublish", "remove")),
    *("api_v1.add_track", "api_v1.change_track", "api_v1.order_tracks", "api_v1.remove_track"),
    *("api_v1.change_me", "api_v1.add_redirect", "api_v1.remove_redirect", "api_v1.retry_job", "api_v1.forget_job"),
}
# What begins, renews and ends a program's sign-in shows a secret of its own.
DOORS = {"api_v1.sign_in", "api_v1.refresh_tokens", "api_v1.sign_out"}


def changes(site: Site):
    for rule in site.rules():
        for method in sorted({"POST", "PATCH", "PUT", "DELETE"} & (rule.methods or set())):
            if rule.endpoint.startswith("api_") and rule.endpoint not in DOORS:
                yield rule, method


def test_every_change_by_program_is_listed(site: Site):
    assert {rule.endpoint for rule, _method in changes(site)} == {*ASKING, *NOT_ASKING}
    assert all(guard.rule_of(site.app, rule.endpoint).name != "everyone" for rule, _method in changes(site))


@pytest.mark.parametrize("is_stale", [True, False])
def test_a_session_is_asked_and_nobody_else(site: Site, is_stale: bool):
    asked = set()
    for rule, method in changes(site):
        browser = browser_of(site.app, site.cast.orla.user)
        headers = {"X-CSRF-Token": token_of(browser)}
        if is_stale:
            grow_stale()
        answer = browser.open(site.address(rule), method=method, json=ASKING.get(rule.endpoint), headers=headers)
        if "Prove first" in answer.text:
            asked.add(rule.endpoint)
            assert answer.status_code == 403
    assert asked == (set(ASKING) if is_stale else set())
