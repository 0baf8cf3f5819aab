"""Taking people in from a list of another program, with the passwords they have there."""

from dataclasses import dataclass

from inkhorn.accounts import passwords
from inkhorn.accounts.models import User
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.invitations.lists import Line
from inkhorn.accounts.services.people import create_user, tidy_email, tidy_name
from inkhorn.accounts.services.roles import role_named
from inkhorn.core.access import Actor
from inkhorn.core.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody of a list whose line holds."""

    email: str
    name: str
    role: str
    password_hash: str | None


def judge_line(line: Line, *, role: str) -> Candidate:
    """Whom the line means; Invalid says what is wrong with it. Who has no role there gets this one."""
    email = tidy_email(line.email)
    # Readers of newsletters often gave no name; what stands before the @ is better than nothing.
    name = tidy_name(line.name or email.partition("@")[0])
    held = role_named(line.role.casefold() or role)
    if held.name == "owner":
        raise Invalid("The owner is not imported; make one with `inkhorn user create`.", field="role")
    if line.password_hash and not passwords.is_foreign_hash(line.password_hash):
        raise Invalid(
            "The password hash is none of WordPress or Ghost. Leave it out, and they choose a password by letter.", field="password_hash"
        )
    return Candidate(email=email, name=name, role=held.name, password_hash=line.password_hash or None)


def is_here(candidate: Candidate) -> bool:
    """Whether somebody has an account with that address, from an earlier run or otherwise."""
    return user_by_email(candidate.email) is not None


def import_person(candidate: Candidate, *, by: Actor) -> User:
    """Open the account; a foreign hash is renewed at the first sign-in, and who has none asks for a password by letter."""
    return create_user(email=candidate.email, name=candidate.name, role=candidate.role, password_hash=candidate.password_hash, by=by)
