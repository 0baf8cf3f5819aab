"""An answer that stays open and tells a reader's browser that the thread has changed; what it shows then, the browser asks for as any reader does."""

from collections.abc import Mapping

from flask import Flask, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.comments.policies import get_post_to_comment_for
from inkhorn.comments.queries import changes_of
from inkhorn.comments.views.room import bp
from inkhorn.core import limits
from inkhorn.core.access import everyone, open_to
from inkhorn.core.config import Config
from inkhorn.core.streams import Streams

# After so long a page that found no place may try once more; until then it asks now and then.
TRY_AGAIN_SECONDS = 300
PLACES = "inkhorn.thread_streams"


@bp.record_once
def hold_streams(state: BlueprintSetupState) -> None:
    """Give the application as many places as its settings say."""
    app, loaded = state.app, state.app.extensions["inkhorn.config"]
    assert isinstance(app, Flask)
    assert isinstance(loaded, Config)

    def read(post_ids: set[int]) -> Mapping[int, int]:
        with app.app_context():
            return changes_of(post_ids)

    app.extensions[PLACES] = Streams(loaded.live_streams, read)


@bp.get("/comments/on/<int:post_id>/live")
@open_to(everyone)
def follow_thread(post_id: int) -> BaseResponse:
    post = get_post_to_comment_for(g.actor, post_id)
    streams: Streams = current_app.extensions[PLACES]
    seen = request.headers.get("Last-Event-ID", "")
    stream = None
    # A HEAD would leave a stream behind that nobody reads.
    if request.method == "GET":
        number = changes_of([post.id]).get(post.id, 0)
        stream = streams.open(post.id, number=number, seen=seen, address=limits.place_of(request.remote_addr))
    if stream is None:
        # To a browser this means that it shall not come again by itself, and is nothing it complains about.
        return Response(status=204, headers={"Retry-After": str(TRY_AGAIN_SECONDS), "Cache-Control": "no-store"})
    response = Response(stream, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    # Proxies that gather an answer before they hand it on are asked not to.
    response.headers["X-Accel-Buffering"] = "no"
    return response
