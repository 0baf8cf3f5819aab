"""Makes the HTML that readers get out of the Markdown that authors write."""

from sqlalchemy.orm.attributes import flag_modified

from inkhorn.core import prose, settings
from inkhorn.core.database import session
from inkhorn.media.queries import resolve_files, resolve_pictures
from inkhorn.posts.models import Post
from inkhorn.posts.services.showing import note_shown
from inkhorn.posts.settings import PostSettings


def render_post(post: Post) -> None:
    """Bring HTML, contents, counts and the automatic excerpt in step with the text."""
    rendered = prose.render(
        post.body,
        resolve=resolve_pictures,
        resolve_files=resolve_files,
        language=post.language,
        excerpt_words=settings.read(PostSettings).excerpt_words,
    )
    post.html = rendered.html
    post.contents = list(rendered.contents)
    post.words = rendered.words
    post.reading_minutes = rendered.reading_minutes
    post.automatic_excerpt = rendered.excerpt
    post.pipeline = prose.PIPELINE


def rerender_posts(posts: list[Post]) -> None:
    """Render again without counting as a change: neither the revision nor the date of change moves."""
    for post in posts:
        render_post(post)
        # Written as it is, or the column would set itself to now.
        flag_modified(post, "updated_at")
        note_shown(post)
    session().flush()
