"""Every act of somebody signed in asks for a fresh proof of who they are, or is listed here as one that need not (ASVS 7.5.1, 7.5.2)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inkhorn.core import guard
from inkhorn.core.access import everyone
from tests.accounts.browsing import grow_stale
from tests.factories.accounts import browser_of
from tests.security.site import Site
from tests.security.test_writes import token_of

# What gives somebody else a way in, takes one's own away, carries data off or changes what others may.
ASKING = {
    *("accounts.ask_for_new_email", "accounts.close_account", "accounts.link_identity", "accounts.unlink_identity"),
    *("accounts.begin_authenticator", "accounts.confirm_authenticator", "accounts.remove_authenticator", "accounts.make_recovery_codes"),
    *("accounts.ask_for_new_passkey", "accounts.add_passkey", "accounts.remove_passkey"),
    *("accounts.end_own_session", "accounts.end_other_sessions"),
    *("admin.change_role", "admin.suspend_user", "admin.restore_user", "admin.force_reset", "admin.hand_over", "admin.move_people"),
    *("admin.end_session_of", "admin.end_sessions_of", "admin.invite_person", "admin.invite_many"),
    *("admin.make_role", "admin.redefine_role", "admin.demand_second_factor", "admin.remove_role"),
    *("accounts.make_personal_key", "accounts.revoke_key", "accounts.end_own_program", "admin.make_integration_key", "admin.revoke_key"),
    *("admin.download_own_data", "admin.export_entries", "admin.export_records", "admin.save_settings"),
}
ASKING_PAGES = {"accounts.offer_passkey", "accounts.show_authenticator", "accounts.show_closing"}
# The question itself, and what asks for the present password of its own accord.
APART = {"accounts.show_proof", "accounts.try_proof", "accounts.ask_for_proof_code", "accounts.ask_for_proof_passkey"} | {
    "accounts.change_password"
}
# The way out, and what can be undone or does no harm.
NOT_ASKING = {
    *("accounts.sign_out", "accounts.change_profile", "accounts.rename_passkey", "accounts.decline_second_factor"),
    *("accounts.follow_author", "accounts.unfollow_author", "accounts.renew_following_key"),
    *("admin.move_invitations", "admin.renew_invitation", "admin.withdraw_invitation"),
    *("admin.forget_job", "admin.retry_job", "admin.retry_jobs"),
    *("admin.resend_letter", "admin.resend_letters", "admin.send_test_letter", "admin.settle_letter", "admin.settle_letters"),
    *("comments.save_comment", "comments.withdraw_comment", "comments.like_comment", "comments.unlike_comment"),
    *("comments.pin_comment", "comments.unpin_comment", "comments.trash_comment"),
    *(
        "comments.move_comment",
        "comments.move_comments",
        "comments.move_comments_back",
        "comments.rewrite_comment",
        "comments.answer_from_queue",
    ),
    *("comments.ban_commenter", "comments.ban_address", "comments.lift_ban"),
    *(
        "media.set_avatar",
        "media.remove_avatar",
        "media.store_asset",
        "media.begin_upload",
        "media.finish_upload",
        "media.upload_from_address",
    ),
    *("media.describe_asset", "media.replace_asset", "media.move_assets", "media.move_assets_back"),
    *(
        "media.begin_album",
        "media.revise_album",
        "media.upload_tracks",
        "media.publish_album",
        "media.unpublish_album",
        "media.remove_album",
    ),
    *("media.begin_show", "media.revise_show", "media.upload_episodes", "media.publish_show", "media.unpublish_show", "media.remove_show"),
    *("media.revise_episode", "media.publish_episode", "media.unpublish_episode", "media.remove_episode"),
    *("posts.draft_post", "posts.revise_post", "posts.preview_text", "posts.restore_revision", "posts.move_posts", "posts.purge_post"),
    *("posts.publish_post", "posts.unpublish_post", "posts.unschedule_post", "posts.trash_post", "posts.restore_post"),
}


def asking(site: Site, method: str) -> dict[str, bool]:
    """Whether each endpoint that answers the method to somebody signed in asks the owner, whose proof is old."""
    found = {}
    for rule in site.rules():
        is_open = guard.rule_of(site.app, rule.endpoint) is everyone
        # Programs are asked in words of their own; see test_proofs_of_programs.py.
        is_apart = rule.endpoint in APART or rule.endpoint.startswith("api_")
        if is_open or is_apart or method not in (rule.methods or ()):
            continue
        # A session of its own, since some of what does not ask ends sessions.
        browser = browser_of(site.app, site.cast.orla.user)
        fields = {"csrf_token": token_of(browser)} if method == "POST" else None
        grow_stale()
        answer = browser.open(site.address(rule), method=method, data=fields)
        found[rule.endpoint] = "Is it still you?" in answer.text or (answer.location or "").startswith("/account/proof?")
    return found


def test_every_act_asks_or_is_listed(site: Site):
    found = asking(site, "POST")
    assert {name for name, asks in found.items() if asks} == ASKING
    assert {name for name, asks in found.items() if not asks} == NOT_ASKING


def test_pages_that_show_or_begin_what_is_sensitive_ask_too(site: Site):
    assert {name for name, asks in asking(site, "GET").items() if asks} == ASKING_PAGES


@pytest.fixture
def stale(app: Flask, site: Site) -> FlaskClient:
    """Wren's browser, left open; the account has no password."""
    browser = browser_of(app, site.cast.wren.user)
    grow_stale()
    return browser


def test_whoever_has_no_password_proves_otherwise_who_they_are_before_choosing_one(stale: FlaskClient):
    answer = stale.post("/account/password", data={"csrf_token": token_of(stale), "new_password": "lantern kelp moon tide 9"})
    assert answer.location == "/account/proof?next=/account/signing-in"
    sheet = stale.get("/account/signing-in").text
    assert 'name="new_password"' not in sheet
