"""What is chosen when a key for a program is made."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from inkhorn.accounts.services.programs.keys import LONGEST_KEY_NAME, USUAL_DAYS
from inkhorn.core.forms import Form

NEVER = "never"
LIVES = (("7", _l("A week")), ("30", _l("30 days")), (str(USUAL_DAYS), _l("90 days")), ("365", _l("A year")))


class KeyForm(Form):
    """A key of one's own."""

    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Name the key, so that you know it again.")),
            Length(max=LONGEST_KEY_NAME, message=_l("At most %(number)s characters.", number=LONGEST_KEY_NAME)),
        ],
    )
    permissions = SelectMultipleField(_l("What it may do"), validate_choice=False)
    life = SelectField(_l("It ends after"), choices=LIVES, default=str(USUAL_DAYS))

    @property
    def days(self) -> int | None:
        return None if self.life.data == NEVER else int(self.life.data)


class IntegrationKeyForm(KeyForm):
    """A key of an integration, which may live until somebody ends it."""

    life = SelectField(_l("It ends after"), choices=(*LIVES, (NEVER, _l("Never"))), default=str(USUAL_DAYS))


class EndForm(Form):
    """A button: nothing but the token."""
