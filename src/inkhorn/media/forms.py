"""What people send when they upload, and say of what they uploaded."""

from typing import Self

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from inkhorn.core.forms import Form
from inkhorn.media.models import Asset
from inkhorn.media.services.keeping import LONGEST_ALT, LONGEST_CAPTION
from inkhorn.media.services.receiving import LONGEST_FILENAME


class StoreAssetForm(Form):
    """One file and what it shows."""

    file = FileField(_l("File"), validators=[FileRequired(_l("Choose a file to upload."))])
    alt = StringField(_l("Description for people who cannot see it"), validators=[Length(max=LONGEST_ALT)])
    # Where a browser without JavaScript goes on; only a path of this site counts.
    next = HiddenField()


class DescribeAssetForm(Form):
    """What is said of an upload."""

    filename = StringField(_l("Name"), validators=[InputRequired(_l("Give the file a name.")), Length(max=LONGEST_FILENAME)])
    alt = TextAreaField(_l("Description"), validators=[Length(max=LONGEST_ALT)])
    caption = TextAreaField(_l("Caption"), validators=[Length(max=LONGEST_CAPTION)])
    tags = StringField(_l("Tags"), validators=[Length(max=2000)])
    # Hundredths of width and height, as people set them; kept in thousandths.
    focus_across = IntegerField(_l("Focus across"), validators=[Optional(), NumberRange(0, 100)])
    focus_down = IntegerField(_l("Focus down"), validators=[Optional(), NumberRange(0, 100)])
    is_for_members = BooleanField(_l("For members only"))

    @classmethod
    def showing(cls, asset: Asset) -> Self:
        return cls(
            formdata=None,
            filename=asset.filename,
            alt=asset.alt,
            caption=asset.caption,
            tags=", ".join(each.name for each in asset.tags),
            focus_across=round(asset.focal_x / 10),
            focus_down=round(asset.focal_y / 10),
            is_for_members=asset.is_for_members,
        )

    @property
    def focus(self) -> tuple[int, int] | None:
        across, down = self.focus_across.data, self.focus_down.data
        return None if across is None or down is None else (across * 10, down * 10)


class ReplaceAssetForm(Form):
    """The file that is to stand in another's place."""

    file = FileField(_l("File"), validators=[FileRequired(_l("Choose a file first."))])


class FetchAssetForm(Form):
    """Where a file stands that is to be taken in."""

    address = StringField(_l("Address"), validators=[InputRequired(_l("Enter the address of a file.")), Length(max=2000)])


class BeginUploadForm(Form):
    """A large file that is to come in parts."""

    filename = StringField(_l("Name"), validators=[InputRequired(_l("Give the file a name.")), Length(max=1000)])
    size = IntegerField(_l("Size in bytes"), validators=[InputRequired(_l("Say how large the file is.")), NumberRange(0, 2**53)])
    sha256 = StringField(validators=[Length(max=64)])


class MoveAssetsForm(Form):
    """Uploads chosen in the library, and what is to be done with them."""

    move = StringField()
    chosen = SelectMultipleField(coerce=int, validate_choice=False)


# What is kept of a picture that is not square: where its middle is, in thousandths of width and height.
FOCUSES = {"middle": (500, 500), "top": (500, 0), "bottom": (500, 1000), "left": (0, 500), "right": (1000, 500)}


class AvatarForm(Form):
    """The picture that is to stand for whoever sends it."""

    file = FileField(_l("Picture"), validators=[FileRequired(_l("Choose a picture first."))])
    focus = SelectField(
        _l("If it is not square, keep"),
        choices=[
            ("middle", _l("The middle")),
            ("top", _l("The top")),
            ("bottom", _l("The bottom")),
            ("left", _l("The left")),
            ("right", _l("The right")),
        ],
        default="middle",
    )
