"""Writes letters: three templates in the site's look, made into one message that any mail program can read."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import css_inline
from flask import current_app
from flask_babel import force_locale
from jinja2 import Environment, StrictUndefined

from inkhorn.core import clock, links, settings
from inkhorn.core.languages import spoken_locale
from inkhorn.core.mail.assembling import assemble, on_one_line
from inkhorn.core.mail.delivering import hurry
from inkhorn.core.mail.letters import keep_letter
from inkhorn.core.settings import SiteSettings

LONGEST_SUBJECT = 200


def write_letter(
    message: str,
    *,
    to: str,
    purpose: str,
    name: str = "",
    language: str | None = None,
    expires_at: datetime | None = None,
    leave_address: str = "",
    **values: Any,
) -> bool:
    """Compose "<room>/<message>" for the address and put it in the outbox; False, and nothing more, where one went for this purpose."""
    tuned = settings.read(SiteSettings)
    if leave_address:
        values["leave_address"] = leave_address
    drawn = draw(message, tuned, language or tuned.language, **values)
    made = assemble(drawn, to=to, name=name, purpose=purpose, site_title=tuned.title, leave_address=leave_address)
    is_new = keep_letter(
        purpose=purpose,
        kind=message,
        to_address=to,
        subject=drawn["subject"],
        message_id=str(made["Message-ID"]),
        content=made.as_bytes(),
        expires_at=expires_at,
    )
    if is_new:
        hurry()
    return is_new


def draw(message: str, tuned: SiteSettings, language: str, **values: Any) -> dict[str, str]:
    """The subject on one line, the text and the HTML with its style in place, in the language or in the nearest that we speak."""
    room, _, name = message.partition("/")
    locale, environment = spoken_locale(language), _environment()
    known = {
        "site": tuned,
        "site_address": links.site_root(),
        "year": clock.now().year,
        "language": str(locale).replace("_", "-"),
        **values,
    }

    def part(file: str, **more: Any) -> str:
        return environment.get_template(f"{room}/email/{name}/{file}").render({**known, "direction": locale.text_direction, **more})

    with force_locale(str(locale)):
        subject = on_one_line(part("subject.txt"), LONGEST_SUBJECT)
        return {
            "subject": subject,
            "text": part("body.txt", subject=subject).strip() + "\n",
            "html": _inliner().inline(part("body.html", subject=subject)),
        }


def _environment() -> Environment:
    # A letter with a hole in it is worse than none, so a name that is not there raises.
    kept: Environment | None = current_app.extensions.get("inkhorn.letters")
    if kept is None:
        kept = current_app.extensions["inkhorn.letters"] = current_app.jinja_env.overlay(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
    return kept


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    # Dark colours cannot be written into a tag, so what asks for the scheme stays in the head.
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
