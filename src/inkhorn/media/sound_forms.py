"""What people send when they make albums, shows and episodes."""

from datetime import datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
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
from wtforms.validators import Length, NumberRange, Optional

from inkhorn.core import settings
from inkhorn.core.desk import local_time
from inkhorn.core.forms import Form
from inkhorn.core.zones import moment_at
from inkhorn.media.models import Album, Episode, EpisodeKind, Listeners, Show
from inkhorn.media.services.sound.albums import AlbumChanges
from inkhorn.media.services.sound.episodes import HIGHEST_NUMBER, EpisodeChanges
from inkhorn.media.services.sound.settling import LONGEST_ABOUT, LONGEST_TITLE
from inkhorn.media.services.sound.shows import CATEGORIES, ShowChanges

LISTENERS = [(Listeners.PUBLIC.value, _l("Everybody")), (Listeners.MEMBERS.value, _l("Members"))]


class BeginForm(Form):
    """What is needed to begin an album or a show."""

    title = StringField(_l("Title"), [Length(max=LONGEST_TITLE)])


class TracksForm(Form):
    """Sounds, several at once: sent with it, or chosen from the library by their numbers."""

    file = MultipleFileField(_l("Files"))
    asset_id = SelectMultipleField(_l("From the library"), coerce=int, validate_choice=False)
    # Said where the answer to an earlier try may have been lost: what stands there already is not added a second time.
    once = HiddenField()


class _SoundForm(Form):
    """What albums, shows and episodes share."""

    # "publish" or "unpublish" where one of those buttons was pressed.
    then = HiddenField()
    title = StringField(_l("Title"), [Length(max=LONGEST_TITLE)])
    about = TextAreaField(_l("About"), [Length(max=LONGEST_ABOUT)])
    slug = StringField(_l("Address"), [Length(max=160)])
    audience = SelectField(_l("Who may hear it"), choices=LISTENERS)

    def said(self, *names: str) -> dict[str, Any]:
        """What was typed, by those fields and the shared ones; fields that were not sent stay as they are."""
        sent = {name: self[name].data or "" for name in ("title", "about", "slug", *names) if self[name].raw_data}
        # The browser sends every field, and an address that was emptied stays what it is.
        if not sent.get("slug", "x").strip():
            del sent["slug"]
        return sent | {"audience": Listeners(self.audience.data)}


class AlbumForm(_SoundForm):
    """Everything that an album's page at the desk holds but its songs."""

    artist = StringField(_l("Artist"), [Length(max=LONGEST_TITLE)])
    released_on = DateField(_l("Released"), [Optional()])
    cover = FileField(_l("Cover"))
    has_no_cover = BooleanField(_l("Remove the cover"))

    @classmethod
    def showing(cls, album: Album) -> "AlbumForm":
        return cls(formdata=None, obj=album, audience=album.audience.value, cover=None)

    def changes(self, cover_id: int | None) -> AlbumChanges:
        return AlbumChanges(**self.said("artist"), released_on=self.released_on.data or "", cover_id=cover_id)


class ShowForm(_SoundForm):
    """Everything that a show's page at the desk holds but its episodes."""

    author = StringField(_l("Author"), [Length(max=LONGEST_TITLE)])
    language = StringField(_l("Language"), [Length(max=35)])
    category = SelectField(_l("Category"), choices=[("", _l("None")), *((each, each) for each in CATEGORIES)])
    owner_email = StringField(_l("Where directories write to"), [Length(max=254)])
    is_explicit = BooleanField(_l("Not for children"))
    cover = FileField(_l("Cover"))
    has_no_cover = BooleanField(_l("Remove the cover"))

    @classmethod
    def showing(cls, show: Show) -> "ShowForm":
        return cls(formdata=None, obj=show, audience=show.audience.value, cover=None)

    def changes(self, cover_id: int | None) -> ShowChanges:
        said = self.said("author", "language", "owner_email")
        return ShowChanges(**said, category=self.category.data or "", is_explicit=self.is_explicit.data, cover_id=cover_id)


class EpisodeForm(_SoundForm):
    """Everything that an episode's page at the desk holds."""

    kind = SelectField(
        _l("Kind"),
        choices=[
            (EpisodeKind.FULL.value, _l("Episode")),
            (EpisodeKind.TRAILER.value, _l("Trailer")),
            (EpisodeKind.BONUS.value, _l("Bonus")),
        ],
    )
    season = IntegerField(_l("Season"), [Optional(), NumberRange(0, HIGHEST_NUMBER)])
    number = IntegerField(_l("Number"), [Optional(), NumberRange(0, HIGHEST_NUMBER)])
    is_explicit = BooleanField(_l("Not for children"))
    published_on = DateField(_l("Published on"), [Optional()])
    published_at = TimeField(_l("at"), [Optional()])

    @classmethod
    def showing(cls, episode: Episode) -> "EpisodeForm":
        form = cls(formdata=None, obj=episode, audience=episode.audience.value, kind=episode.kind.value)
        shown = local_time(episode.published_at)
        form.published_on.data, form.published_at.data = (shown.date(), shown.time()) if shown else (None, None)
        return form

    def changes(self) -> EpisodeChanges:
        return EpisodeChanges(
            **self.said(),
            kind=EpisodeKind(self.kind.data),
            season=self.season.data or 0,
            number=self.number.data or 0,
            is_explicit=self.is_explicit.data,
            published_at=self.moment(),
        )

    def moment(self) -> datetime | None:
        """The chosen minute in the site's zone, as UTC; None where no date was given."""
        if self.published_on.data is None:
            return None
        return moment_at(self.published_on.data, self.published_at.data or time(0, 0), settings.read(settings.SiteSettings).timezone)
