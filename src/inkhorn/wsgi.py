"""The application, for a web server: `granian --interface wsgi inkhorn.wsgi:app`, or any other."""

from inkhorn.app import create_app
from inkhorn.core import cache, headers
from inkhorn.core.config import config
from inkhorn.core.generations import generation
from inkhorn.core.turns import Turns

app = create_app()
with app.app_context():
    worked_on = Turns(app.wsgi_app, config().web_threads)
    most = config().page_cache_bytes
    kept = cache.PageCache(worked_on, generation(), most) if most else worked_on
    app.wsgi_app = headers.behind_proxies(kept, config())  # type: ignore[method-assign,assignment]
