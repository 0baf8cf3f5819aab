"""The demo as a source like any other: Markdown files with a few words of front matter, and pictures drawn on the spot."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inkhorn.core import clock, settings
from inkhorn.core.access import House
from inkhorn.core.settings import MenuItem, SiteSettings
from inkhorn.transfer.demo.pictures import PICTURES, draw
from inkhorn.transfer.manuscript import ForeignAuthor, ForeignFile, ForeignSite, ForeignTag, Manuscript, Record, Source

TEXTS = Path(__file__).with_name("posts")
TITLE, LINE = "Low Water", "A small magazine of tides, tools and attention"
AUTHORS = (
    ForeignAuthor(
        "maren", "Maren Holloway", bio="Writes about instruments and the people who keep them oiled. Lives above a chandler’s in Skerrow."
    ),
    ForeignAuthor("tobias", "Tobias Achterberg", bio="Was a cutler for eleven years and still has all his fingers. Edits the tools pages."),
    ForeignAuthor("wren", "Wren Adeyemi", bio="Draws for the magazine and listens for it: harbours, kitchens, the hour before the ferry."),
    ForeignAuthor(
        "ida", "Ida Castellane", bio="Marine chemist on Mondays. The rest of the week she explains salt to people who did not ask."
    ),
    ForeignAuthor("nour", "Nour Haddad", bio="Translates weather reports and recipes, and sometimes one into the other."),
)


class DemoSource:
    """Low Water, whole."""

    name = "demo:low-water"
    dialect = "demo"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def count(self) -> int:
        return len(list(TEXTS.glob("*.md")))

    def records(self) -> Iterator[Record]:
        draw(self._folder)
        yield ForeignSite(title=TITLE, description=LINE, language="en-GB")
        yield from AUTHORS
        for path in sorted(TEXTS.glob("*.md")):
            yield self._manuscript(path)

    def _manuscript(self, path: Path) -> Manuscript:
        head, body = path.read_text(encoding="utf-8").split("\n---\n", 1)
        facts = dict(line.split(": ", 1) for line in head.splitlines())
        slug = path.stem.split("-", 1)[1]
        cover = facts.get("cover")
        used = [name for name in PICTURES if f"({name}.png" in body or name == cover]
        return Manuscript(
            key=path.name,
            kind="page" if facts.get("kind") == "page" else "post",
            status="draft" if facts.get("status") == "draft" else "scheduled" if facts.get("status") == "scheduled" else "published",
            title=facts["title"],
            slug=slug,
            body=body.strip() + "\n",
            excerpt=facts.get("excerpt", ""),
            published_at=_moment(facts.get("date")),
            language=facts.get("language"),
            author_keys=facts["authors"].split(", "),
            tags=[ForeignTag(name) for name in facts.get("tags", "").split(", ") if name],
            series=facts.get("series"),
            is_featured=facts.get("featured") == "yes",
            cover=f"{cover}.png" if cover else None,
            cover_alt=PICTURES[cover].alt if cover else "",
            files=[self._file(name) for name in used],
        )

    def _file(self, name: str) -> ForeignFile:
        picture = PICTURES[name]
        return ForeignFile((f"{name}.png",), key=f"{name}.png", path=self._folder / f"{name}.png", filename=f"{name}.png", alt=picture.alt)


def offer_menu() -> None:
    """Give the site the demo's menu and zone, where nobody has chosen others."""
    tuned = settings.read(SiteSettings)
    if not tuned.menu:
        menu = (
            MenuItem("Essays", "/tag/essays/"),
            MenuItem("Tides", "/tag/tides/"),
            MenuItem("Archive", "/archive/"),
            MenuItem("About", "/about/"),
        )
        settings.tune(SiteSettings, by=House(), menu=menu)


def demo_source(folder: Path) -> Source:
    """The demo, its pictures drawn into the folder as they are wanted."""
    return DemoSource(folder)


def _moment(day: str | None) -> datetime | None:
    if day is None:
        return None
    # "in a week" keeps one post ahead of whoever tries it.
    if day == "in a week":
        return clock.now().replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=7)
    return datetime.fromisoformat(day).replace(hour=7, tzinfo=UTC)
