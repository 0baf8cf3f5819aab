"""Settings that several people tune at once."""

import threading
from pathlib import Path

from inkhorn.app import create_app
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import Base, db, transaction
from inkhorn.core.settings import SiteSettings
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
                assert not waits or may_end.wait(10)
        except BaseException as error:
            failed.append(error)

    with app.app_context():
        Base.metadata.create_all(db.engine)
        first = threading.Thread(target=tune, args=("First",), kwargs={"waits": True})
        second = threading.Thread(target=tune, args=("Second",), kwargs={"waits": False})
        first.start()
        assert is_written.wait(10)
        second.start()
        # It waits for the row of the first by now.
        second.join(0.3)
        may_end.set()
        first.join(10)
        second.join(10)
        assert (failed, settings.read(SiteSettings).title) == ([], "Second")
        db.engine.dispose()
