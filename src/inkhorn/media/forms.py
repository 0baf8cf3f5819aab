"""What people send when they upload."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from inkhorn.core.forms import Form
from inkhorn.media.services.keeping import LONGEST_ALT


class StoreAssetForm(Form):
    """One file and what it shows."""

    file = FileField(_l("File"), validators=[FileRequired(_l("Choose a file to upload."))])
    alt = StringField(_l("Description for people who cannot see it"), validators=[Length(max=LONGEST_ALT)])
    # Where a browser without JavaScript goes on; only a path of this site counts.
    next = HiddenField()
