"""The page of backups: what there is, whether one is overdue, and what is wrong with the place for them."""

from dataclasses import replace
from pathlib import Path

import pytest

from inkhorn.transfer.services.keeping.making import Wishes
from inkhorn.transfer.services.keeping.shelf import name_now
from tests.admin.conftest import told


@pytest.fixture
def settings_of(app, monkeypatch, tmp_path):
    """Lets a test say where backups are put, and how often."""

    def tell(**values: object) -> Path:
        shelf = tmp_path / "shelf"
        shelf.mkdir(exist_ok=True)
        told = {"backup_to": str(shelf), **values}
        monkeypatch.setitem(app.extensions, "inkhorn.config", replace(app.extensions["inkhorn.config"], **told))
        return shelf

    return tell


def test_what_there_is_is_listed_the_newest_first(app, browser, settings_of):
    shelf = settings_of(backup_every_hours=24)
    newest = name_now(app.extensions["inkhorn.config"], Wishes(passphrase="four or five words"))
    for name in (newest, "inkhorn-20200101T000000Z.tar"):
        (shelf / name).write_bytes(b"x" * 5000)
    page = told(browser.get("/admin/backups"))
    assert "One every 24 hours" in page
    assert page.index(".tar.sealed") < page.index("inkhorn-20200101T000000Z.tar")
    assert "5.0 kB" in page
    assert "overdue" not in page


def test_one_that_is_overdue_is_said(browser, settings_of):
    (settings_of(backup_every_hours=24) / "inkhorn-20200101T000000Z.tar").write_bytes(b"x")
    assert "A backup is overdue." in told(browser.get("/admin/backups"))


def test_that_none_are_made_is_said(browser, settings_of):
    settings_of()
    page = told(browser.get("/admin/backups"))
    assert "Nothing would bring this site back." in page
    assert "There is none yet." in page


def test_a_place_that_cannot_be_read_is_said(browser, settings_of):
    (settings_of().parent / "file").write_bytes(b"")
    settings_of(backup_to=str(settings_of().parent / "file" / "below"))
    answer = browser.get("/admin/backups")
    assert answer.status_code == 200
    assert "The place for backups cannot be looked at." in told(answer)


def test_only_who_sees_jobs_sees_backups(signed_in, wren):
    assert signed_in(wren).get("/admin/backups").status_code == 403


def test_it_asks_the_database_no_more_than_any_page(browser, settings_of, queries):
    settings_of()
    browser.get("/admin/backups")
    queries.clear()
    browser.get("/admin/backups")
    assert len(queries) <= 6
