"""Fills an empty data folder with plain rows, since the verbs would take an hour for a hundred thousand posts; the index by its own verb."""

from datetime import datetime
from itertools import islice
from pathlib import Path

from benchmarks.content import AUTHORS, TAGS, generate
from sqlalchemy import insert

from inkhorn.accounts.services import people
from inkhorn.app import create_app
from inkhorn.core import prose
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Address, Byline, Post, Status, Tag, post_tag
from inkhorn.search.services import index_posts

SECRET = "only-for-the-bench-0123456789-abcdefghij"
# Each planted word stands in so many posts, whatever the size of the site.
POSTS_A_WORD = 100
BATCH = 500


def word(number: int) -> str:
    return f"plankton{number:05}"


def fill(data: Path, posts: int) -> None:
    """So many published posts of 800 words with three tags each, in a migrated data folder."""
    app = create_app(load_config(data=data, environ={}, overrides={"secret_key": SECRET}))
    with app.app_context():
        with transaction():
            authors = [people.take_in_author(name=name, origin="bench", origin_key=key).id for name, key in AUTHORS]
            session().execute(insert(Tag), [{"id": number, "name": tag, "slug": tag} for number, tag in enumerate(TAGS, 1)])
        contents = generate(posts)
        while some := list(islice(contents, BATCH)):
            with transaction():
                write(some, posts, authors)
            session().expunge_all()


def write(some: list[dict], posts: int, authors: list[int]) -> None:
    session().execute(insert(Post), [row(each, posts) for each in some])
    session().execute(insert(Address), [{"path": f"/{each['slug']}/", "post_id": each["n"]} for each in some])
    session().execute(insert(Byline), [{"post_id": each["n"], "user_id": authors[each["author"]], "position": 0} for each in some])
    session().execute(
        insert(post_tag),
        [
            {"post_id": each["n"], "tag_id": TAGS.index(tag) + 1, "position": position}
            for each in some
            for position, tag in enumerate(each["tags"])
        ],
    )
    index_posts([each["n"] for each in some])


def row(content: dict, posts: int) -> dict:
    planted = word(content["n"] % max(1, posts // POSTS_A_WORD))
    html = f"<p>Near the {planted} shoal.</p>\n{content['html']}"
    moment = datetime.fromisoformat(content["published"])
    said = {"id": content["n"], "title": content["title"], "slug": content["slug"], "path": f"/{content['slug']}/", "html": html}
    said |= {"body": content["markdown"], "automatic_excerpt": content["excerpt"], "words": 800, "reading_minutes": 3}
    times = {"published_at": moment, "created_at": moment, "updated_at": moment}
    # Otherwise the runner would render them all anew while they are measured.
    return said | times | {"status": Status.PUBLISHED, "pipeline": prose.PIPELINE}
