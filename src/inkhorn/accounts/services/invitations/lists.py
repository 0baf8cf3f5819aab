"""Lists of people as others write them: addresses one a line, or a CSV file from a spreadsheet; read within bounds."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inkhorn.core.errors import Invalid

# What may stand in the first line, and which of our columns it means.
HEADINGS: dict[str, str] = {
    "email": "email",
    "e-mail": "email",
    "e-mail address": "email",
    "email address": "email",
    "name": "name",
    "full name": "name",
    "role": "role",
    "password_hash": "password_hash",
    "password hash": "password_hash",
}
# The order of the columns where no first line names them.
COLUMNS: tuple[str, ...] = ("email", "name", "role", "password_hash")
SEPARATORS = ",;\t"
LONGEST_LINE = 4_000
# "Ada Marsh <ada@example.org>", as mail programs write it.
NAMED = re.compile(r"\s*\"?(?P<name>[^<>\"]*?)\"?\s*<(?P<email>[^<>\s]+)>\s*")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person of a list, as written; nothing in it has been judged."""

    number: int
    text: str
    email: str
    name: str = ""
    role: str = ""
    password_hash: str = ""


def text_of(content: bytes) -> str:
    """The text of a file, which must be UTF-8, or UTF-16 with its mark as spreadsheets save it; Invalid otherwise."""
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(
            "This file is not text in UTF-8. Save it from your spreadsheet as “CSV UTF-8” and choose it again.", field="file"
        ) from error
    if "\x00" in text:
        raise Invalid("This file is not text. Save the list as CSV and choose it again.", field="file")
    return text


def read_list(text: str, *, most: int) -> list[Line]:
    """The people of a pasted list or a file; Invalid where there are more than so many."""
    found: list[Line] = []
    for line in lines_of(text.splitlines()):
        if len(found) >= most:
            raise Invalid(f"That list is too long: {most} people at most go out at once. Nobody was invited; cut it into parts.")
        found.append(line)
    return found


def as_list(lines: Iterable[Line]) -> str:
    """The same people as a list that read_list() reads, whatever the columns and separators were; without what else was in it."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    # With a line of headings the separator is settled, however many others stand in a name.
    writer.writerow(("email", "name", "role"))
    writer.writerows((line.email, line.name, line.role) for line in lines)
    return written.getvalue()


def lines_of(rows: Iterable[str]) -> Iterator[Line]:
    """One by one what stands in the rows; blank ones, those that begin with # and a first one of headings are passed over."""
    columns, separator = COLUMNS, ""
    for number, row in enumerate(rows, start=1):
        text = row.strip("\r\n\ufeff ")
        if not text or text.startswith("#"):
            continue
        parts = _parts_of(text, separator or _separator_of(text))
        if (headings := _headings_of(parts)) is not None:
            columns, separator = headings, _separator_of(text)
            continue
        yield _line(number, text, parts, columns)


def _line(number: int, text: str, parts: list[str], columns: tuple[str, ...]) -> Line:
    told = {name: part.strip() for name, part in zip(columns, parts, strict=False) if name}
    named = NAMED.fullmatch(told.get("email", ""))
    if named is not None:
        told |= {"email": named["email"], "name": told.get("name") or named["name"]}
    return Line(number=number, text=text[:LONGEST_LINE], **{"email": "", **told})


def _separator_of(text: str) -> str:
    """Whichever of comma, semicolon and tab stands in the line most often."""
    return max(SEPARATORS, key=text.count)


def _parts_of(text: str, separator: str) -> list[str]:
    # A line of a megabyte is no person; it is cut and will be refused as an address.
    cut = text[:LONGEST_LINE]
    try:
        return next(csv.reader([cut], delimiter=separator), [])
    except csv.Error:
        return [cut]


def _headings_of(parts: list[str]) -> tuple[str, ...] | None:
    """Our columns in the order of a line of headings; "" for one that means nothing here, None where the line is no heading."""
    known = tuple(HEADINGS.get(part.strip().casefold(), "") for part in parts)
    return known if "email" in known else None
