"""What is being written, as readers will see it, before it is saved."""

from flask import Response, make_response, render_template

from inkhorn.core import prose
from inkhorn.core.access import holds, open_to
from inkhorn.media.queries import resolve_files, resolve_pictures
from inkhorn.posts.forms import TextForm
from inkhorn.posts.views.desk import desk_words
from inkhorn.posts.views.room import bp


@bp.post("/posts/preview")
@open_to(holds("posts.write"))
def preview_text() -> Response:
    form = TextForm.accepted()
    rendered = prose.render((form.body.data or "").replace("\r\n", "\n"), resolve=resolve_pictures, resolve_files=resolve_files)
    response = make_response(render_template("posts/preview_text.html", title=form.title.data, html=rendered.html, **desk_words()))
    response.headers["Cache-Control"] = "no-store"
    return response
