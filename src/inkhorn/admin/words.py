"""What work and the states of letters are called, how long things take in words, and what helps against a failure."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from inkhorn.core.mail.letters import LetterState

JOBS = {
    "audit.prune_entries": _l("Remove old entries of the audit log"),
    "accounts.answer_registration": _l("Answer somebody who asked for an account"),
    "accounts.end_closed_accounts": _l("End the accounts whose fourteen days are over"),
    "accounts.forget_old_sessions": _l("Forget old sessions, browsers, links and codes"),
    "accounts.send_email_change": _l("Ask both mailboxes whether an address may change"),
    "accounts.send_forced_reset": _l("Ask somebody to choose a new password"),
    "accounts.send_invitation": _l("Write an invitation"),
    "accounts.send_proof_code": _l("Send a code that proves who somebody is"),
    "accounts.send_reset_link": _l("Send a link for a new password"),
    "accounts.send_sign_in_link": _l("Send a link to sign in with"),
    "accounts.tell_of_acceptance": _l("Tell whoever invited somebody that they have joined"),
    "accounts.tell_of_change": _l("Tell somebody that their account was changed"),
    "accounts.tell_of_closing": _l("Tell somebody that their account is closed, with the way back"),
    "accounts.tell_of_failed_letters": _l("Tell administrators of letters that did not arrive"),
    "accounts.tell_of_new_device": _l("Tell somebody of a new browser"),
    "accounts.tell_of_registration": _l("Tell those who want to know that somebody has joined"),
    "comments.ask_to_confirm": _l("Ask a guest to confirm a comment"),
    "comments.forget_old_comments": _l("Remove spam, trash and what was never confirmed"),
    "comments.forget_rare_features": _l("Forget what the spam filter met once and long ago"),
    "comments.tell_moderators": _l("Tell moderators that a comment waits"),
    "comments.tell_of_report": _l("Tell moderators that readers reported a comment"),
    "comments.tell_of_comment": _l("Tell authors and those who were answered of a comment"),
    "mail.deliver_letters": _l("Hand letters to the mail server"),
    "mail.forget_words": _l("Forget what old letters said"),
    "mail.sweep_outbox": _l("Look for letters that wait"),
    "mail.write_test_letter": _l("Write a test letter"),
    "media.blur_pictures": _l("Make what stands for older pictures until they have come"),
    "media.discard_parts": _l("Delete the parts of an upload that is whole or was stopped"),
    "media.draw_wave": _l("Draw how loud a sound is"),
    "media.listen_anew": _l("Read a sound that was replaced"),
    "core.forget_copies": _l("Have the network forget its copies of pages"),
    "media.make_renditions": _l("Make the sizes of a picture"),
    "media.purge_trash": _l("Remove uploads that were put in the trash 30 days ago"),
    "media.show_due_sounds": _l("Show albums, shows and episodes whose hour has come"),
    "media.sweep_orphans": _l("Delete files that nothing speaks of"),
    "posts.discard_unused_uploads": _l("Delete uploads of somebody who is gone"),
    "posts.empty_trash": _l("Empty the trash of 30 days ago"),
    "posts.release_due_posts": _l("Publish what is due"),
    "posts.rerender_posts_showing": _l("Show the new sizes of a picture, or what replaced it, in posts"),
    "posts.rerender_stale_posts": _l("Render posts anew after an update"),
    "replays.forget": _l("Forget what programs were answered a day ago"),
    "search.catch_up": _l("Take into the search index what it lacks"),
    "search.index_post": _l("Take a post into the search index"),
    "search.index_posts_of": _l("Take in anew the posts of somebody who changed their name"),
    "search.index_posts_tagged": _l("Take in anew the posts of a tag that was renamed"),
    "transfer.make_backup": _l("Make a backup when one is due"),
}
LETTER_STATES = {
    LetterState.WAITING: _l("Waiting"),
    LetterState.HANDING: _l("Leaving"),
    LetterState.SENT: _l("Sent"),
    LetterState.UNCERTAIN: _l("Uncertain"),
    LetterState.REFUSED: _l("Refused"),
    LetterState.GIVEN_UP: _l("Given up"),
    LetterState.PUT_AWAY: _l("Put away"),
    LetterState.DROPPED: _l("Dropped"),
}
# What stands in an error, and what to do then; the first that is found counts.
REMEDIES = (
    ("longer than its limit", _l("It is stopped when it takes too long. Retry it when the machine is less busy.")),
    ("was killed", _l("Something ends the worker each time, most often too little memory; the log says more. Then retry it.")),
    ("knows no job named", _l("It came from another version of Inkhorn. Update this one, or discard it.")),
    ("No space left", _l("Make room on the disk, then retry it.")),
    ("disk is full", _l("Make room on the disk, then retry it.")),
    ("store of uploads", _l("Look whose the store of uploads is: inkhorn doctor, and docs/how-to/keep-media.md.")),
    ("too many for leftovers", _l("See whether an older database was put back; docs/how-to/keep-media.md says what to do then.")),
    ("OperationalError", _l("The database was away or busy. Retry it.")),
    ("Permission denied", _l("Give the data folder to the account that runs Inkhorn, then retry it.")),
)
SPANS = (
    (86_400, _l("day"), _l("%(number)s days")),
    (3_600, _l("hour"), _l("%(number)s hours")),
    (60, _l("minute"), _l("%(number)s minutes")),
    (1, _l("second"), _l("%(number)s seconds")),
)
OTHERWISE = _l("Retry it once the cause is mended, or discard it if it matters no more.")


def job_words(name: str) -> str:
    """What a job does; its name where nobody has said."""
    return str(JOBS.get(name, name))


def cause_of(error: str | None) -> str:
    return (error or "").strip().partition("\n")[0][:500]


def remedy_for(error: str | None) -> str:
    return str(next((remedy for found, remedy in REMEDIES if found in (error or "")), OTHERWISE))


def span_words(span: timedelta) -> str:
    """How often, as people say it: "10 seconds", "6 hours"."""
    seconds = round(span.total_seconds())
    for length, one, many in SPANS:
        if seconds % length == 0:
            return str(one if seconds == length else many % {"number": seconds // length})
    return str(seconds)
