"""Settings: kept, noted, told to whoever listens, and tuned by several at once."""

import threading
from pathlib import Path

from inkhorn.app import create_app
from inkhorn.core import audit, settings
from inkhorn.core.access import House
from inkhorn.core.audit import Wanted
from inkhorn.core.database import Base, db, session, transaction
from inkhorn.core.events import settings_changed
from inkhorn.core.settings import MenuItem, SiteSettings
from tests.conftest import config_for
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures


def test_two_may_tune_the_same_at_once(postgres_url: str, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    app = create_app(config_for(tmp_path, database_url=postgres_url))
    is_written, may_end = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def tune(title: str, *, waits: bool) -> None:
        try:
            with app.app_context(), transaction():
                settings.tune(SiteSettings, by=House(), title=title)
                is_written.set()
                assert not waits or may_end.wait(120)
        except BaseException as error:
            failed.append(error)

    with app.app_context():
        Base.metadata.create_all(db.engine)
        first = threading.Thread(target=tune, args=("First",), kwargs={"waits": True})
        second = threading.Thread(target=tune, args=("Second",), kwargs={"waits": False})
        first.start()
        assert is_written.wait(120)
        second.start()
        # It waits for the row of the first by now.
        second.join(0.3)
        may_end.set()
        first.join(120)
        second.join(120)
        assert (failed, settings.read(SiteSettings).title) == ([], "Second")
        db.engine.dispose()


def test_what_was_changed_is_noted_with_before_and_after_and_told(database: None) -> None:
    heard: list[tuple[str, str]] = []
    with settings_changed.connected_to(lambda now, before: heard.append((before.title, now.title))), transaction():
        settings.tune(SiteSettings, by=House(), title="Ebbe", posts_per_page=12)
    (entry,) = session().scalars(audit.entries(Wanted(action="settings.changed")))
    assert entry.details == {"section": "site", "before": {"title": "A new publication"}, "after": {"title": "Ebbe"}}
    assert heard == [("A new publication", "Ebbe")]


def test_what_was_not_changed_is_neither_noted_nor_told(database: None) -> None:
    heard: list[object] = []
    with settings_changed.connected_to(lambda now, before: heard.append(now)), transaction():
        settings.write(SiteSettings(), by=House())
    assert (session().scalars(audit.entries(Wanted(action="settings.changed"))).all(), heard) == ([], [])


def test_a_menu_is_kept_and_read_again(database: None) -> None:
    menu = (MenuItem("About", "/about/"), MenuItem("Elsewhere", "https://example.org/"))
    with transaction():
        settings.tune(SiteSettings, by=House(), menu=menu)
    assert settings.read(SiteSettings).menu == menu
