"""Writes small sites of text files for tests, and reads them as a source."""

from pathlib import Path
from textwrap import dedent

from inkhorn.transfer.manuscript import ForeignAuthor, Manuscript, Problem, Record
from inkhorn.transfer.markdown.folder_source import FolderSource
from inkhorn.transfer.markdown.source import markdown_source

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
# One white pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fea7d6059b0000000049454e44ae426082"
)


def write_files(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode())
    return root


def opened(root: Path, files: dict[str, str | bytes], dialect: str | None = None) -> FolderSource:
    return markdown_source(write_files(root, files), dialect=dialect)


def records(root: Path, files: dict[str, str | bytes], dialect: str | None = None) -> list[Record]:
    return list(opened(root, files, dialect).records())


def manuscripts(found: list[Record]) -> list[Manuscript]:
    return [record for record in found if isinstance(record, Manuscript)]


def only(found: list[Record]) -> Manuscript:
    (manuscript,) = manuscripts(found)
    return manuscript


def authors(found: list[Record]) -> list[str]:
    return [record.name for record in found if isinstance(record, ForeignAuthor)]


def problems(found: list[Record]) -> set[str]:
    """The kinds of everything that is named, of the source and of its texts."""
    own = {record.what for record in found if isinstance(record, Problem)}
    return own | {problem.what for manuscript in manuscripts(found) for problem in manuscript.problems}
