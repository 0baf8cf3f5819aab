"""What people fill in who accept an invitation, and who send one."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Form, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from inkhorn.accounts.models import Role
from inkhorn.accounts.passwords import MOST
from inkhorn.accounts.services.invitations.inviting import LONGEST_MESSAGE, MOST_AT_ONCE
from inkhorn.accounts.services.invitations.lists import Line, as_list, read_list, text_of
from inkhorn.core import forms
from inkhorn.core.errors import Invalid

# Of five hundred lines; far more than any list of addresses needs.
LARGEST_FILE = 512 * 1024


class AcceptInvitationForm(Form):
    """Name and password, and the terms where there are any; of a visitor, so guarded by the request's origin."""

    name = StringField(
        _l("Your name"),
        [InputRequired(_l("Write your name as others should see it.")), Length(max=150, message=_l("At most 150 characters."))],
    )
    email = StringField(_l("E-mail address"))
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Choose a password.")), Length(max=MOST, message=_l("At most 128 characters."))]
    )
    terms = BooleanField(_l("I accept the terms"))


class _Asking(forms.Form):
    role = SelectField(_l("Role"), [InputRequired(_l("Choose a role."))])
    message = TextAreaField(
        _l("A word from you"), [Length(max=LONGEST_MESSAGE, message=_l("At most %(number)s characters.", number=LONGEST_MESSAGE))]
    )

    def offer_roles(self, roles: Iterable[Role]) -> None:
        self.role.choices = [(role.name, role.name.capitalize()) for role in roles]


class InvitePeopleForm(_Asking):
    """One address, many, or a file of them; the role and a word for all."""

    emails = TextAreaField(_l("E-mail addresses"), [Length(max=100_000, message=_l("That is too long; choose a file instead."))])
    file = FileField(_l("Or a CSV file"))

    def lines(self) -> list[Line]:
        """Whom the form names; Invalid where it names nobody or its file is no list."""
        # No address holds it, and PostgreSQL would not even look for it.
        typed = (self.emails.data or "").replace("\x00", "")
        found = self._lines_of_file()
        if typed.strip() or not found:
            found += read_list(typed, most=MOST_AT_ONCE - len(found))
        if not found:
            raise Invalid(_("Write at least one address, or choose a file."), field="emails")
        return found

    def all_in_words(self) -> str:
        """What was typed and, behind it, what the file says: its headings count for all that follows them."""
        return f"{self.emails.data or ''}\n{as_list(self._lines_of_file())}"

    def _lines_of_file(self) -> list[Line]:
        """Whom the file names, none without one; Invalid where it is no list."""
        if not self.file.data:
            return []
        content = self.file.data.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise Invalid(_("This file is too large; half a megabyte is the most."), field="file")
        return read_list(text_of(content), most=MOST_AT_ONCE)


class InviteAuthorForm(_Asking):
    """The address of somebody who is to take over an imported author."""

    email = StringField(
        _l("E-mail address"),
        [InputRequired(_l("Enter an address like ada@example.org.")), Length(max=254, message=_l("At most 254 characters."))],
    )

    def offered(self) -> dict[str, Any]:
        return {"email": self.email.data or "", "role": self.role.data, "message": self.message.data or ""}
