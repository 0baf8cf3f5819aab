"""The people of a site under test, put straight into its database: a command for each took two seconds a head."""

from pathlib import Path

from inkhorn.accounts.services.people import create_user
from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.cli import prepare
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, transaction

# Address, name and role.
Member = tuple[str, str, str]


def make_team(data: Path, settings: dict[str, str], *members: Member, password: str) -> None:
    """Bring the site's database to its newest form and open an account for each, all with one password."""
    config, _is_new = prepare(load_config(data=data, environ=settings), migrates=True)
    with create_app(config).app_context():
        with transaction():
            sync_roles()
            for email, name, role in members:
                create_user(email=email, name=name, role=role, password=password, by=House())
        db.session.close()
        db.engine.dispose()
