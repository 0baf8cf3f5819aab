"""What every letter is drawn with for its picture: a kind of letter that is not named here fails the snapshots' test."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

ADA = SimpleNamespace(name="Ada Marsh", username="ada", email="ada@example.org")
SEEN = {"when": "2026-03-02T12:00:00+00:00", "address": "192.0.2.7", "device": "Firefox, Linux"}
ACCOUNT = {"user": ADA, "account_address": "https://slowferry.example/account/sessions"}
RHEA = SimpleNamespace(name="Rhea", email="rhea@example.org")
PERSON = {"joined": RHEA, "person_address": "https://slowferry.example/admin/people/7"}
GREETED = {"greeted": ADA.name}
LINK = {"link": "https://slowferry.example/link/Vb3kq0Zr7NsXy2LdTf9wGmHc5JpAeUo1iRKn4zQxB8s", "minutes": 10}
WAY_IN = {**GREETED, **LINK, "code": "304518"}
DOORS = {"sign_in_address": "https://slowferry.example/sign-in", "reset_address": "https://slowferry.example/forgotten-password"}
FAILED = {"since": "2026-03-02 11:00", "until": "12:00", "mail_address": "https://slowferry.example/admin/mail?state=failed"}
REFUSED = {
    "address": "nobody@example.org",
    "subject": "Your account at The Slow Ferry was changed",
    "answer": "550 5.1.1 no such mailbox",
    "is_refused": True,
}
GIVEN_UP = {
    "address": "rhea@example.org",
    "subject": "Sign in to The Slow Ferry",
    "answer": "451 4.7.1 come back later",
    "is_refused": False,
}
INVITED = {"link": "https://slowferry.example/invitation/Vb3kq0Zr7NsXy2LdTf9wGmHc5JpAeUo1iRKn4zQxB8s"}
INVITATION = SimpleNamespace(
    name="Rhea",
    message="Dear Rhea,\nwould you write about the tides for us?",
    role=SimpleNamespace(name="author", description="Writes, uploads and publishes own posts."),
    expires_at=datetime(2026, 3, 9, 12, tzinfo=UTC),
)

TALK = {
    "writer": "Tobias Achterberg",
    "words": "I was the second keeper’s paper boy.\n\nHe paid me in tide tables, and I still have 1963.",
    "post_title": "The clock that is fed by the sea",
    "link": "https://slowferry.example/comments/12",
    "leave_address": "https://slowferry.example/comments/leave/WyJ1c2VyOjciLCJyZXBseSIsMTJd.aaaaaa.bbbbbb",
    "reason": "",
}
HELD = {"reason": "It holds 3 links.", "link": "https://slowferry.example/comments/decide/WzEyLDdd.aaaaaa.bbbbbb"}
REPORTED = {"reasons": ("He names my sister.", "Rude."), "link": "https://slowferry.example/desk/comments/?state=reported"}

# "<room>/<message>", or that with a variant's name behind a colon, and the values.
SAMPLES: dict[str, dict[str, Any]] = {
    "core/test": {"asked_by": "ada@example.org", "when": "2026-03-02 12:00 UTC"},
    "accounts/already_here": {**GREETED, **DOORS},
    "accounts/change": {**ACCOUNT, **SEEN, "change": "password"},
    "accounts/change:to_the_old_address": {**ACCOUNT, **SEEN, "change": "email", "address": None, "device": None},
    "accounts/change:a_key": {**ACCOUNT, **SEEN, "change": "key_made"},
    "accounts/closing": {"user": ADA, "heir": None, "last_day": "16 March 2026", "reopen_address": LINK["link"]},
    "accounts/closing:with_an_heir": {"user": ADA, "heir": RHEA, "last_day": "16 March 2026", "reopen_address": LINK["link"]},
    "accounts/confirm": WAY_IN,
    "accounts/forced_reset": {**GREETED, **LINK},
    "accounts/invitation": {"invitation": INVITATION, "inviter": ADA.name, "author": "Wren", **INVITED},
    "accounts/invitation:bare": {
        "invitation": SimpleNamespace(
            **vars(INVITATION) | {"name": "", "message": "", "role": SimpleNamespace(name="reader", description="")}
        ),
        "inviter": "",
        "author": "",
        **INVITED,
    },
    "accounts/invitation_accepted": {"user": ADA, "role": "author", **PERSON},
    "accounts/link": WAY_IN,
    "accounts/link:without_a_code": {**WAY_IN, "code": ""},
    "accounts/new_device": {**ACCOUNT, **SEEN},
    "accounts/new_email": {**GREETED, **LINK, "wanted_email": "ada.marsh@example.org"},
    "accounts/no_link": {**GREETED, **DOORS},
    "accounts/old_email": {**GREETED, **LINK, "wanted_email": "ada.marsh@example.org"},
    "accounts/proof": WAY_IN,
    "accounts/registered": PERSON,
    "accounts/reset": {**GREETED, **LINK},
    "accounts/letters_failed": {**FAILED, "number": 1, "shown": [REFUSED]},
    "accounts/letters_failed:many": {**FAILED, "number": 302, "shown": [REFUSED, GIVEN_UP, {**GIVEN_UP, "answer": ""}]},
    "comments/confirm": {
        "post_title": TALK["post_title"],
        "leave_address": TALK["leave_address"],
        "link": "https://slowferry.example/comments/confirm/MTI.aaaaaa.bbbbbb",
    },
    "comments/reply": TALK,
    "comments/on_post": TALK,
    "comments/waiting": TALK | HELD,
    "comments/reported": TALK | REPORTED,
    "comments/reported:for_no_reason": TALK | REPORTED | {"reasons": ()},
}
