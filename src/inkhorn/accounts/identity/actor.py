"""The person behind a request, as the rest of the house knows them."""

from dataclasses import dataclass

from inkhorn.accounts.models import User


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    user: User
    address: str | None = None
    is_signed_in: bool = True

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def label(self) -> str:
        return self.user.label

    def may(self, permission: str) -> bool:
        return self.user.holds(permission)
