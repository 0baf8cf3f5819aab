"""What leaves an entry about whole sites in and out."""

from pathlib import Path

from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.transfer.archive.contents import About
from inkhorn.transfer.services.keeping.making import Made, Wishes
from inkhorn.transfer.services.keeping.settling import settle_rows
from inkhorn.transfer.services.keeping.shelf import note_backup
from tests.audit.stage import Act
from tests.transfer.box import carried, tide

MADE = Made(Path("inkhorn-20261129T080000Z.tar"), 1_000, 3, 2, 0)
ABOUT = About(made_at="2026-11-29T08:00:00+00:00", inkhorn="0.1.0", revision="0015", database_bytes=1, files=0, files_bytes=0)


def backed_up() -> None:
    with transaction():
        note_backup(MADE, Wishes(), by=House())


ACTS: dict[str, Act] = {
    "transfer.imported": lambda _stage: lambda: carried(tide()),
    "transfer.backed_up": lambda _stage: backed_up,
    "transfer.restored": lambda _stage: lambda: settle_rows(session().connection(), ABOUT),
    "transfer.own_data_taken": lambda stage: stage.presses("rhea", "/account/data/download"),
}
