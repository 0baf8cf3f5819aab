"""Everything that is kept of one person, as one archive: what there is, in which order, and who may have it."""

from collections.abc import Iterator

from inkhorn.accounts.models import User
from inkhorn.core import audit, settings
from inkhorn.core.access import Actor
from inkhorn.core.database import end_read, session
from inkhorn.core.storage import FileMissing, storage
from inkhorn.transfer.events import own_data_taken
from inkhorn.transfer.services import own_rows, own_texts
from inkhorn.transfer.services.packing import Parcel

README = """\
What {site} keeps of {name}
{line}

Made on {day} (UTC). Everything below is in formats that any program reads: text is UTF-8, tables are JSON.

profile.json      what you say of yourself, your role, when the account was made, what guards it
sessions.json     where you are signed in
devices.json      browsers in which you signed in before
passkeys.json     names of your passkeys, and when they were used
identities.json   accounts at other providers that sign in to yours
comments.json     What you said under posts, and what became of it.
following.json    authors you follow
invitations.json  whom you invited
letters.json      envelopes of the letters you were sent: when, about what; what they said is not kept
log.json          what you did here, and what was done to your account; who else acted is not told, since that is about them
posts/            what you wrote, as Markdown with front matter; posts/<name>/ holds the earlier versions
media/            files you uploaded
media.json        what is known of each of them

Passwords, codes and keys are in none of them: they are kept so that nobody can read them, this site included.
"""


def take_own_data(user: User, *, by: Actor) -> None:
    """Note that somebody takes what is kept of them; own_archive() then is it."""
    audit.record(by, "transfer.own_data_taken", user)
    own_data_taken.send(user)


def own_archive(user_id: int) -> Iterator[bytes]:
    """The archive, piece by piece. Between the pieces no snapshot of the database is held, however slowly they are taken."""
    parcel = Parcel()
    for piece in _pieces(parcel, user_id):
        session().rollback()
        if piece:
            yield piece


def _pieces(parcel: Parcel, user_id: int) -> Iterator[bytes]:
    profile = own_rows.profile_of(user_id)
    yield from parcel.text("README.txt", _readme(str(profile["name"])))
    yield from parcel.table("profile.json", [profile])
    for name, rows in own_rows.tables_of(user_id):
        yield from parcel.table(name, rows)
    for name, text in own_texts.texts_of(user_id):
        yield from parcel.text(name, text)
    yield from parcel.table("media.json", own_rows.uploads_told(user_id))
    for name, key, content_type in own_rows.uploads_named(user_id):
        end_read()
        try:
            with storage().open(key) as kept:
                yield from parcel.file(name, kept, content_type)
        except FileMissing:
            yield from parcel.text(f"{name}.missing.txt", "This file is lost from the site's storage.\n")
    yield from parcel.close()


def _readme(name: str) -> str:
    site = settings.read(settings.SiteSettings).title
    first = f"What {site} keeps of {name}"
    return README.format(site=site, name=name, line="=" * min(len(first), 100), day=own_rows.today())
