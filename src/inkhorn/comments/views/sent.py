"""What the moderators' pages send."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from inkhorn.comments.forms import words_field
from inkhorn.comments.models import LONGEST_EMAIL, LONGEST_REASON
from inkhorn.core import clock
from inkhorn.core.forms import Form

# How long somebody is kept out, in days; 0 is for good.
SPANS: dict[str, tuple[Any, int]] = {
    "day": (_l("For a day"), 1),
    "week": (_l("For a week"), 7),
    "month": (_l("For thirty days"), 30),
    "year": (_l("For a year"), 365),
    "ever": (_l("For good"), 0),
}


class ButtonForm(Form):
    """A button: nothing but the token."""


class MoveCommentsForm(Form):
    """What to do with the chosen comments."""

    move = StringField(validators=[InputRequired(_l("Choose what to do with the comments."))])
    chosen = SelectMultipleField(coerce=int, validate_choice=False)


class ModeratorsWordsForm(Form):
    """The words of an answer, or those of a comment put right."""

    body = words_field()


class SpanForm(Form):
    """For how long, and why."""

    span = SelectField(_l("For how long"), choices=[(name, label) for name, (label, _days) in SPANS.items()], default="month")
    reason = StringField(_l("Why, for other moderators"), [Length(max=LONGEST_REASON, message=_l("At most 300 characters."))])

    def until(self) -> datetime | None:
        days = SPANS[self.span.data][1]
        return clock.now() + timedelta(days=days) if days else None


class BanCommenterForm(SpanForm):
    """By what somebody is kept out."""

    by = RadioField(_l("Keep out"), validators=[InputRequired(_l("Choose whom to keep out."))])
    is_spam = BooleanField(_l("Call this comment spam"))

    def offer(self, ways: Mapping[str, str]) -> None:
        self.by.choices = list(ways.items())


class BanAddressForm(SpanForm):
    """Somebody who has not commented yet, or a whole host."""

    address = StringField(
        _l("Address or host"),
        [InputRequired(_l("Write an address like ada@example.org, or a host like example.org.")), Length(max=LONGEST_EMAIL)],
    )
