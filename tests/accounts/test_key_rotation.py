"""The operator changes the secret key: apps keep working, and the doctor says when the old key can go."""

from dataclasses import replace

import pytest

from inkhorn.accounts.services.factors import SEALED_AS
from inkhorn.admin import checks
from inkhorn.core import migrating, sealing
from tests.accounts.test_second_step import ida, phone, second  # noqa: F401 - fixtures
from tests.accounts.test_sign_in import sign_in
from tests.conftest import SECRET, config_for

OTHER = "another-key-0123456789-abcdefghijklmn"


def test_an_app_outlives_the_key_it_was_sealed_with_once_it_was_used(app, client, phone, clock, monkeypatch):  # noqa: F811
    loaded = app.extensions["inkhorn.config"]
    for keys in ((OTHER, SECRET), (OTHER, "")):
        told = replace(loaded, secret_key=keys[0], previous_secret_keys=keys[1])
        monkeypatch.setitem(app.extensions, "inkhorn.config", told)
        sign_in(client)
        assert second(client, phone.code()).status_code == 303
        clock.forward(seconds=60)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ((SECRET, ""), ("well ", "reads every one")),
        ((OTHER, SECRET), ("note ", "1 still need")),
        ((OTHER, ""), ("wrong", "1 cannot be read")),
    ],
)
def test_the_doctor_says_whether_an_earlier_key_is_needed(app, tmp_path, monkeypatch, keys, told):
    with app.app_context():
        sealed = sealing.seal(SEALED_AS, "JBSWY3DPEHPK3PXP")
    monkeypatch.setattr(checks, "ask", lambda *_asked: [(sealed,)])
    found = checks.look_at_sealed_secrets(replace(config_for(tmp_path), secret_key=keys[0], previous_secret_keys=keys[1]))
    assert (found.mark, told[1] in found.news) == (told[0], True)


def test_the_doctor_asks_a_database_without_any(tmp_path):
    told = config_for(tmp_path)
    migrating.upgrade(told)
    assert checks.look_at_sealed_secrets(told).mark == "well "
