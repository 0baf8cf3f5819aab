"""What people fill in who comment, edit or report."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from inkhorn.comments.models import LONGEST_BODY, LONGEST_EMAIL, LONGEST_NAME, LONGEST_REASON

# Room for line ends, which browsers send as two characters; the verbs count what is kept.
LONGEST_SENT = 2 * LONGEST_BODY


def words_field() -> TextAreaField:
    """The words of a comment, whoever writes them or puts them right."""
    return TextAreaField(
        _l("Comment"), [InputRequired(_l("Write something first.")), Length(max=LONGEST_SENT, message=_l("That is too long."))]
    )


class WordsForm(Form):
    """The words of a comment."""

    body = words_field()


class CommentForm(WordsForm):
    """The words, and of a guest the name and the address; guarded by a token or by where it comes from."""

    name = StringField(_l("Name"), [Length(max=LONGEST_NAME, message=_l("At most 150 characters."))])
    email = StringField(_l("E-mail, never shown"), [Length(max=LONGEST_EMAIL, message=_l("At most 254 characters."))])
    wants_replies = BooleanField(_l("E-mail me when someone replies"))
    parent = HiddenField()
    key = HiddenField()

    @property
    def parent_id(self) -> int | None:
        """The comment that is answered; what is no number answers one that is not there."""
        told = (self.parent.data or "").strip()
        return (int(told) if told.isascii() and told.isdigit() and len(told) < 11 else 0) if told else None


class ReportForm(Form):
    """Why a moderator should look."""

    reason = StringField(_l("What is wrong with it?"), [Length(max=LONGEST_REASON, message=_l("At most 300 characters."))])


class AnswerForm(Form):
    """What a moderator answers while approving, where anything."""

    answer = TextAreaField(_l("Your answer, if you like"), [Length(max=LONGEST_SENT, message=_l("That is too long."))])
