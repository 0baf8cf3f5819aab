"""Who is behind a request, as the rest of the house knows them: a person at a browser, or a program."""

from dataclasses import dataclass

from inkhorn.accounts.models import User
from inkhorn.accounts.policies import KEY_WORDS
from inkhorn.accounts.queries import read_anew


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in; one who is held may do nothing until a second factor is set up."""

    user: User
    address: str | None = None
    device: str | None = None
    # Address of the person's picture; None where initials stand in.
    portrait: str | None = None
    is_held: bool = False
    is_signed_in: bool = True

    @property
    def id(self) -> int:
        return read_anew(self.user).id

    @property
    def label(self) -> str:
        return read_anew(self.user).label

    def may(self, permission: str) -> bool:
        return not self.is_held and read_anew(self.user).holds(permission)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program with a key or an access token: it acts as its person or, an integration, as itself."""

    # "personal", "integration" or "access".
    kind: str
    name: str
    user: User | None = None
    # What it was given; None where it was signed in by its person and given all that this person may.
    words: frozenset[str] | None = None
    address: str | None = None
    device: str | None = None
    is_held: bool = False
    is_signed_in: bool = True

    @property
    def id(self) -> int | None:
        return read_anew(self.user).id if self.user else None

    @property
    def is_narrowed(self) -> bool:
        """Whether it may only do what it was given."""
        return self.words is not None

    @property
    def label(self) -> str:
        return f"{read_anew(self.user).label} by {self.name}" if self.user else self.name

    def may(self, permission: str) -> bool:
        """What it was given and, at this moment, its person may; never what no program is to do."""
        is_given = permission in KEY_WORDS and (self.words is None or permission in self.words)
        return is_given and not self.is_held and (self.user is None or read_anew(self.user).holds(permission))
