"""Everything that is kept of one person, as one archive: complete, without secrets, without what is about others, without weight."""

import json

import pytest

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import Authenticator, Follow, Invitation, LinkedIdentity, Passkey, RecoveryCode, Session, User
from inkhorn.accounts.services import sessions
from inkhorn.accounts.services.following import renew_following_key
from inkhorn.accounts.services.roles import role_named
from inkhorn.core import audit, clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.mail.letters import keep_letter
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Kind
from inkhorn.posts.models import Status
from inkhorn.posts.services.writing import PostChanges, revise_post
from inkhorn.transfer.markdown.front_matter import split_matter
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post
from tests.transfer.archives import archive_of, table

SECRETS = {"public_key": b"KEYKEYKEY", "sealed": "SEALEDSEALED", "digest": "d" * 64, "purpose": "PURPOSEPURPOSE"}


@pytest.fixture
def ida(database, wren) -> User:
    """Somebody of whom something is kept in every table."""
    user = make_user(password=PASSWORD)
    with transaction():
        user = session().merge(user)
        sessions.open_session(user, sessions.Visit(address="192.0.2.7", device="Firefox/140.0 (Linux)", browser="b"))
        session().add(Passkey(user_id=user.id, credential_id="CREDENTIAL", public_key=SECRETS["public_key"], name="Boat keys"))
        session().add(Authenticator(user_id=user.id, sealed_secret=SECRETS["sealed"], confirmed_at=clock.now()))
        session().add(RecoveryCode(user_id=user.id, digest=SECRETS["digest"], salt="s"))
        session().add(LinkedIdentity(user_id=user.id, provider="github", issuer="https://github.example", subject="42", label="ida"))
        session().add(Follow(follower_id=user.id, author_id=wren.id))
        invited = {"email": "x@example.org", "name": "X", "role_id": role_named("reader").id, "expires_at": clock.now()}
        session().add(Invitation(**invited, invited_by_id=user.id, digest="e" * 64))
        keep_letter(
            purpose=SECRETS["purpose"],
            kind="accounts/change",
            to_address="ida@example.org",
            subject="Changed",
            message_id="<m@x>",
            content=b"WORDS",
            expires_at=None,
        )
        audit.record(wren, "accounts.role_changed", user, before=["x"])
        renew_following_key(user, by=House())
    return user


def test_each_table_has_its_file(ida):
    archive = archive_of(ida)
    assert table(archive, "profile.json")[0]["email"] == "ida@example.org"
    assert table(archive, "sessions.json")[0]["address"] == "192.0.2.7"
    assert [table(archive, f"{name}.json")[0].get(key) for name, key in (("passkeys", "name"), ("identities", "subject"), ("following", "username"), ("invitations", "email"), ("letters", "subject"), ("devices", "label"))] == ["Boat keys", "42", "wren", "x@example.org", "Changed", "Firefox/140.0 (Linux)"]  # fmt: skip
    assert {"accounts.created", "accounts.role_changed"} <= {line["action"] for line in table(archive, "log.json")}
    assert archive.testzip() is None


def test_the_readme_names_every_file(ida):
    make_post(by=Person(ida))
    make_asset(by=Person(ida))
    archive = archive_of(ida)
    told = archive.read("README.txt").decode()
    assert {name.split("/")[0] for name in archive.namelist()} - {"README.txt"} <= {
        line.split()[0].rstrip("/") for line in told.splitlines() if line
    }


def test_no_secret_leaves(ida):
    session().expire_all()
    kept = session().get(User, ida.id)
    opened = session().query(Session).first()
    whole = b"".join(archive_of(ida).read(name) for name in archive_of(ida).namelist())
    secrets = [
        kept.password,
        kept.fs_uniquifier,
        kept.following_key,
        opened.token_digest,
        "CREDENTIAL",
        "e" * 64,
        "WORDS",
        *SECRETS.values(),
    ]
    assert [each for each in secrets if (each if isinstance(each, bytes) else each.encode()) in whole] == []


