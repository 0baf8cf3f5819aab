"""Every version of the API, put together and described."""

from flask import Flask

from inkhorn.api.documents import bp
from inkhorn.api.room import set_up
from inkhorn.api.v1 import operations as first
from inkhorn.api.v1.surface import bp as v1
from inkhorn.api.v2 import operations as second
from inkhorn.api.v2.surface import bp as v2
from inkhorn.api.versions import lead_to_version


def init_app(app: Flask) -> None:
    set_up(app, v1, first.RESOURCES, title="Inkhorn", about="What people do at the desk, for programs.")
    set_up(app, v2, second.RESOURCES, title="Inkhorn, preview of version 2", about="A preview: it may change until it is finished.")
    app.register_blueprint(bp)
    lead_to_version(app, ("1", "2"))
