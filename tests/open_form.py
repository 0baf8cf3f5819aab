"""An open form with a puzzle, planted in a site of its own: what registration and comments do with theirs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.serving import make_server
from wtforms import Form, StringField

from inkhorn.accounts.pages import JoinPage, NoticePage
from inkhorn.accounts.views.room import fields_of, puzzle_for, show_sheet
from inkhorn.app import create_app
from inkhorn.core import captcha
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import Base, db, transaction
from inkhorn.core.errors import InkhornError
from tests.conftest import config_for


class PlantedForm(Form):
    """One field."""

    name = StringField("Your name")


@open_to(everyone)
def show_planted() -> Response:
    return _sheet(PlantedForm())


@open_to(everyone)
def send_planted() -> Response:
    try:
        proof = captcha.check("planted", request.form, address=request.remote_addr)
        with transaction():
            captcha.spend(proof)
    except InkhornError as error:
        return _sheet(PlantedForm(request.form), error.status, error=str(error))
    return show_sheet(NoticePage, title="It arrived", lead=request.form.get("name", ""))


def _sheet(form: Form, status: int = 200, **parts: str) -> Response:
    return show_sheet(
        JoinPage,
        status=status,
        title="A planted form",
        form_action="/planted",
        fields=fields_of(form, name={}),
        puzzle=puzzle_for("planted"),
        submit="Send it",
        **parts,
    )


def planted_site(folder: Path, **overrides: object) -> Flask:
    app = create_app(config_for(folder, **overrides))
    app.add_url_rule("/planted", "planted", show_planted)
    app.add_url_rule("/planted", "send_planted", send_planted, methods=["POST"])
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which a browser finds the site."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