def test_who_else_acted_is_not_told(ida):
    line = next(line for line in table(archive_of(ida), "log.json") if line["action"] == "accounts.role_changed")
    assert (line["by"], "address" in line, "wren@example.org" in json.dumps(line)) == ("somebody else", False, False)


def test_nothing_of_anybody_else_is_in_it(ida, wren, emil):
    make_post(by=emil, title="Emil alone")
    make_asset(by=emil, filename="emils.jpg")
    archive = archive_of(ida)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert not any(part in whole for part in (b"Emil alone", b"emils.jpg", b"emil@example.org", b"wren@example.org"))


def test_a_post_comes_along_as_our_own_import_reads_it(ida):
    cover = make_asset(by=Person(ida))
    post = make_post(
        by=Person(ida),
        title='A "quoted": title',
        body="Words\n\n---\n\nmore.",
        tags=["Tides"],
        series="Year",
        cover_id=cover.id,
        status=Status.PUBLISHED,
    )
    archive = archive_of(ida)
    name = f"posts/{post.id}-a-quoted-title.md"
    matter = split_matter(archive.read(name).decode())
    assert (matter.values["title"], matter.values["tags"], matter.values["series"], matter.values["image"]) == (
        'A "quoted": title',
        ["Tides"],
        "Year",
        cover.path,
    )
    assert (matter.values["authors"], matter.complaint, matter.body.strip()) == (["Ida"], None, "Words\n\n---\n\nmore.")


def test_every_version_comes_along_and_says_only_whether_it_was_oneself(ida, emil):
    post = make_post(by=Person(ida), title="T", body="first")
    with transaction():
        kept = session().merge(post)
        revise_post(kept, PostChanges(body="second"), by=emil, against=kept.revision)
    archive = archive_of(ida)
    first, second = (split_matter(archive.read(f"posts/{post.id}-t/{number:04}.md").decode()) for number in (1, 2))
    assert (first.body.strip(), first.values["saved_by"], second.body.strip(), second.values["saved_by"]) == (
        "first",
        "you",
        "second",
        "somebody else",
    )


def test_files_come_along_as_they_were_sent(ida):
    content = picture_bytes(form="PNG")
    asset = make_asset(content, by=Person(ida), filename="sea.png")
    archive = archive_of(ida)
    with storage().open(asset.key) as kept:
        assert archive.read(f"media/{asset.id}-sea.png") == kept.read()
    assert table(archive, "media.json")[0]["filename"] == "sea.png"


def test_a_lost_file_is_said_to_be_lost(ida):
    asset = make_asset(by=Person(ida))
    storage().delete(asset.key)
    assert f"media/{asset.id}-harbour.jpg.missing.txt" in archive_of(ida).namelist()


@pytest.mark.parametrize(
    "evil", ["../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "a\x01b", "x" * 255, "CON", "...", "<script>", "\u202egpj.exe", "?*|"]
)
def test_no_name_leads_out_of_the_folder(ida, evil):
    with transaction():
        values = {
            "kind": Kind.FILE,
            "key": "2026/01/none.txt",
            "content_type": "text/plain",
            "size_bytes": 1,
            "sha256": "1" * 64,
            "uuid": "u",
        }
        session().add(Asset(filename=evil, uploaded_by_id=ida.id, **values))
    make_post(by=Person(ida), title=evil.replace("\x00", ""))
    for name in archive_of(ida).namelist():
        assert not name.startswith(("/", ".")), name
        assert not {"..", ""} & set(name.split("/")), name
        assert not set(name) & set('<>:"\\|?*\x00'), name


def test_somebody_of_whom_nothing_is_kept_gets_an_archive_too(rhea):
    archive = archive_of(rhea)
    assert table(archive, "letters.json") == table(archive, "media.json") == []
