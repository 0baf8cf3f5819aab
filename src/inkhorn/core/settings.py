"""What an administrator tunes while the site runs: sections of typed values in one table."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import Base, hold_name, insert_into, session
from inkhorn.core.events import settings_changed


class Setting(Base):
    """One tuned value; what is absent has its default."""

    __tablename__ = "setting"

    section: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


@dataclass(frozen=True, kw_only=True)
class Section:
    """Base of a room's settings: a frozen dataclass whose fields all have defaults."""

    section: ClassVar[str]


SectionT = TypeVar("SectionT", bound=Section)


@dataclass(frozen=True)
class MenuItem:
    """One entry of the site's menu."""

    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SiteSettings(Section):
    """What the site is called and how it counts; drawn on every page."""

    section: ClassVar[str] = "site"

    # The name in the masthead, the feeds and the browser's tab; 150 characters.
    title: str = "A new publication"
    # One line under the name; 200 characters.
    description: str = ""
    # BCP 47 tag of the language that most posts are written in.
    language: str = "en"
    # Name of an IANA time zone; dates are shown in it and schedules meant in it.
    timezone: str = "UTC"
    # Accent colour as #rrggbb; its contrast is corrected where it is drawn.
    accent: str = "#26408b"
    # The main menu: labels with addresses on this site or elsewhere.
    menu: tuple[MenuItem, ...] = ()
    # Folder name of the theme in use.
    theme: str = "quill"
    # Posts on a page of a list.
    posts_per_page: int = 12
    # Items in a feed.
    feed_items: int = 20
    # Whether search engines are asked to stay away.
    hidden_from_search: bool = False


def read(section: type[SectionT]) -> SectionT:
    """The section's values as they are now; one query reads all sections for the session's life, and each is made once."""
    stored, made = _stored()
    if section not in made:
        known = {field.name for field in fields(section)}
        values = {key: value for key, value in stored.get(section.section, {}).items() if key in known}
        if isinstance(values.get("menu"), list):
            values["menu"] = tuple(MenuItem(**item) for item in values["menu"])
        made[section] = section(**values)
    found: SectionT = made[section]
    return found


def hold(section: type[SectionT]) -> SectionT:
    """The section's values, which nobody else changes until the caller has committed."""
    # What was never tuned has no row that could be locked.
    hold_name(f"settings:{section.section}")
    session().info.pop("settings", None)
    return read(section)


def write(section: Section, *, by: Actor) -> None:
    """Keep every value of the section, note who changed what from what, and say so to whoever listens."""
    before = hold(type(section))
    was, told = asdict(before), asdict(section)
    changed = sorted(key for key in told if told[key] != was[key])
    for key in changed:
        row = insert_into(Setting).values(section=section.section, key=key, value=told[key], updated_at=clock.now())
        latest = {"value": row.excluded.value, "updated_at": row.excluded.updated_at}
        session().execute(row.on_conflict_do_update(index_elements=[Setting.section, Setting.key], set_=latest))
    session().flush()
    session().info.pop("settings", None)
    if changed:
        values = {"before": {key: was[key] for key in changed}, "after": {key: told[key] for key in changed}}
        audit.record(by, "settings.changed", None, section=section.section, **values)
        settings_changed.send(section, before=before)


def tune(section: type[SectionT], *, by: Actor, **changes: Any) -> SectionT:
    """Change the named values of a section and keep the rest."""
    tuned = replace(hold(section), **changes)
    write(tuned, by=by)
    return tuned


_EVERYTHING = select(*Setting.__table__.c["section", "key", "value"])


def _stored() -> tuple[dict[str, dict[str, Any]], dict[type, Any]]:
    """What the database keeps, and what was made of it so far."""
    cached: tuple[dict[str, dict[str, Any]], dict[type, Any]] | None = session().info.get("settings")
    if cached is None:
        cached = ({}, {})
        # Every page asks for these: plain rows by a statement built once, a third of what objects cost.
        for section, key, value in session().connection().execute(_EVERYTHING).all():
            cached[0].setdefault(section, {})[key] = value
        session().info["settings"] = cached
    return cached
