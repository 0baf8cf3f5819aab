"""What has happened on the ground floor."""

from blinker import signal

from inkhorn.core import audit


class MayPass(str):
    """Why a letter shall not leave just now, in a sentence, where it may be otherwise tomorrow."""

    __slots__ = ()


# A question, asked just before a letter is handed over, with its purpose: whoever knows that what it tells is so no more says why,
# in a sentence, and the letter is dropped; for MayPass it is put off, and dropped at its end; None is no answer.
letter_leaving = signal("letter_leaving")
# Carries the letter that the mail server will never take.
letter_refused = signal("letter_refused")
# Tells that letters could not leave in time, and at which moment they were given up.
letters_given_up = signal("letters_given_up")
# Sent with the section as it is now, and with before: the section as it was.
settings_changed = signal("settings_changed")

AUDITED = audit.declare(
    {
        "settings.changed": "changed the settings",
        "jobs.retried": "let a job run again",
        "jobs.forgotten": "discarded a job",
        "mail.put_away": "put away a letter that did not arrive",
        "mail.resent": "sent a letter again",
        "mail.settled": "marked a letter as arrived",
        "mail.tested": "sent a test letter",
        "audit.exported": "exported the audit log",
        "audit.pruned": "pruned the audit log",
        "records.exported": "exported records",
    }
)
