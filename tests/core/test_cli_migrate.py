"""`inkhorn migrate` leaves a database that servers can be started on."""

import sqlite3

from tests.running import inkhorn


def test_a_migrated_database_knows_the_shipped_roles(tmp_path):
    assert inkhorn(tmp_path / "data", "migrate").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "inkhorn.sqlite3") as database:
        roles = {name for (name,) in database.execute("SELECT name FROM role")}
    assert roles == {"reader", "member", "author", "editor", "administrator", "owner"}
