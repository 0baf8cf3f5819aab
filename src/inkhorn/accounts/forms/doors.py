"""What people fill in at the door and at the first run."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from inkhorn.accounts.passwords import MOST


class SignInForm(Form):
    """Address and password; anonymous, so guarded by the request's origin instead of a token."""

    email = StringField(_l("E-mail"), [InputRequired(_l("Write the e-mail address of your account.")), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password.")), Length(max=4096)])
    is_remembered = BooleanField(_l("Keep me signed in on this device"))
    next = HiddenField()


class SetupForm(Form):
    """The four fields of the first run, and what the browser guessed."""

    site_title = StringField(
        _l("Name of the site"),
        [
            InputRequired(_l("Write what the site is called; you can change it later.")),
            Length(max=150, message=_l("At most 150 characters.")),
        ],
    )
    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Write your name as readers should see it.")), Length(max=150, message=_l("At most 150 characters."))],
    )
    email = StringField(
        _l("E-mail"),
        [InputRequired(_l("Enter an address like ada@example.org.")), Length(max=254, message=_l("At most 254 characters."))],
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Choose a password.")), Length(max=MOST, message=_l("At most 128 characters."))],
    )
    timezone = HiddenField()
    language = HiddenField()
