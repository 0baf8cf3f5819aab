"""Three layers make one Config, or the start is refused in a sentence that names key, value and mend."""

from pathlib import Path

import pytest

from inkhorn.core.config import ConfigError
from inkhorn.core.config_loading import load_config

STRONG = "abcdefghijklmnopqrstuvwxyz0123456789"


def load(tmp_path: Path, toml: str = "", **environ: str):
    if toml:
        (tmp_path / "inkhorn.toml").write_text(toml)
    return load_config(data=tmp_path, environ=environ)


def test_defaults_are_those_of_production(tmp_path):
    loaded = load(tmp_path)
    assert (loaded.profile, loaded.host, loaded.port, loaded.log_format) == ("production", "127.0.0.1", 8000, "json")
    assert loaded.database_url == f"sqlite:///{tmp_path}/inkhorn.sqlite3"


def test_the_file_wins_over_defaults_and_the_environment_over_the_file(tmp_path):
    loaded = load(tmp_path, "port = 9000\nhost = '0.0.0.0'", INKHORN_PORT="9100")
    assert (loaded.port, loaded.host) == (9100, "0.0.0.0")
    assert (loaded.origins["port"], loaded.origins["host"]) == ("environment", "inkhorn.toml")


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text(STRONG + "\n")
    assert load(tmp_path, INKHORN_SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == STRONG


@pytest.mark.parametrize("name", ["log_file", "smtp_ca_file"])
def test_a_setting_that_is_a_file_is_not_read_for_its_value(tmp_path, name):
    assert getattr(load(tmp_path, **{f"INKHORN_{name.upper()}": str(tmp_path / "some.pem")}), name) == tmp_path / "some.pem"


def test_the_key_in_the_data_folder_is_found(tmp_path):
    (tmp_path / "secret_key").write_text(STRONG)
    assert load(tmp_path).secret_key == STRONG


def test_a_configuration_cannot_be_changed(tmp_path):
    with pytest.raises(AttributeError):
        load(tmp_path).port = 1


def test_the_site_url_names_the_allowed_host(tmp_path):
    assert load(tmp_path, INKHORN_SITE_URL="https://example.org").allowed_hosts == ("example.org",)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("INKHORN_PORT", "http", 'port = "http"'),
        ("INKHORN_PORT", "70000", "from 0 to 65535"),
        ("INKHORN_PROFILE", "prod", "choose one of development"),
        ("INKHORN_COLOUR", "blue", 'no setting "colour"'),
        ("INKHORN_SECRET_KEY", "secret", "too weak"),
        ("INKHORN_SECRET_KEY", "a" * 64, "too weak"),
        ("INKHORN_SECRET_KEY_FILE", "/nowhere/at/all", "cannot be read"),
        ("INKHORN_DATABASE_URL", "mysql://localhost/x", "sqlite:/// or postgresql://"),
        ("INKHORN_SITE_URL", "example.org", "like https://example.org"),
        ("INKHORN_BROKER_URL", "kafka://x", "redis://"),
        ("INKHORN_INSECURE_HTTP", "perhaps", "true or false"),
        ("INKHORN_LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("INKHORN_WEB_WORKERS", "0", "from 1 to 64"),
        ("INKHORN_WEB_WORKERS", "9" * 400, "whole number"),
    ],
)
def test_nonsense_stops_the_start(tmp_path, name, value, says):
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, **{name: value})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("toml", "says"), [("port = ", "not valid TOML"), ("prt = 1", 'no setting "prt"'), ("port = true", "whole number")]
)
def test_a_file_that_makes_no_sense_is_named(tmp_path, toml, says):
    with pytest.raises(ConfigError, match=says) as refused:
        load(tmp_path, toml)
    assert "inkhorn.toml" in str(refused.value)


def test_the_data_folder_is_not_named_from_within(tmp_path):
    with pytest.raises(ConfigError, match="--data or INKHORN_DATA"):
        load(tmp_path, "data = '/elsewhere'")


def test_settings_that_name_files_are_no_files_of_secrets(tmp_path):
    for setting in ("smtp_ca_file", "log_file"):
        path = tmp_path / setting
        assert getattr(load(tmp_path, **{f"INKHORN_{setting.upper()}": str(path)}), setting) == path


def test_hosts_are_compared_in_small_letters(tmp_path):
    assert load(tmp_path, INKHORN_ALLOWED_HOSTS="Example.org, WWW.example.org").allowed_hosts == ("example.org", "www.example.org")


def test_postgresql_is_spoken_to_by_the_driver_we_ship(tmp_path):
    for said in ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"):
        assert load(tmp_path, INKHORN_DATABASE_URL=said).driver_url == "postgresql+psycopg://a@b/c"


def test_a_secret_of_the_wrong_type_stays_unsaid(tmp_path):
    with pytest.raises(ConfigError, match="text in quotes") as refused:
        load(tmp_path, "secret_key = 20261121")
    assert "20261121" not in str(refused.value)


def test_a_secret_never_stands_in_the_refusal(tmp_path):
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, INKHORN_SECRET_KEY="hunter2-hunter2")
    assert "hunter2" not in str(refused.value)


def test_pages_are_kept_while_developing_only_where_that_is_asked_for(tmp_path):
    assert load(tmp_path).page_cache_bytes == 32 << 20
    assert load(tmp_path, INKHORN_PROFILE="development").page_cache_bytes == 0
    assert load(tmp_path, INKHORN_PROFILE="development", INKHORN_PAGE_CACHE_MB="1").page_cache_bytes == 1 << 20
    assert load(tmp_path, INKHORN_PAGE_CACHE_MB="0").page_cache_bytes == 0
