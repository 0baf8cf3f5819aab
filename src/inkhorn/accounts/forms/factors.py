"""What people fill in about their second factors, and to prove again who they are."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms import Form as OpenForm
from wtforms.validators import InputRequired, Length, Optional

from inkhorn.accounts.services.passkeys import LONGEST_PASSKEY_NAME
from inkhorn.core.forms import Form

# A code with blanks, hyphens and full-width letters is still shorter.
LONGEST_CODE = 80
AT_MOST_100 = _l("At most 100 characters.")


class SecondFactorForm(OpenForm):
    """A code of the app or from paper, from somebody who is half signed in."""

    code = StringField(_l("Code"), [InputRequired(_l("Type the code.")), Length(max=LONGEST_CODE, message=_l("That is no such code."))])
    by = HiddenField()
    next = HiddenField()


class PasskeyAnswerForm(OpenForm):
    """What a passkey answered, from somebody who is not signed in or half."""

    credential = HiddenField()
    is_remembered = BooleanField()
    next = HiddenField()


class GoOnForm(Form):
    """Nothing but a button, and where to go afterwards."""

    next = HiddenField()


class AppCodeForm(GoOnForm):
    """The first code of an app that is being set up."""

    code = StringField(
        _l("Six digits"),
        [InputRequired(_l("Type the six digits that the app shows.")), Length(max=LONGEST_CODE, message=_l("Six digits."))],
    )


class NewPasskeyForm(GoOnForm):
    """A passkey just made, and what it is to be called."""

    name = StringField(_l("Name"), [Optional(), Length(max=LONGEST_PASSKEY_NAME, message=AT_MOST_100)])
    credential = HiddenField()


class PasskeyNameForm(Form):
    """What a passkey is called."""

    name = StringField(
        _l("Name"), [InputRequired(_l("Write what you call this passkey.")), Length(max=LONGEST_PASSKEY_NAME, message=AT_MOST_100)]
    )


class ProofForm(Form):
    """One proof of who somebody is; the names are such that no other form has them."""

    proof_password = PasswordField(_l("Password"), [Optional(), Length(max=4096)])
    proof_code = StringField(_l("Code"), [Optional(), Length(max=LONGEST_CODE, message=_l("That is no such code."))])
    proof_passkey = HiddenField()
    # Where the proof leads: what was about to be done.
    proof_act = HiddenField()
