"""What a person must prove to be them for, asked of programs too where they act by a person's session."""

from flask import g

from inkhorn.accounts.identity.freshness import ProofNeeded
from inkhorn.accounts.services.sessions import is_fresh


def refuse_unproven() -> None:
    """ProofNeeded for a session whose proof is old; a key was made by somebody who had proved who they are."""
    opened = getattr(g, "session", None)
    if opened is not None and not is_fresh(opened):
        raise ProofNeeded
