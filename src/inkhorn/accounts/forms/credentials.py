"""What somebody signed in fills in to change their password or address."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional

from inkhorn.accounts.passwords import MOST
from inkhorn.core.forms import Form


class PasswordForm(Form):
    """The present password, where there is one, and the new one."""

    current_password = PasswordField(_l("Present password"), [Optional(), Length(max=4096)])
    new_password = PasswordField(
        _l("New password"), [InputRequired(_l("Choose a password.")), Length(max=MOST, message=_l("At most 128 characters."))]
    )


class NewEmailForm(Form):
    """The address an account shall have."""

    email = StringField(_l("New e-mail address"), [InputRequired(_l("Enter an address like ada@example.org.")), Length(max=254)])
