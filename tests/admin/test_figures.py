"""What Prometheus is told: for a token alone, of every kind of thing, and by endpoint and never by path."""

from unittest import mock

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core import audit, jobs, runner
from inkhorn.core.access import House
from inkhorn.core.database import Base, db, session, transaction
from inkhorn.core.metrics import watching
from inkhorn.core.metrics.shelf import Shelf
from tests.conftest import config_for

TOKEN = "watching-the-tide-0123456789"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
AWAY = OperationalError("SELECT", {}, Exception("away"))


@pytest.fixture
def watched(tmp_path):
    """An application that counts."""
    app = create_app(config_for(tmp_path, metrics_token=TOKEN))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        yield app
        db.session.close()
        db.engine.dispose()


@pytest.fixture
def told(watched):
    """Reads what is told: the value under a name and some labels, or None."""

    def tell(name: str, **labels: str) -> float | None:
        answer = watched.test_client().get("/metrics", headers=SHOWN)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        samples = [each for family in text_string_to_metric_families(answer.text) for each in family.samples]
        found = [each.value for each in samples if each.name == name and labels.items() <= each.labels.items()]
        return sum(found) if found else None

    return tell


def test_without_a_token_in_the_settings_nothing_stands_there(client):
    assert client.get("/metrics", headers=SHOWN).status_code == 404


@pytest.mark.parametrize(
    "shown", [{}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_without_the_token_nothing_is_told(watched, shown):
    answer = watched.test_client().get("/metrics", headers=shown)
    assert (answer.status_code, "inkhorn_" in answer.text) == (401, False)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_it_is_told_by_whatever_name_it_is_asked(watched):
    assert watched.test_client().get("/metrics", headers=SHOWN | {"Host": "10.1.2.3:8000"}).status_code == 200


def test_requests_are_told_by_endpoint_method_and_kind_of_answer(watched, told):
    browser = watched.test_client()
    for path in ("/", "/", "/nothing-here/", "/tag/none/"):
        browser.get(path)
    browser.open("/", method="BREW")
    assert told("inkhorn_requests_total", endpoint="site.show_home", method="GET", status="2xx") == 2
    assert told("inkhorn_request_seconds_count", endpoint="site.show_home") == 2
    assert told("inkhorn_requests_total", method="BREW") is None
    answer = browser.get("/metrics", headers=SHOWN).text
    assert "nothing-here" not in answer


def test_statements_are_told_by_who_asked_them(watched, told):
    watched.test_client().get("/")
    assert told("inkhorn_statements_total", where="site.show_home") > 0
    assert told("inkhorn_statement_seconds_total", where="site.show_home") > 0
    assert told("inkhorn_database_connections") >= 1


def test_connections_in_use_are_those_that_went_out(watched, told):
    before = told("inkhorn_database_connections_in_use") or 0
    with db.engine.connect():
        assert told("inkhorn_database_connections_in_use") == before + 1
    # As where one was tried, found broken and given back, which nobody saw go out.
    for _each in range(3):
        db.engine.pool.dispatch.checkin(None, object())
    assert told("inkhorn_database_connections_in_use") == before
    with db.engine.connect() as connection:
        # One that listens for as long as its process lives works for nobody.
        connection.detach()
        assert told("inkhorn_database_connections_in_use") == before


def test_connections_to_every_database_are_counted(tmp_path):
    shelf, engines = Shelf(tmp_path), [create_engine("sqlite://") for _each in range(2)]
    watching.count_connections(engines, shelf)
    connections = [engine.connect() for engine in engines]
    figures = shelf.collect()[0]
    assert (figures["inkhorn_database_connections",], figures["inkhorn_database_connections_in_use",]) == ([2.0], [2.0])
    for connection, engine in zip(connections, engines, strict=True):
        connection.close()
        engine.dispose()
    figures = shelf.collect()[0]
    assert (figures["inkhorn_database_connections",], figures["inkhorn_database_connections_in_use",]) == ([0.0], [0.0])


def test_what_is_noted_is_told_once_it_is_committed(watched, told):
    with transaction():
        audit.record(House(), "accounts.sign_in_refused")
    with pytest.raises(ZeroDivisionError), transaction():
        audit.record(House(), "accounts.sign_in_refused")
        raise ZeroDivisionError
    assert told("inkhorn_acts_total", action="accounts.sign_in_refused") == 1


def test_jobs_are_told_by_how_they_ended(watched, told):
    good, bad = (jobs.Claimed(1, name, {}, 1, 8, 1) for name in ("mail.deliver", "no.such.job"))
    known = {"mail.deliver": jobs.Job("mail.deliver", lambda: session().scalar(text("SELECT 1")), None, 8, 60)}
    with mock.patch.object(jobs, "registered_jobs", return_value=known):
        runner.carry_out(watched, good)
        runner.carry_out(watched, bad)
    assert told("inkhorn_jobs_done_total", task="mail.deliver", outcome="done") == 1
    assert told("inkhorn_jobs_done_total", task="unknown", outcome="failed") == 1
    assert told("inkhorn_statements_total", where="mail.deliver") == 1


def test_queues_are_told_as_they_stand(watched, told):
    with transaction():
        for state in ("2020-01-01 00:00:00", "2999-01-01 00:00:00"):
            session().execute(
                text(
                    "INSERT INTO job (name, args, run_at, attempts, max_attempts, fence, crashes, is_dead, created_at) "
                    f"VALUES ('x', '{{}}', '{state}', 0, 8, 0, 0, 0, '{state}')"
                )
            )
    assert [told("inkhorn_jobs", state=state) for state in ("waiting", "due", "running", "dead")] == [1, 1, 0, 0]
    assert told("inkhorn_job_lag_seconds") > 86_400
    assert (told("inkhorn_letters", state="waiting"), told("inkhorn_letter_lag_seconds")) == (0, 0)
    assert (told("inkhorn_sessions"), told("inkhorn_uploads_under_way")) == (0, 0)
    assert told("inkhorn_memory_bytes", role="web") > 1_000_000


def test_the_silence_of_a_runner_that_never_ran_is_not_told(watched, told):
    assert (told("inkhorn_timetable_silence_seconds"), told("inkhorn_database_up")) == (None, 1)
    with transaction():
        session().execute(text("INSERT INTO periodic (name, last_at) VALUES ('tick', '2020-01-01 00:00:00')"))
    assert told("inkhorn_timetable_silence_seconds") > 86_400


def test_files_that_nobody_may_touch_leave_the_rest_told(watched, told):
    watched.test_client().get("/")
    refused = PermissionError(13, "Permission denied")
    with mock.patch("inkhorn.core.metrics.shelf._held", side_effect=refused), mock.patch("shutil.disk_usage", side_effect=refused):
        assert told("inkhorn_requests_total", endpoint="site.show_home") == 1
        assert told("inkhorn_disk_free_bytes") is None


def test_while_the_database_is_away_the_rest_is_told(watched, told):
    with mock.patch("inkhorn.admin.figures.job_board.job_figures", side_effect=AWAY):
        assert (told("inkhorn_database_up"), told("inkhorn_jobs")) == (0, None)
    assert told("inkhorn_database_up") == 1
