"""The application, for a web server: `granian --interface wsgi inkhorn.wsgi:app`, or any other."""

# Python would read these at the first request, for which a worker may have no file handle left.
import encodings.idna
import encodings.unicode_escape  # noqa: F401

from inkhorn.app import create_app
from inkhorn.core import cache, cdn, headers, kept_counts, page_notices
from inkhorn.core.bodies import Bodies
from inkhorn.core.config import config
from inkhorn.core.generations import generation, map_at_start
from inkhorn.core.heaps import share_heaps
from inkhorn.core.last_words import LastWords
from inkhorn.core.turns import Turns
from inkhorn.media.views.sending import largest_body

share_heaps()
app = create_app()
with app.app_context():
    map_at_start()
    kept_counts.init_app(app, generation())
    # Half of the threads wait at most where nothing moves; the others answer that the process lives, and whatever needs no turn.
    turns = Turns(app.wsgi_app, config().web_threads, most_waiting=config().server_threads // 2)
    worked_on = Bodies(turns, form_bytes=config().max_form_mb << 20, upload_bytes=largest_body(config()))
    most = config().page_cache_bytes
    kept = cache.PageCache(worked_on, generation(), most, page_notices.for_app(app)) if most else worked_on
    app.wsgi_app = LastWords(headers.behind_proxies(cdn.before_network(kept, config()), config()))  # type: ignore[method-assign]
    cdn.forget_at_start()
