"""The factory: enough connections for every thread, and an error page whatever came before it."""

import pytest

from inkhorn.app import create_app, engine_settings
from inkhorn.core.config import ConfigError
from tests.conftest import config_for


def test_every_thread_of_web_and_runner_has_a_connection(tmp_path):
    loaded = config_for(tmp_path, database_url="postgresql://a@b/c", web_threads=3, job_threads=40)
    assert int(engine_settings(loaded)["pool_size"]) > 40


@pytest.mark.parametrize(("said", "seconds"), [("", 5), ("?connect_timeout=20", None)])
@pytest.mark.parametrize("password", ["", ":p[w", ":p?w", ":p#w"])
def test_a_silent_database_is_given_up_within_seconds_unless_its_address_says_otherwise(tmp_path, password, said, seconds):
    told = engine_settings(config_for(tmp_path, database_url=f"postgresql://a{password}@b/c{said}"))["connect_args"]
    assert told.get("connect_timeout") == seconds
    assert (told["tcp_user_timeout"], told["keepalives_idle"]) == (10_000, 10)


def test_a_request_refused_before_anybody_is_known_gets_its_page(tmp_path):
    client = create_app(config_for(tmp_path, site_url="http://example.org")).test_client()
    answer = client.get("/admin/", base_url="http://evil.example")
    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_nothing_is_served_without_a_secret_key(tmp_path):
    with pytest.raises(ConfigError, match="secret_key is missing"):
        create_app(config_for(tmp_path, secret_key=""))
