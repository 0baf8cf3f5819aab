"""The mark by which a database tells how far it was migrated; tables that a test makes at once bear none."""

from sqlalchemy import text

from inkhorn.core import revisions
from inkhorn.core.database import session


def stamp(revision: str = "") -> None:
    """Have the running database stand at a revision, the newest unless one is named."""
    session().execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
    session().execute(text("DELETE FROM alembic_version"))
    session().execute(text("INSERT INTO alembic_version VALUES (:told)"), {"told": revision or revisions.head()})
    session().commit()
