"""What keeps robots out of forms that are open to everybody: work, patience, or a provider's word; each proof counts once."""

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import altcha
from flask import current_app
from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core import clock, limits, tokens
from inkhorn.core.breakers import Breaker, LeftAlone
from inkhorn.core.config import config
from inkhorn.core.database import Base, OffPages, insert_into, session
from inkhorn.core.errors import Invalid, Unavailable
from inkhorn.core.fetch import PUBLIC, FetchFailed, FetchRefused, send

log = logging.getLogger(__name__)

# A second of a phone's time, and never much more: the answer lies within so many steps. One step of ours to set it, none to check.
ALGORITHM, COST = "PBKDF2/SHA-256", 5000
LEAST_STEPS, MOST_STEPS = 50, 350
PUZZLE_LIFE = timedelta(minutes=20)
# Nobody fills a form in faster; who has no script waits longer instead of working.
LEAST_SECONDS, WAIT_SECONDS = 2, 20
SHEET_LIFE_SECONDS = 2 * 60 * 60
LONGEST_ANSWER = 8000
JUDGE_SECONDS = 5
# So long a provider that did not answer is not asked.
REST_SECONDS = 10
# The field that people do not see, and robots fill in.
TRAP = "homepage"


@dataclass(frozen=True)
class Service:
    """A provider that tells people from robots in our stead."""

    name: str
    # Where its script stands, and the class by which that finds its place in the form.
    script: str
    widget: str
    # The field in which its script leaves an answer, and where we ask what that is worth.
    answer: str
    judge: str
    # What its script loads and shows; added to the policy of the pages that use it, and to no other.
    sources: Mapping[str, tuple[str, ...]]


SERVICES = {
    "turnstile": Service(
        name="Cloudflare Turnstile",
        script="https://challenges.cloudflare.com/turnstile/v0/api.js",
        widget="cf-turnstile",
        answer="cf-turnstile-response",
        judge="https://challenges.cloudflare.com/turnstile/v0/siteverify",
        sources=dict.fromkeys(("script-src", "frame-src"), ("https://challenges.cloudflare.com",)),
    ),
    "hcaptcha": Service(
        name="hCaptcha",
        script="https://js.hcaptcha.com/1/api.js",
        widget="h-captcha",
        answer="h-captcha-response",
        judge="https://api.hcaptcha.com/siteverify",
        sources=dict.fromkeys(("script-src", "frame-src", "style-src", "connect-src"), ("https://hcaptcha.com", "https://*.hcaptcha.com")),
    ),
    "recaptcha": Service(
        name="reCAPTCHA",
        script="https://www.google.com/recaptcha/api.js",
        widget="g-recaptcha",
        answer="g-recaptcha-response",
        judge="https://www.google.com/recaptcha/api/siteverify",
        sources={
            "script-src": ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
            "frame-src": ("https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"),
        },
    ),
}
# Where the judges are looked for; tests have one of their own.
JUDGES = PUBLIC


class NotHuman(Invalid):
    """The form came as robots send it, or its proof was used before."""


class SpentPuzzle(OffPages, Base):
    """A proof that was shown, so that it is not shown again."""

    __tablename__ = "spent_puzzle"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)


def make_challenge(form: str) -> dict[str, Any]:
    """Work for a browser that wants to send the named form, signed and short-lived (ALTCHA, version 2)."""
    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=LEAST_STEPS + secrets.randbelow(MOST_STEPS - LEAST_STEPS),
        # Its end is told here and not as expires_at, since that would be judged by another clock than the house's.
        data={"form": form, "until": int((clock.now() + PUZZLE_LIFE).timestamp())},
        hmac_secret=_key("work"),
        hmac_key_secret=_key("answer"),
    )
    return made.to_dict()


def sign_sheet(form: str, *, again: str = "") -> str:
    """A token that says when a form was drawn; the one it was drawn with before, so that whoever mends a field waits no second time."""
    if (drawn := _sheet(form, again)) and _age(drawn) < SHEET_LIFE_SECONDS / 2 and not _is_spent(_digest(str(drawn["once"]))):
        return again
    return tokens.sign("sheet", {"form": form, "at": clock.now().timestamp(), "once": secrets.token_hex(8)})


def check(form: str, sent: Mapping[str, str], *, address: str | None) -> str:
    """Judge what came with the form; a digest to spend() with the act itself, NotHuman where it came as robots send it.

    May ask another host, so not for use inside a transaction; Unavailable where that does not answer.
    """
    if sent.get(TRAP):
        raise NotHuman("A field was filled in that should stay empty. Leave it empty and send the form again.")
    drawn = _sheet(form, sent.get("waiting", ""))
    if drawn is None:
        raise NotHuman("This form was open for too long. Send it once more.")
    if _age(drawn) < LEAST_SECONDS:
        raise NotHuman("That was faster than a person types. Wait a moment and send it once more.")
    kind = config().captcha
    if kind == "none":
        return _digest(str(drawn["once"]))
    if kind in SERVICES:
        return _check_word(kind, sent.get(SERVICES[kind].answer, ""))
    if answer := sent.get("puzzle", ""):
        return _check_work(form, answer)
    return _check_patience(drawn, address)


