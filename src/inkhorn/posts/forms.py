"""What the desk's pages about posts send."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from inkhorn.core import clock, settings
from inkhorn.core.desk import local_time as local_time
from inkhorn.core.forms import Form
from inkhorn.core.zones import BadLocalTime, moment_at, zone
from inkhorn.posts.models import Audience, Post, PostKind
from inkhorn.posts.services.writing import PostChanges

KINDS = [(PostKind.POST.value, _l("Post, in lists and feeds")), (PostKind.PAGE.value, _l("Page, on its own"))]

AUDIENCES = [
    (Audience.PUBLIC.value, _l("Everybody")),
    (Audience.MEMBERS.value, _l("Members")),
    (Audience.PRIVATE.value, _l("Its authors and the editors")),
]


class MoveForm(Form):
    """A button: nothing but the token."""

    next = HiddenField()


class MovePostsForm(Form):
    """What to do with the chosen posts."""

    move = StringField(validators=[InputRequired()])
    chosen = SelectMultipleField(coerce=int, validate_choice=False)


class ReleaseForm(MoveForm):
    """When readers may see it; empty means now."""

    release_on = DateField(_l("Date"), [Optional()])
    release_at = TimeField(_l("Time"), [Optional()])

    def moment(self) -> datetime | None:
        """The chosen minute in the site's zone, as UTC; None for now."""
        return local_moment(self.release_on.data, self.release_at.data)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            self.moment()
        except BadLocalTime as error:
            self.release_at.errors = [str(error)]
            return False
        return True


class TextForm(Form):
    """Title and text alone, for the preview."""

    title = StringField(_l("Title"))
    body = TextAreaField(_l("Text"))


class PostForm(ReleaseForm):
    """Everything the editor, its drawer and its publish panel hold."""

    # "publish" where the button pressed was that of the panel.
    then = HiddenField()

    # The number of the copy that the browser keeps until it hears that the site has it.
    copy = HiddenField()
    revision = IntegerField(validators=[Optional(), NumberRange(0, 2**31 - 1)])
    title = StringField(_l("Title"), [Length(max=255, message=_l("A title has at most 255 characters."))])
    body = TextAreaField(_l("Text"))
    slug = StringField(_l("Address"), [Length(max=160, message=_l("An address has at most 160 characters."))])
    tags = StringField(_l("Tags"), [Length(max=4000)])
    author_ids = SelectMultipleField(_l("Authors"), coerce=int)
    excerpt = TextAreaField(_l("Excerpt"), [Length(max=300, message=_l("An excerpt has at most 300 characters."))])
    cover = FileField(_l("Upload a picture"))
    # The number of a picture that came with a save which could not be kept.
    cover_id = IntegerField(validators=[Optional(), NumberRange(1, 2**31 - 1)])
    cover_url = StringField(_l("or give its address"), [Length(max=2000)])
    cover_alt = StringField(_l("What the picture shows"), [Length(max=500)])
    cover_caption = StringField(_l("Caption"), [Length(max=500)])
    has_no_cover = BooleanField(_l("Remove the cover"))
    series = StringField(_l("Series"), [Length(max=255)])
    is_featured = BooleanField(_l("Feature this post"))
    takes_comments = BooleanField(_l("Readers may comment"), default=True)
    # A form that leaves it out, as the conflict page does, leaves it as it is.
    kind = SelectField(_l("Kind"), choices=KINDS, validate_choice=False)
    audience = SelectField(_l("Who may read it"), choices=AUDIENCES, validate_choice=False)
    language = StringField(_l("Language"), [Length(max=35)])
    published_on = DateField(_l("Published on"), [Optional()])
    published_at = TimeField(_l("at"), [Optional()])
    canonical_url = StringField(_l("First published at"), [Length(max=2000)])
    meta_title = StringField(_l("Title for search engines"), [Length(max=300)])
    meta_description = TextAreaField(_l("Description for search engines"), [Length(max=500)])

    def validate_kind(self, field: SelectField) -> None:
        if field.raw_data and field.data not in set(PostKind):
            raise ValidationError(_("Choose whether this is a post or a page."))

    def validate_audience(self, field: SelectField) -> None:
        if field.raw_data and field.data not in set(Audience):
            raise ValidationError(_("Choose who may read this: everybody, members or its authors and the editors."))

    @classmethod
    def showing(cls, post: Post) -> "PostForm":
        """The form with a post's present values."""
        shown = local_time(post.published_at)
        form = cls(formdata=None, obj=post)
        form.tags.data = ", ".join(tag.name for tag in post.tags)
        form.author_ids.data = [line.user_id for line in post.bylines]
        form.series.data = post.series.title if post.series else ""
        form.kind.data = post.kind.value
        form.audience.data = post.audience.value
        form.published_on.data = shown.date() if shown else None
        form.published_at.data = shown.time() if shown else None
        return form

    def changes(self, *, cover_id: int | None = None) -> PostChanges:
        """What the form says, as one save; fields that were not sent stay as they are."""
        sent: dict[str, Any] = {name: self[name].data for name in ("title", "body", "slug", "excerpt", "series") if self[name].raw_data}
        for name in ("cover_url", "cover_alt", "cover_caption", "canonical_url", "meta_title", "meta_description", "language"):
            if self[name].raw_data:
                text = (self[name].data or "").strip()
                sent[name] = text or ("" if name in ("cover_alt", "cover_caption") else None)
        if self.tags.raw_data:
            sent["tags"] = [name.strip() for name in self.tags.data.split(",") if name.strip()]
        if self.author_ids.raw_data:
            sent["author_ids"] = self.author_ids.data
        if self.kind.raw_data:
            sent["kind"] = PostKind(self.kind.data)
            sent["is_featured"] = self.is_featured.data
            sent["takes_comments"] = self.takes_comments.data
        if self.audience.raw_data:
            sent["audience"] = Audience(self.audience.data)
        cover_id = cover_id or (self.cover_id.data if self.cover_id.raw_data else None)
        if cover_id is not None or self.has_no_cover.data:
            sent["cover_id"] = cover_id
        if self.has_no_cover.data:
            sent["cover_url"] = None
        if (moment := local_moment(self.published_on.data, self.published_at.data)) is not None:
            sent["published_at"] = moment
        return PostChanges(**sent)

    def offer_authors(self, people: list[Any]) -> None:
        self.author_ids.choices = [(person.id, person.name) for person in people]


def local_moment(day: date | None, hour: time | None) -> datetime | None:
    """A date and time typed in the site's zone, as UTC; None where no date was given, midnight where no time was."""
    if day is None:
        return None
    return moment_at(day, hour or time(0, 0), settings.read(settings.SiteSettings).timezone)


def zone_hint() -> str:
    """The site's zone and what time it is there now."""
    name = settings.read(settings.SiteSettings).timezone
    return str(_("%(zone)s time; it is %(now)s there now.", zone=name.replace("_", " "), now=f"{clock.now().astimezone(zone(name)):%H:%M}"))
