"""What people say of themselves, and what is to become of their account."""

from collections.abc import Callable
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from inkhorn.accounts.models import User
from inkhorn.accounts.services import profiles
from inkhorn.accounts.services.people import LONGEST_NAME, tidy_name
from inkhorn.accounts.services.profiles import ProfileChanges
from inkhorn.accounts.settings import LANGUAGES, NOTICE_WORDS, NOTICES, is_wanted
from inkhorn.core import settings
from inkhorn.core.errors import Invalid
from inkhorn.core.forms import Form
from inkhorn.core.zones import zone_names

# Of all that is typed into a field, what is looked at; the verbs then say how much of it fits.
MOST_TYPED = 5_000


def fits(tidy: Callable[[Any], Any]) -> Callable[[Form, Field], None]:
    """A field holds what the verb below would keep; its own sentence otherwise."""

    def check(_form: Form, field: Field) -> None:
        try:
            tidy(field.data or "")
        except Invalid as error:
            raise ValidationError(str(error)) from error

    return check


class ProfileForm(Form):
    """What somebody says of themselves, all of it on one page."""

    name = StringField(_l("Name"), [InputRequired(_l("Write a name.")), Length(max=LONGEST_NAME), fits(tidy_name)])
    username = StringField(_l("Username"), [InputRequired(_l("Write a username.")), Length(max=MOST_TYPED)])
    bio = TextAreaField(_l("About you"), [Length(max=MOST_TYPED), fits(profiles.tidy_bio)])
    website = StringField(_l("Website"), [Length(max=MOST_TYPED), fits(profiles.tidy_website)])
    links = TextAreaField(
        _l("Other places that are yours"), [Length(max=MOST_TYPED), fits(lambda text: profiles.tidy_links(text.splitlines()))]
    )
    language = SelectField(_l("Language"), validate_choice=False)
    timezone = SelectField(_l("Time zone"), [fits(profiles.tidy_zone)], validate_choice=False)
    notices = SelectMultipleField(_l("Letters"), validate_choice=False)

    user: User

    @classmethod
    def of(cls, user: User, *, is_sent: bool = False) -> "ProfileForm":
        """The form with what the user said before or, once it is sent, with what came."""
        form = cls(
            **({} if is_sent else {"formdata": None}),
            name=user.name,
            username=user.username,
            bio=user.bio,
            website=user.website or "",
            links="\n".join(user.links),
            language=user.language or "",
            timezone=user.timezone or "",
            notices=[notice for notice in offered_notices(user) if is_wanted(user.notices, notice)],
        )
        form.user = user
        site = settings.read(settings.SiteSettings)
        form.timezone.choices = [
            ("", _("As the site: %(zone)s", zone=site.timezone.replace("_", " "))),
            *((name, name.replace("_", " ")) for name in zone_names()),
        ]
        if form.timezone.data and form.timezone.data not in zone_names():
            # What was typed and is no zone stays to be mended.
            form.timezone.choices.append((form.timezone.data, form.timezone.data))
        tags = dict.fromkeys((*LANGUAGES, *([user.language] if user.language else ())))
        form.language.choices = [("", _("As the site")), *((tag, LANGUAGES.get(tag) or _name_of(tag)) for tag in tags)]
        form.notices.choices = [(notice, _(NOTICES[notice])) for notice in offered_notices(user)]
        return form

    def validate_username(self, field: Field) -> None:
        if self.has_new_username:
            fits(profiles.tidy_username)(self, field)

    def validate_language(self, field: Field) -> None:
        if (field.data or "") != (self.user.language or ""):
            fits(profiles.tidy_language)(self, field)

    @property
    def has_new_username(self) -> bool:
        return bool(self.username.data != self.user.username)

    def changes(self) -> ProfileChanges:
        return ProfileChanges(
            name=self.name.data or "",
            bio=self.bio.data or "",
            website=self.website.data or "",
            links=(self.links.data or "").splitlines(),
            language=self.language.data or "",
            timezone=self.timezone.data or "",
            notices={notice: notice in (self.notices.data or ()) for notice in offered_notices(self.user)},
        )


class CloseAccountForm(Form):
    """What is to become of what somebody wrote."""

    becomes = RadioField(
        _l("What becomes of it?"),
        choices=[("heir", _l("Hand it to a colleague")), ("nothing", _l("Remove it for good"))],
        default="heir",
        validate_choice=False,
    )
    heir_id = SelectField(_l("Colleague"), coerce=lambda value: _number_of(str(value)), validate_choice=False)


class FollowForm(Form):
    """A button on an author's page, and where to go on."""

    next = HiddenField()


def offered_notices(user: User) -> list[str]:
    """The letters that this person could get at all."""
    return [notice for notice in NOTICES if notice not in NOTICE_WORDS or user.holds(NOTICE_WORDS[notice])]


def _number_of(typed: str) -> int:
    """The number of somebody; 0, which nobody has, for whatever is none."""
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _name_of(tag: str) -> str:
    try:
        return str(Locale.parse(tag, sep="-").get_display_name() or tag)
    except (ValueError, UnknownLocaleError):
        return tag
