"""What leaves an entry about whole sites in and out."""

from tests.audit.stage import Act
from tests.transfer.box import carried, tide

ACTS: dict[str, Act] = {
    "transfer.imported": lambda _stage: lambda: carried(tide()),
    "transfer.own_data_taken": lambda stage: stage.presses("rhea", "/account/data/download"),
}
