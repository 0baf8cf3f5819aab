"""A backup that was changed, cut off or made by a stranger is refused in words, and nothing is changed."""

import gzip
import io
import json
import random
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from inkhorn.core.errors import InkhornError, NotFound
from inkhorn.transfer.archive import envelope
from inkhorn.transfer.archive.contents import Spoilt
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.transfer.keeping.house import PASSPHRASE
from tests.transfer.keeping.looks import everything

SEED = 20_261_129
Members = list[tuple[tarfile.TarInfo, bytes]]


def members_of(path: Path) -> Members:
    with tarfile.open(path) as archive:
        return [(info, archive.extractfile(info).read()) for info in archive]


def rewritten(path: Path, target: Path, change: Callable[[Members], Members]) -> Path:
    """The archive again, with its files changed by somebody who knows how it is made."""
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as archive:
        for info, content in change(members_of(path)):
            info.size = len(content) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(content))
    # Python fills tars up to a record of 20 blocks; ours end after two.
    content = target.read_bytes().rstrip(b"\0")
    target.write_bytes(content + b"\0" * (-len(content) % 512 + 1024))
    return target


def made(name: str, content: bytes = b"", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.mode = 0o600
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def before_the_end(*extra: tuple[tarfile.TarInfo, bytes]) -> Callable[[Members], Members]:
    return lambda members: [*members[:-1], *extra, members[-1]]


def with_told(name: str, **changes: object) -> Callable[[Members], Members]:
    """With other words in one of the two lists."""
    return lambda members: [
        (info, json.dumps(json.loads(content) | changes).encode()) if info.name == name else (info, content) for info, content in members
    ]


def refuse(config, path: Path, words: str, **more: str) -> None:
    before = everything(config.data)
    with pytest.raises(InkhornError, match=words) as caught:
        restore_backup(config, path, is_over=True, **more)
    assert str(caught.value).endswith(".")
    assert everything(config.data) == before
    assert not list(config.data.glob(".unfinished*"))


PLANTED = {
    "a way up": (before_the_end(made("media/../../evil", b"x")), "does not belong there"),
    "an absolute path": (before_the_end(made("/etc/evil", b"x")), "does not belong there"),
    "a theme's way up": (before_the_end(made("themes/../inkhorn.toml", b"x")), "does not belong there"),
    "a hidden file": (before_the_end(made("media/.hidden", b"x")), "does not belong there"),
    "a name of its own": (before_the_end(made("plan.json", b"{}")), "does not belong there"),
    "a link": (before_the_end(made("media/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")), "no file"),
    "a hard link": (before_the_end(made("media/link", type=tarfile.LNKTYPE, linkname="secret_key")), "no file"),
    "a device": (before_the_end(made("media/null", type=tarfile.CHRTYPE)), "no file"),
    "a folder": (before_the_end(made("media/folder", type=tarfile.DIRTYPE)), "no file"),
    "a file twice": (lambda members: [*members[:2], *members[1:]], "does not belong there"),
    "a file too many": (before_the_end(made("media/2026/11/more.jpg", b"")), "is not what the list says"),
    "a file too few": (lambda members: [*members[:-2], members[-1]], "is not what the list says"),
    "another file": (
        lambda members: [*members[:-2], (members[-2][0], members[-2][1][:-1] + b"!"), members[-1]],
        "is not what the list says",
    ),
    "more than it says": (before_the_end(made("media/2026/11/bomb.jpg", b"\0" * 9_000_000)), "holds more than it says"),
    "no list": (lambda members: members[:-1], "does not hold everything"),
    "something after the list": (lambda members: [*members, made("media/late.jpg", b"x")], "does not belong there"),
    "no words about itself": (lambda members: members[1:], "no backup that Inkhorn made"),
    "other rows than it says": (with_told("manifest.json", rows={"post": 1}), "is not whole"),
    "a later form": (with_told("about.json", format=2), "reads up to 1"),
    "a later database": (with_told("about.json", revision="9999"), "does not know"),
    "numbers that are none": (with_told("about.json", files_bytes="many"), "does not say what it holds"),
    "a size without end": (with_told("about.json", files_bytes=10**18), "Make room"),
    "a nest": (lambda members: [(members[0][0], b"[" * 50_000), *members[1:]], "cannot be read"),
    "a large key": (
        lambda members: [(info, b"k" * 2_000_000 if info.name == "secret_key" else content) for info, content in members],
        "larger",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_a_stranger_planted_is_refused(site, plain, tmp_path, name):
    change, words = PLANTED[name]
    refuse(site, rewritten(plain, tmp_path / "planted.tar", change), words)


def test_rewriting_alone_changes_nothing(empty, plain, tmp_path):
    assert restore_backup(empty, rewritten(plain, tmp_path / "same.tar", lambda members: members)).posts == 3


def test_a_database_that_grows_without_end_is_not_unpacked(site, plain, tmp_path):
    bomb = gzip.compress(b"\0" * 50_000_000)
    bombed = rewritten(
        plain, tmp_path / "bomb.tar", lambda all_: [(info, bomb if info.name.startswith("database") else told) for info, told in all_]
    )
    refuse(site, bombed, "larger than it says|is not what the list says")


@pytest.mark.parametrize("kind", ["plain", "sealed"])
def test_one_changed_bit_anywhere_is_found(site, tmp_path, kind, request):
    whole, passphrase = request.getfixturevalue(kind).read_bytes(), PASSPHRASE if kind == "sealed" else ""
    dice = random.Random(SEED)
    before = everything(site.data)
    for place in [0, 17, 40, 520, *(dice.randrange(len(whole)) for _ in range(20))]:
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << dice.randrange(8)
        path = tmp_path / "spoilt"
        path.write_bytes(spoilt)
        try:
            with pytest.raises(Spoilt):
                restore_backup(site, path, passphrase=passphrase, is_over=True)
        except pytest.fail.Exception:
            raise AssertionError(f"The bit at {place} was not missed (seed {SEED}).") from None
        assert everything(site.data) == before


@pytest.mark.parametrize("kind", ["plain", "sealed"])
def test_a_cut_one_is_found(site, tmp_path, kind, request):
    whole, passphrase = request.getfixturevalue(kind).read_bytes(), PASSPHRASE if kind == "sealed" else ""
    dice = random.Random(SEED)
    for length in [0, 1, 16, 100, 511, 512, 700, len(whole) - 1, len(whole) - 1024, *(dice.randrange(len(whole)) for _ in range(8))]:
        path = tmp_path / "cut"
        path.write_bytes(whole[:length])
        with pytest.raises(Spoilt):
            restore_backup(site, path, passphrase=passphrase, is_over=True)


def test_pieces_cannot_change_places(tmp_path):
    sealed = io.BytesIO()
    sealer = envelope.Sealer(sealed, PASSPHRASE)
    sealer.write(b"a" * envelope.PIECE_BYTES + b"b" * envelope.PIECE_BYTES + b"c")
    sealer.close()
    whole, start, piece = sealed.getvalue(), envelope.HEADER.size, envelope.PIECE_BYTES + envelope.TAG_BYTES
    first, second, rest = whole[start : start + piece], whole[start + piece : start + 2 * piece], whole[start + 2 * piece :]
    for changed in (second + first + rest, first + second, first + rest, first + second + second + rest):
        with pytest.raises(Spoilt, match=r"changed or cut off|does not open"):
            envelope.Opener(io.BytesIO(whole[:start] + changed), PASSPHRASE).read(10 * piece)
    assert envelope.Opener(io.BytesIO(whole), PASSPHRASE).read(10 * piece)[-2:] == b"bc"


@pytest.mark.parametrize("cost", [0, 1, 40, 255])
def test_a_stranger_cannot_make_the_key_cost_everything_or_nothing(site, sealed, tmp_path, cost):
    header = bytearray(sealed.read_bytes())
    header[len(envelope.MAGIC)] = cost
    (tmp_path / "costly").write_bytes(header)
    refuse(site, tmp_path / "costly", "no backup that Inkhorn sealed", passphrase=PASSPHRASE)


def test_one_that_is_not_sealed_is_not_taken_for_one_that_is(site, plain, tmp_path):
    refuse(site, plain, r"not sealed.*--unsealed", passphrase=PASSPHRASE)
    shutil.copy(plain, tmp_path / "site.tar.sealed")
    refuse(site, tmp_path / "site.tar.sealed", "not sealed")


def test_what_is_not_there_or_no_backup_is_said(site, tmp_path):
    with pytest.raises(NotFound, match="There is no file"):
        restore_backup(site, tmp_path / "nothing", is_over=True)
    refuse(site, tmp_path, "cannot be read")
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff" + b"picture" * 500)
    refuse(site, tmp_path / "picture", "no backup that Inkhorn made")
