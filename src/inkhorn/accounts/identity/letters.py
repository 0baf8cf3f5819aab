"""Who acts by a link that we sent to their mailbox, and may do no more by it than signed in."""

from flask import g

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.services.factors import owes_factor


def person_by_letter(user: User) -> Person:
    """The person; held, so that they may do nothing, while they have yet to set up the second factor that their role demands."""
    return Person(user, address=g.actor.address, device=g.actor.device, is_held=owes_factor(user))
