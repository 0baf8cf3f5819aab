"""The application, for a web server: `granian --interface wsgi inkhorn.wsgi:app`, or any other."""

from inkhorn.app import create_app
from inkhorn.core.config import config
from inkhorn.core.turns import Turns

app = create_app()
with app.app_context():
    app.wsgi_app = Turns(app.wsgi_app, config().web_threads)  # type: ignore[method-assign]
