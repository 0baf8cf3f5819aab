"""The application, for a web server: `granian --interface wsgi inkhorn.wsgi:app`, or any other."""

from inkhorn.app import create_app
from inkhorn.core import cache, cdn, headers, page_notices
from inkhorn.core.bodies import Bodies
from inkhorn.core.config import config
from inkhorn.core.generations import generation
from inkhorn.core.turns import Turns

app = create_app()
with app.app_context():
    forms, uploads = (megabytes << 20 for megabytes in (config().max_form_mb, config().max_form_mb + config().max_upload_mb))
    worked_on = Bodies(Turns(app.wsgi_app, config().web_threads), form_bytes=forms, upload_bytes=uploads)
    most = config().page_cache_bytes
    kept = cache.PageCache(worked_on, generation(), most, page_notices.for_app(app)) if most else worked_on
    app.wsgi_app = headers.behind_proxies(cdn.before_network(kept, config()), config())  # type: ignore[method-assign,assignment]
    cdn.forget_at_start()
