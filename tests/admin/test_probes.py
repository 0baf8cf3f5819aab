"""What a machine is told of a process: alive whatever is away, ready only where readers can be answered."""

from unittest import mock

import pytest
from sqlalchemy.exc import OperationalError

from tests.stamps import stamp

AWAY = OperationalError("SELECT", {}, Exception("away"))


pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("host", ["localhost", "10.1.2.3:8000", "elsewhere.example.org"])
def test_a_process_is_alive_by_whatever_name_it_is_asked(client, host):
    answer = client.get("/healthz", headers={"Host": host})
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_alive_without_asking_the_database(client, queries):
    queries.clear()
    assert client.get("/healthz").status_code == 200
    assert queries == []


def test_it_is_ready_with_the_newest_database(client):
    stamp()
    answer = client.get("/readyz", headers={"Host": "10.1.2.3"})
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_it_is_not_ready_before_the_database_was_migrated(client):
    stamp("0001")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "reason": "The database is of another version; run: inkhorn migrate"}


def test_it_is_not_ready_while_the_database_is_away(client, database):
    with mock.patch("inkhorn.admin.views.probes.revision", side_effect=AWAY):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reason"]) == (503, "The database does not answer.")
    assert answer.headers["Cache-Control"] == "no-store"
