"""What has happened to accounts."""

from typing import Any

from blinker import Signal, signal

from inkhorn.core import audit

account_created = signal("account_created")
account_suspended = signal("account_suspended")
account_restored = signal("account_restored")
# The person asked for it; it ends at closes_at unless they undo it.
account_closing = signal("account_closing")
account_reopened = signal("account_reopened")
# Sent with the user just before the row goes, and with heir: the user who gets what was written, or None where it is to be removed.
account_closed = signal("account_closed")
author_invited = signal("author_invited")
author_followed = signal("author_followed")
email_changed = signal("email_changed")
# Carries change: what was added, removed or renewed.
factor_changed = signal("factor_changed")
invitation_accepted = signal("invitation_accepted")
new_device_seen = signal("new_device_seen")
password_changed = signal("password_changed")
profile_changed = signal("profile_changed")
# Sent with the key and, for an integration's, by: whoever made it.
key_made = signal("key_made")
# Somebody showed a refresh token that was used before, and the program was signed out.
refresh_reused = signal("refresh_reused")
# Carries browser: the digest of the one in which the code is to be typed.
proof_asked = signal("proof_asked")
role_changed = signal("role_changed")
signed_in = signal("signed_in")
signed_out = signal("signed_out")
site_set_up = signal("site_set_up")
# Sent without a person, since nobody knows yet whose the address is: carry email and browser.
link_asked = signal("link_asked")
reset_asked = signal("reset_asked")
email_change_asked = signal("email_change_asked")
password_reset_forced = signal("password_reset_forced")
registration_asked = signal("registration_asked")
registered = signal("registered")
# Carries before and after, so that what stood at the old address can lead to the new one.
username_changed = signal("username_changed")
# Questions to the rooms above; whoever knows something answers, and None is no answer.
# Sent with a user, None for one who is to be: True where username= is spoken for, such as by an address that once was somebody else's;
# before= is the one given up for it.
username_wanted = signal("username_wanted")
# Sent with a user: True where readers know this person as an author.
author_sought = signal("author_sought")
# Sent with a user: a Belongings for each kind of thing that is kept of this person and must go somewhere when the account does.
belongings_counted = signal("belongings_counted")


def is_answered(question: Signal, of: Any, **more: Any) -> bool:
    """Whether any room says yes to one of the questions above."""
    return any(answer for _listener, answer in question.send(of, **more))


AUDITED = audit.declare(
    {
        "accounts.site_set_up": "set the site up",
        "accounts.created": "opened an account for",
        "accounts.registration_asked": "asked for an account",
        "accounts.registered": "registered",
        "accounts.signed_in": "signed in",
        "accounts.sign_in_refused": "was refused at the door",
        "accounts.second_factor_refused": "gave a wrong second factor for",
        "accounts.signed_out": "signed out",
        "accounts.session_ended": "ended a session of",
        "accounts.sessions_ended": "ended the sessions of",
        "accounts.proved": "proved again who they are",
        "accounts.proof_refused": "failed to prove again who they are",
        "accounts.link_asked": "asked for a link to sign in",
        "accounts.reset_asked": "asked for a new password",
        "accounts.reset_forced": "made choose a new password:",
        "accounts.reset_link_made": "made a link for a new password for",
        "accounts.password_changed": "changed the password of",
        "accounts.email_change_asked": "asked to change the address of",
        "accounts.email_changed": "changed the address of",
        "accounts.profile_changed": "changed the profile of",
        "accounts.username_changed": "changed the username of",
        "accounts.role_changed": "changed the role of",
        "accounts.role_made": "made the role",
        "accounts.role_redefined": "changed the role",
        "accounts.role_removed": "removed the role",
        "accounts.handed_over": "handed the site over to",
        "accounts.suspended": "suspended",
        "accounts.restored": "let back in",
        "accounts.unlocked": "unlocked",
        "accounts.closing": "closed the account of",
        "accounts.reopened": "reopened the account of",
        "accounts.closed": "removed the account of",
        "accounts.invited": "invited",
        "accounts.invitation_renewed": "invited once more",
        "accounts.invitation_withdrawn": "withdrew the invitation of",
        "accounts.invitation_accepted": "accepted the invitation of",
        "accounts.authenticator_added": "set up an authenticator app for",
        "accounts.authenticator_removed": "removed the authenticator app of",
        "accounts.recovery_codes_made": "made recovery codes for",
        "accounts.recovery_code_used": "used a recovery code of",
        "accounts.second_factor_declined": "said no to a second factor for",
        "accounts.factors_dropped": "removed every second factor of",
        "accounts.passkey_added": "added a passkey to",
        "accounts.passkey_renamed": "renamed a passkey of",
        "accounts.passkey_removed": "removed a passkey of",
        "accounts.identity_linked": "linked an account elsewhere to",
        "accounts.identity_unlinked": "unlinked an account elsewhere from",
        "accounts.key_made": "made the key",
        "accounts.key_first_used": "used for the first time the key",
        "accounts.key_revoked": "ended the key",
        "accounts.program_signed_in": "signed a program in for",
        "accounts.program_signed_out": "signed a program out for",
        "accounts.refresh_reused": "showed a used-up refresh token of",
    }
)
