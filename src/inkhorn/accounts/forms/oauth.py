"""What people fill in who open an account by another provider's word."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, StringField
from wtforms.validators import InputRequired, Length


class JoinByIdentityForm(Form):
    """The name readers see, and the terms where there are any; anonymous, so guarded by the request's origin instead of a token."""

    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Write your name as others should see it.")), Length(max=150, message=_l("At most 150 characters."))],
    )
    terms = BooleanField(_l("I accept the terms"))
