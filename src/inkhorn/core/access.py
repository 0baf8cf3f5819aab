"""Who may reach an endpoint: every one declares it with @open_to, and silence refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Actor(Protocol):
    """The person (or the house itself) who acts."""

    @property
    def id(self) -> int | None: ...
    @property
    def label(self) -> str: ...
    @property
    def address(self) -> str | None:
        """Where the act comes from: a network address, or None for the house itself."""

    @property
    def device(self) -> str | None:
        """The browser or program it came by, as that calls itself."""

    @property
    def is_signed_in(self) -> bool: ...
    def may(self, permission: str) -> bool: ...


@dataclass(frozen=True)
class Visitor:
    """Somebody who has not signed in."""

    address: str | None = None
    device: str | None = None
    id: None = None
    label: str = "visitor"
    is_signed_in: bool = False

    def may(self, permission: str) -> bool:
        return False


@dataclass(frozen=True)
class House:
    """Inkhorn itself, or the operator at its shell: may do everything, and is named in the audit log."""

    label: str = "inkhorn"
    id: None = None
    address: None = None
    device: None = None
    is_signed_in: bool = True

    def may(self, permission: str) -> bool:
        return True


@dataclass(frozen=True)
class Rule:
    """A question about the actor that an endpoint asks before it runs."""

    name: str
    admits: Callable[[Actor], bool]


everyone = Rule("everyone", lambda _actor: True)
signed_in = Rule("signed_in", lambda actor: actor.is_signed_in)
# What belongs to the person and is no permission that a key could be given or not: a session, or a program they signed in, but no key.
in_person = Rule("in_person", lambda actor: actor.is_signed_in and actor.id is not None and not getattr(actor, "is_narrowed", False))


# Of commands, which nobody reaches by the web: whoever has a shell on the machine owns its files anyway.
operator = Rule("operator", lambda actor: isinstance(actor, House))


def holds(permission: str) -> Rule:
    """Admit those whose role holds the listed permission, such as "posts.edit_any"."""
    return Rule(permission, lambda actor: actor.may(permission))


class Forbidden(Exception):
    """The actor is known and may not do this; answers 403."""


class SignInNeeded(Exception):
    """Nobody is signed in and somebody must be; people are led to the sign-in page, programs get 401."""


def open_to(rule: Rule) -> Callable[[View], View]:
    """Declare who reaches a view, which core/guard asks before every request, or a command."""

    def declare(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return declare
