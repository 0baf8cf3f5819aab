"""What a site holds, for comparing it with another or with what it held before."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from inkhorn.app import create_app
from inkhorn.core.config import Config
from inkhorn.core.database import db, session
from inkhorn.core.generations import FILE_NAME
from inkhorn.posts.models import Post


@contextmanager
def inside(config: Config) -> Iterator[None]:
    """The application at work on a site; nothing is connected to its database afterwards."""
    with create_app(config).app_context():
        try:
            yield
        finally:
            session().close()
            db.engine.dispose()


def titles(config: Config) -> list[str]:
    """The titles on a site, told by the application itself."""
    with inside(config):
        return list(session().scalars(select(Post.title).order_by(Post.id)))


def counted(config: Config, model: Any) -> int:
    with inside(config):
        return session().scalar(select(func.count()).select_from(model)) or 0


def everything(folder: Path) -> dict[str, Any]:
    """All that the folder holds but its locks and counters of the moment: what must be the same after something was refused."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.endswith((".lock", "-wal", "-shm")) and not name.startswith(("limits.", FILE_NAME)):
            found[name] = dump(path) if name.endswith(".sqlite3") else path.read_bytes()
    return found


def dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return json.dumps({name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}, default=repr, sort_keys=True)


@contextmanager
def settings_written(path: Path) -> Iterator[Callable[[str, str], object]]:
    """Writes rows beside a site that is at work, with all the patience that a busy machine may ask for."""
    with closing(sqlite3.connect(path, timeout=300, isolation_level=None)) as database:
        database.execute("PRAGMA wal_autocheckpoint=0")
        database.execute("PRAGMA synchronous=FULL")
        yield lambda key, value: database.execute("INSERT INTO setting VALUES ('load', ?, ?, '2026-11-29 08:00:00')", (key, value))


def rows(config: Config, *, but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Every row of an SQLite site, table by table."""
    with closing(sqlite3.connect(config.sqlite_path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables if name not in but}
