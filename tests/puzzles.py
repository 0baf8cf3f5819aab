"""Forms with a puzzle, filled in as a browser or a patient person would."""

import base64
import json
from typing import Any

import altcha

from inkhorn.core import captcha, clock, tokens


def drawn(form: str, *, seconds_ago: float = 60, once: str = "a") -> str:
    """The token of a sheet that was drawn some time ago."""
    return tokens.sign("sheet", {"form": form, "at": clock.now().timestamp() - seconds_ago, "once": once})


def solve(challenge: dict[str, Any]) -> str:
    """What a browser sends for the work that it was given."""
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": solution.to_dict()}).encode()).decode()


def worked(form: str) -> dict[str, str]:
    """The fields of a form that was drawn a minute ago and whose work is done; to be called in the application's context."""
    return {"waiting": drawn(form), "puzzle": solve(captcha.make_challenge(form)), captcha.TRAP: ""}
