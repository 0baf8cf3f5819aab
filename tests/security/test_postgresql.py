"""PostgreSQL refuses other things than SQLite does (NUL, numbers too large); its refusals are as calm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, transaction
from tests.cast import Cast
from tests.conftest import config_for
from tests.security.site import Site, build_site
from tests.security.test_bad_input import EVIL, ask_evil, is_calm, send_evil
from tests.security.test_strange_requests import PATHS
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.stamps import stamp

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
# What the two databases see differently.
TELLING = ("nul", "huge number", "early date")


@pytest.fixture
def elsewhere(postgres_url: str, tmp_path: Path) -> Iterator[Site]:  # noqa: F811 - the fixture
    app = create_app(config_for(tmp_path, database_url=postgres_url))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        stamp()
        yield build_site(app, Cast())
        db.session.rollback()
        db.session.close()
        db.engine.dispose()


def test_evil_in_every_field_and_question(elsewhere: Site):
    for name in TELLING:
        for who in ("ada", "vic"):
            send_evil(elsewhere, who, EVIL[name])
            ask_evil(elsewhere, who, EVIL[name])


def test_strange_addresses(elsewhere: Site):
    for path in PATHS:
        for who in ("ada", "vic"):
            answer = elsewhere.browser(who).get(path)
            assert is_calm(answer), (path[:80], answer.status_code)
