"""What the owner's room sends: buttons, a test letter, and the settings with their hints."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Regexp, ValidationError

from inkhorn.accounts.settings import AccountSettings
from inkhorn.comments.settings import LONGEST_WORDS, WRITERS, CommentSettings
from inkhorn.core.errors import Invalid
from inkhorn.core.forms import Form
from inkhorn.core.settings import MenuItem, Section, SiteSettings
from inkhorn.posts.services.addresses import check_permalink
from inkhorn.posts.settings import PostSettings

SWATCHES = {"#26408b": _l("Iron gall"), "#2c6e63": _l("Verdigris"), "#9a2f3a": _l("Madder"), "#3a3833": _l("Lamp black")}
# Nobody types these, and no database keeps all of them.
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
OWN_COLOUR = "own"
MOST_ENTRIES, LONGEST_LABEL, LONGEST_ADDRESS = 20, 60, 500
# Of a list, one entry on each line.


class ButtonForm(Form):
    """A button: nothing but the token."""


class ChosenLettersForm(Form):
    """All letters in one plight."""

    state = HiddenField()


class TestLetterForm(Form):
    """Where a test letter is to go."""

    address = StringField(
        _l("Send a test letter to"),
        [InputRequired(_l("Enter an address like ada@example.org.")), Length(max=254, message=_l("At most 254 characters."))],
    )


class SettingsForm(Form):
    """A section of settings: one field for each of its values, under the names they have there."""

    section: ClassVar[type[Section]]
    # Headings, and the fields under each.
    groups: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]]

    # What the values were when the form was drawn, so that nobody overwrites unseen what somebody else just changed.
    drawn = HiddenField()

    @classmethod
    def showing(cls, now: Section) -> Self:
        """The form with the present values."""
        form = cls(formdata=None, data={**asdict(now), "drawn": digest_of(now)})
        form.show(now)
        return form

    def show(self, now: Section) -> None:
        """Fill what is not a value as it stands."""

    def values(self) -> Section:
        """The section as the form says."""
        return self.section(**{each.name: self.value_of(each.name) for each in fields(self.section)})

    def value_of(self, name: str) -> Any:
        value = self[name].data
        return CONTROLS.sub("", value).strip() if isinstance(value, str) else value

    def wrong_fields(self) -> list[Field]:
        return [field for field in self if field.errors and field.name != "csrf_token"]


def digest_of(section: Section) -> str:
    return sha256(json.dumps(asdict(section), sort_keys=True).encode()).hexdigest()[:32]


class SiteForm(SettingsForm):
    """What the site is called and how it counts."""

    section = SiteSettings
    groups = (
        (_l("General"), ("title", "description", "language", "timezone")),
        (_l("Design"), ("theme", "accent")),
        (_l("Menu"), ("menu",)),
        (_l("Reading"), ("posts_per_page", "feed_items", "hidden_from_search")),
    )

    title = StringField(
        _l("Site title"),
        [DataRequired(_l("Write what the site is called.")), Length(max=150, message=_l("At most 150 characters."))],
        description=_l("In the masthead, the feeds and the browser’s tab."),
    )
    description = StringField(
        _l("One line about it"),
        [Length(max=200, message=_l("At most 200 characters."))],
        description=_l("Shown under the title, in search results and in feeds."),
    )
    language = SelectField(_l("Language"), description=_l("The one that most posts are written in."))
    timezone = SelectField(_l("Time zone"), description=_l("Dates are shown in it, and schedules meant in it."))
    theme = SelectField(_l("Theme"), description=_l("Themes stand in the folder themes/ beside the data."))
    accent = RadioField(
        _l("Accent"),
        choices=[*SWATCHES.items(), (OWN_COLOUR, _l("Another"))],
        description=_l("Made lighter or darker where a page needs it, so that text stays readable."),
    )
    own_accent = StringField(_l("Another colour"), [Regexp(r"#[0-9a-fA-F]{6}$|$", message=_l("Write a colour like #26408b."))])
    menu = TextAreaField(
        _l("Entries"),
        description=_l("One on each line: the label, an equals sign, an address of this site or elsewhere, as in “About = /about/”."),
    )
    posts_per_page = IntegerField(
        _l("Posts on a page"), [InputRequired(_l("Write a number.")), NumberRange(1, 100, message=_l("Choose from 1 to 100."))]
    )
    feed_items = IntegerField(
        _l("Posts in a feed"), [InputRequired(_l("Write a number.")), NumberRange(1, 100, message=_l("Choose from 1 to 100."))]
    )
    hidden_from_search = BooleanField(_l("Ask search engines to stay away"), description=_l("Useful while you are building."))

    def show(self, now: Section) -> None:
        assert isinstance(now, SiteSettings)
        self.menu.data = "\n".join(f"{entry.label} = {entry.address}" for entry in now.menu)
        self.own_accent.data = now.accent
        self.accent.data = now.accent if now.accent in SWATCHES else OWN_COLOUR

    def offer(self, *, languages: Iterable[tuple[str, str]], zones: Iterable[str], themes: Iterable[str]) -> None:
        """Name what can be chosen; what is in use stays among it."""
        for field, choices in (
            (self.language, list(languages)),
            (self.timezone, [(name, name.replace("_", " ")) for name in zones]),
            (self.theme, [(name, name.capitalize()) for name in themes]),
        ):
            known = {value for value, _label in choices}
            field.choices = [*choices, *((value, value) for value in [field.object_data] if value and value not in known)]

    def validate_menu(self, field: TextAreaField) -> None:
        entries_of(field.data or "")

    def value_of(self, name: str) -> Any:
        if name == "menu":
            return entries_of(self.menu.data or "")
        if name == "accent":
            return (self.own_accent.data or "#26408b").lower() if self.accent.data == OWN_COLOUR else self.accent.data
        return super().value_of(name)


class AccountsForm(SettingsForm):
    """How people come in."""

    section = AccountSettings
    groups = (
        (_l("Getting an account"), ("registration", "new_role", "terms_address")),
        (_l("Signing in"), ("links_by_mail",)),
        (_l("Audit log"), ("audit_days",)),
    )

    registration = RadioField(
        _l("Who may register"),
        choices=[("off", _l("Nobody")), ("invitation", _l("Whoever was invited")), ("open", _l("Everybody"))],
    )
    new_role = SelectField(
        _l("Role of whoever registers by themselves"), description=_l("Roles that work at the desk are given by people.")
    )
    terms_address = StringField(
        _l("Address of the terms"),
        [
            Length(max=500, message=_l("At most 500 characters.")),
            Regexp(
                r"\s*(/(?!/)\S*|https?://[^\s/]+\S*)?\s*$",
                message=_l("Write a path of this site like /terms/, or an address like https://example.org/terms."),
            ),
        ],
        description=_l("Must be accepted on registering; empty means there are none."),
    )
    links_by_mail = BooleanField(
        _l("Let members sign in by a link that is sent to them"), description=_l("Those who work here always need more than that.")
    )
    audit_days = IntegerField(
        _l("Days the audit log is kept"),
        [InputRequired(_l("Write a number.")), NumberRange(0, 36_500, message=_l("Choose from 0 to 36,500."))],
        description=_l(
            "Older entries are removed once a day; where the database lets only its owner do that, by inkhorn audit prune. "
            "0 keeps them for ever."
        ),
    )

    def offer(self, *, roles: Iterable[str]) -> None:
        self.new_role.choices = [(name, name.capitalize()) for name in roles]


class PostsForm(SettingsForm):
    """Addresses and excerpts of posts."""

    section = PostSettings
    groups = ((_l("Posts"), ("permalink", "excerpt_words")),)

    permalink = StringField(
        _l("Address of a new post"),
        [InputRequired(_l("Write a pattern like /{slug}/.")), Length(max=200, message=_l("At most 200 characters."))],
        description=_l(
            "Made of {slug}, {year}, {month} and {day}. Posts that are out keep their addresses; pages always stand at /{slug}/."
        ),
    )
    excerpt_words = IntegerField(
        _l("Words of an excerpt"),
        [InputRequired(_l("Write a number.")), NumberRange(5, 500, message=_l("Choose from 5 to 500."))],
        description=_l("Where an author wrote none; drawn out to the end of the sentence."),
    )

    def validate_permalink(self, field: StringField) -> None:
        try:
            check_permalink((field.data or "").strip())
        except Invalid as error:
            raise ValidationError(str(error)) from error


class CommentsForm(SettingsForm):
    """Who comments, and what is looked at before readers see it."""

    section = CommentSettings
    groups = (
        (_l("Who and how long"), ("writers", "close_after_days", "edit_minutes", "are_searched")),
        (_l("Held for a moderator"), ("holds_first", "links_held", "held_words", "refused_words")),
    )

    writers = RadioField(_l("Who may comment"), choices=[(name, _l(words)) for name, words in WRITERS.items()])
    close_after_days = IntegerField(
        _l("Days a post takes comments"),
        [InputRequired(_l("Write a number.")), NumberRange(0, 36_500, message=_l("Choose from 0 to 36,500."))],
        description=_l("Counted from its publication; what was said stays. 0 never closes it. Each post has a switch of its own too."),
    )
    edit_minutes = IntegerField(
        _l("Minutes in which people may edit what they wrote"),
        [InputRequired(_l("Write a number.")), NumberRange(0, 1440, message=_l("Choose from 0 to 1,440."))],
        description=_l("0 for not at all; taking it away is always possible."),
    )
    are_searched = BooleanField(_l("Find posts by their comments"), description=_l("Searches look through what readers see of them."))
    holds_first = BooleanField(
        _l("Hold the first comment of a person"), description=_l("Once one of theirs was approved, the others appear at once.")
    )
    links_held = IntegerField(
        _l("Hold comments with so many links"),
        [InputRequired(_l("Write a number.")), NumberRange(0, 100, message=_l("Choose from 0 to 100."))],
        description=_l("0 holds none for its links."),
    )
    held_words = TextAreaField(
        _l("Words to hold"),
        [Length(max=LONGEST_WORDS, message=_l("At most 10,000 characters."))],
        description=_l(
            "One on each line: a word, several, or a part of an address. They are found in the words, the name and the addresses."
        ),
    )
    refused_words = TextAreaField(
        _l("Words that are spam"),
        [Length(max=LONGEST_WORDS, message=_l("At most 10,000 characters."))],
        description=_l("In the same way; whoever uses one is not told."),
    )

    def value_of(self, name: str) -> Any:
        if name not in ("held_words", "refused_words"):
            return super().value_of(name)
        lines = (CONTROLS.sub("", line).strip() for line in (self[name].data or "").splitlines())
        return "\n".join(dict.fromkeys(line for line in lines if line))


FORMS: dict[str, type[SettingsForm]] = {form.section.section: form for form in (SiteForm, AccountsForm, PostsForm, CommentsForm)}


def entries_of(text: str) -> tuple[MenuItem, ...]:
    """A menu as it is typed, one entry on each line."""
    lines = [line for each in text.splitlines() if (line := CONTROLS.sub("", each).strip())]
    if len(lines) > MOST_ENTRIES:
        raise ValidationError(_l("A menu has at most 20 entries."))
    return tuple(map(_entry, lines))


def _entry(line: str) -> MenuItem:
    label, equals, address = (part.strip() for part in line.partition("="))
    is_ours = address.startswith("/") and not address.startswith("//")
    is_elsewhere = address.startswith(("https://", "http://", "mailto:")) and len(address.split(":", 1)[1].strip("/")) > 0
    if not equals or not label or not (is_ours or is_elsewhere) or not address.isprintable() or " " in address:
        raise ValidationError(_l("“%(line)s” is no entry; write one like “About = /about/”.", line=line[:60]))
    if len(label) > LONGEST_LABEL or len(address) > LONGEST_ADDRESS:
        raise ValidationError(_l("“%(line)s” is too long: 60 characters for the label, 500 for the address.", line=line[:60]))
    return MenuItem(label=label, address=address)
