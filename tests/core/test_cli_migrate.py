"""`inkhorn migrate` leaves a database that servers can be started on."""

import sqlite3

from inkhorn.core.config_loading import load_config
from inkhorn.core.starting import lock_folder
from tests.running import inkhorn


def test_a_migrated_database_knows_the_shipped_roles(tmp_path):
    assert inkhorn(tmp_path / "data", "migrate").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "inkhorn.sqlite3") as database:
        roles = {name for (name,) in database.execute("SELECT name FROM role")}
    assert roles == {"reader", "member", "author", "editor", "administrator", "owner"}


def test_no_table_is_taken_away_under_a_running_site(tmp_path):
    inkhorn(tmp_path, "migrate")
    with lock_folder(load_config(data=tmp_path, environ={})):
        refused = inkhorn(tmp_path, "migrate", "--down", "--to", "0001")
        assert (refused.returncode, "already runs on" in refused.stderr) == (1, True)
        assert "there is nothing to do" in inkhorn(tmp_path, "migrate").stdout
    assert inkhorn(tmp_path, "migrate", "--down", "--to", "0017").returncode == 0
    with lock_folder(load_config(data=tmp_path, environ={})):
        assert inkhorn(tmp_path, "migrate").returncode == 1
    assert "from revision 0017" in inkhorn(tmp_path, "migrate").stdout
