"""Fills an empty data folder with the bench's posts, by the verbs of the house."""

import sys
from datetime import datetime
from pathlib import Path

from benchmarks.content import AUTHORS, generate

from inkhorn.accounts.services import people
from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import session, transaction
from inkhorn.core.settings import SiteSettings, tune
from inkhorn.posts.services.publishing import publish_post
from inkhorn.posts.services.writing import PostChanges, draft_post, revise_post


def fill(data: Path, posts: int) -> None:
    """Write that many published posts, newest last, into a migrated data folder."""
    app = create_app(load_config(data=data, environ={}, overrides={"secret_key": "only-for-the-bench-0123456789-abcdefghij"}))
    with app.app_context():
        with transaction():
            tune(SiteSettings, by=House(), title="Bench Journal")
            authors = [people.take_in_author(name=name, origin="bench", origin_key=key).id for name, key in AUTHORS]
        batch: list[dict] = []
        for content in generate(posts):
            batch.append(content)
            if len(batch) == 50:
                write(batch, authors)
                batch = []
        write(batch, authors)


def write(batch: list[dict], authors: list[int]) -> None:
    with transaction():
        for content in batch:
            post = draft_post(by=House(), title=content["title"], body=content["markdown"])
            when = datetime.fromisoformat(content["published"])
            changes = PostChanges(tags=content["tags"], author_ids=[authors[content["author"]]], excerpt=content["excerpt"][:300])
            revise_post(post, changes, by=House(), against=post.revision)
            publish_post(post, by=House(), at=when)
        session().expunge_all()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
