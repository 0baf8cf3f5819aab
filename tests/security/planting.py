"""People, roles and invitations whose every word is a script."""

from collections.abc import Sequence

from inkhorn.accounts.services.invitations.inviting import invite_person
from inkhorn.accounts.services.people import create_user, take_in_author
from inkhorn.accounts.services.roles import make_role
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.core.access import Actor
from inkhorn.core.database import transaction


def plant_people(texts: Sequence[str], *, by: Actor) -> None:
    """For each text a member with a browser, an imported author, two invitations and a role."""
    for number, text in enumerate(texts):
        with transaction():
            reader = create_user(email=f"m{number}@example.org", name=text, role="member", by=by)
            open_session(reader, Visit(address=text[:64], device=text))
            author = take_in_author(name=text, origin=text, origin_key=str(number), bio=text)
            invite_person(email=f"i{number}@example.org", name=text, message=text, role="author", by=by)
            invite_person(email=f"a{number}@example.org", name=text, message=text, role="author", author=author, by=by)
            make_role(name=f"own {number}", description=text, permissions=["members.read"], demands_second_factor=None, by=by)
