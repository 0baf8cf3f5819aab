"""What people fill in who want an account, a link, a code confirmed or a new password, before they are signed in."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from inkhorn.accounts.passwords import MOST

AT_MOST_150 = _l("At most 150 characters.")
AN_ADDRESS = _l("Enter an address like ada@example.org.")


class JoinForm(Form):
    """Name, address and password, and the terms where there are any."""

    name = StringField(
        _l("Your name"), [InputRequired(_l("Write your name as others should see it.")), Length(max=150, message=AT_MOST_150)]
    )
    email = StringField(_l("E-mail address"), [InputRequired(AN_ADDRESS), Length(max=254, message=_l("At most 254 characters."))])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Choose a password.")), Length(max=MOST, message=_l("At most 128 characters."))]
    )
    terms = BooleanField(_l("I accept the terms"))
    next = HiddenField()
    language = HiddenField()
    timezone = HiddenField()


class CodeForm(Form):
    """The six digits of a letter."""

    code = StringField(_l("Six digits"), [InputRequired(_l("Type the six digits of the letter.")), Length(max=40)])


class EmailForm(Form):
    """An address that something is to be sent to."""

    email = StringField(_l("E-mail address"), [InputRequired(AN_ADDRESS), Length(max=254)])
    next = HiddenField()


class NewPasswordForm(Form):
    """A password for an account whose link was followed."""

    password = PasswordField(
        _l("New password"), [InputRequired(_l("Choose a password.")), Length(max=MOST, message=_l("At most 128 characters."))]
    )


class OwnPasswordForm(Form):
    """The password that was chosen on registering, asked for where another browser confirms."""

    password = PasswordField(_l("Password"), [InputRequired(_l("Write the password you chose.")), Length(max=4096)])
