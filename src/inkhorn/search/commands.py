"""`inkhorn search`: build the index anew while the site is served, and look whether it is right."""

from collections.abc import Sequence

import click
from sqlalchemy import func, select

from inkhorn.core.access import open_to, operator
from inkhorn.core.database import session, transaction
from inkhorn.core.pace import Pace
from inkhorn.posts.models import Post
from inkhorn.search import services
from inkhorn.search.index import index
from inkhorn.search.queries import numbers_behind
from inkhorn.search.services import differing

BATCH = 50
MOST_NAMED = 20


@click.group()
def search() -> None:
    """The index that searches are answered from: build it anew, examine it."""


@search.command("rebuild")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped.")
@open_to(operator)
def rebuild(*, resume: bool) -> None:
    """Take every post in anew; the site may be served meanwhile."""
    with transaction():
        if not index().is_sound():
            index().remake()
        if not resume:
            services.mark_all()
    total, done, reached, failed = session().scalar(select(func.count(Post.id))) or 0, 0, 0, list[int]()
    left = session().scalar(select(func.count()).select_from(numbers_behind(None).order_by(None).subquery())) or 0
    with Pace("Indexing") as pace:
        while numbers := list(session().scalars(numbers_behind(BATCH, after=reached))):
            with transaction():
                failed += services.index_all_that_can_be(numbers)
            session().expunge_all()
            done, reached = done + len(numbers), numbers[-1]
            pace(done, left)
    if failed:
        click.echo(
            f"{done - len(failed)} of {total} posts were taken in. {_named('Posts that could not be', failed)}. The log says why.", err=True
        )
        raise SystemExit(1)
    click.echo(f"{done} of {total} posts were taken in; the index holds all of them.")


@search.command("check")
@open_to(operator)
def check() -> None:
    """Compare the index with what a rebuild would make; exit code 1 where they differ."""
    with Pace("Comparing") as pace:
        wrong = list(differing(pace))
    with transaction():
        is_sound = index().is_sound()
    if is_sound and not wrong:
        click.echo("The index is what a rebuild would make.")
        return
    if not is_sound:
        click.echo("What the database looks words up in does not agree with the entries.", err=True)
    if wrong:
        click.echo(f"{_named('Posts whose entry is missing or old', wrong)}.", err=True)
    click.echo("The site mends this by itself within ten minutes, or at once with: inkhorn search rebuild", err=True)
    raise SystemExit(1)


def _named(what: str, numbers: Sequence[int]) -> str:
    return f"{what}: {len(numbers)} (numbers {', '.join(map(str, numbers[:MOST_NAMED]))})"


GROUPS = (search,)