def spend(proof: str) -> None:
    """Use the proof up in the caller's transaction; NotHuman where it was used before."""
    made = insert_into(SpentPuzzle).values(digest=proof, ends_at=clock.now() + timedelta(seconds=SHEET_LIFE_SECONDS))
    if session().execute(made.on_conflict_do_nothing().returning(SpentPuzzle.digest)).scalar() is None:
        raise NotHuman("This form was sent before. If that was not you, send it once more.")


def forget_spent() -> None:
    """Forget proofs that nobody could show again."""
    session().execute(delete(SpentPuzzle).where(SpentPuzzle.ends_at < clock.now()))


def _sheet(form: str, token: str) -> dict[str, Any] | None:
    drawn = tokens.read("sheet", token, max_age_seconds=SHEET_LIFE_SECONDS)
    is_ours = isinstance(drawn, dict) and drawn.get("form") == form and _age(drawn) < SHEET_LIFE_SECONDS
    return drawn if is_ours else None


def _is_spent(proof: str) -> bool:
    return session().scalar(select(SpentPuzzle.digest).where(SpentPuzzle.digest == proof)) is not None


def _age(drawn: dict[str, Any]) -> float:
    return clock.now().timestamp() - float(drawn["at"])


def _check_work(form: str, answer: str) -> str:
    if len(answer) > LONGEST_ANSWER or not altcha.verify_solution(answer, _key("work"), hmac_key_secret=_key("answer")).verified:
        raise NotHuman("The proof that came with the form does not hold. Send it once more.")
    challenge = altcha.Payload.from_base64(answer).challenge
    told = challenge.parameters.data or {}
    if told.get("form") != form:
        raise NotHuman("The proof that came with the form was made for another one. Send it once more.")
    if float(told.get("until", 0)) < clock.now().timestamp():
        raise NotHuman("This form was open for too long. Send it once more.")
    return _digest(str(challenge.signature))


def _check_patience(drawn: dict[str, Any], address: str | None) -> str:
    left = round(WAIT_SECONDS - _age(drawn)) + 1
    if _age(drawn) < WAIT_SECONDS:
        raise NotHuman(
            f"Your browser has not done the small sum that keeps robots out, so the form waits {WAIT_SECONDS} seconds instead. "
            f"Wait {left} more and send it again."
        )
    limits.spend(limits.WITHOUT_SCRIPT_PLACE, limits.place_of(address))
    return _digest(str(drawn["once"]))


def _check_word(kind: str, answer: str) -> str:
    if not answer or len(answer) > LONGEST_ANSWER:
        raise NotHuman("Show that you are a person first: the box above the button does that.")
    if not _ask_judge(kind, answer):
        raise NotHuman("The service that tells people from robots was not convinced. Try once more.")
    return _digest(answer)


def _judges() -> Breaker:
    found: Breaker = current_app.extensions.setdefault(
        "inkhorn.judges", Breaker(REST_SECONDS, is_silence=lambda error: isinstance(error, FetchFailed) and error.answered is None)
    )
    return found


def _ask_judge(kind: str, answer: str) -> bool:
    """What the provider thinks of the answer that its script left; where the visitor comes from is not told."""
    running = config()
    fields = {"secret": running.captcha_secret_key or "", "response": answer}
    if kind == "hcaptcha":
        # Else an answer that was given on another site of the same account would do.
        fields["sitekey"] = running.captcha_site_key or ""
    body = urlencode(fields).encode()
    try:
        told = json.loads(_judges().ask(lambda: send(SERVICES[kind].judge, body, timeout=JUDGE_SECONDS, resolver=JUDGES)).content)
    except LeftAlone as error:
        raise _away(kind, "it did not answer a moment ago") from error
    except (FetchFailed, FetchRefused, ValueError) as error:
        raise _away(kind, str(error)) from error
    if not isinstance(told, dict) or not isinstance(told.get("success"), bool):
        raise _away(kind, "it answered in another form than it says it does")
    codes = [str(code) for code in told.get("error-codes") or ()]
    if any("secret" in code for code in codes):
        raise _away(kind, ", ".join(codes))
    return bool(told["success"])


def _away(kind: str, reason: str) -> Unavailable:
    log.error("captcha_not_judged", extra={"captcha": kind, "reason": reason[:300]})
    return Unavailable("The service that tells people from robots does not answer just now. Wait a minute and send the form again.")


def _digest(proof: str) -> str:
    return hashlib.sha256(proof.encode("utf-8", "replace")).hexdigest()


def _key(purpose: str) -> str:
    return hashlib.sha256(f"inkhorn.captcha.{purpose}:{config().secret_key}".encode()).hexdigest()
