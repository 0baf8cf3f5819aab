"""Searching: a page of marked, ranked results beside a bare Flask route of its bytes, and how its cost grows; part of `make bench`."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

from benchmarks.content import AUTHORS, generate
from benchmarks.first_light import ROOT, bare_command, free_port, inkhorn, serving
from benchmarks.measures import cpu_seconds
from sqlalchemy import insert

from inkhorn.accounts.services import people
from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Byline, Post, Status
from inkhorn.search.services import index_posts

# Bars of the issue: CPU milliseconds of the server's tree for one search of a thousand posts, and what a hundred times as many may make of it.
BAR_MS = 3.0
BAR_GROWTH = 4.0
# Each planted word stands in so many posts, whatever the size of the site.
POSTS_A_WORD = 100
BATCH = 500


def word(number: int) -> str:
    return f"plankton{number:05}"


def fill(data: Path, posts: int) -> None:
    """So many published posts as plain rows, since the verbs would take an hour for the large site; then the index by its own verb."""
    app = create_app(load_config(data=data, environ={}, overrides={"secret_key": "only-for-the-bench-0123456789-abcdefghij"}))
    with app.app_context():
        with transaction():
            authors = [people.take_in_author(name=name, origin="bench", origin_key=key).id for name, key in AUTHORS]
        contents = generate(posts)
        while some := list(islice(contents, BATCH)):
            with transaction():
                session().execute(insert(Post), [row(content, posts) for content in some])
                session().execute(
                    insert(Byline), [{"post_id": each["n"], "user_id": authors[each["author"]], "position": 0} for each in some]
                )
                index_posts([each["n"] for each in some])
            session().expunge_all()


def row(content: dict, posts: int) -> dict:
    planted = word(content["n"] % max(1, posts // POSTS_A_WORD))
    html = f"<p>Near the {planted} shoal.</p>\n{content['html']}"
    moment = datetime.fromisoformat(content["published"])
    said = {"id": content["n"], "title": content["title"], "slug": content["slug"], "path": f"/{content['slug']}/", "html": html}
    times = {"published_at": moment, "created_at": moment, "updated_at": moment}
    return said | times | {"status": Status.PUBLISHED, "words": 800, "reading_minutes": 3, "automatic_excerpt": content["excerpt"]}


def cost(port: int, pid: int, paths: Sequence[str], *, rounds: int, many: int) -> tuple[float, int]:
    """CPU milliseconds of one answer over a kept connection, without what the server spends doing nothing; the median of some rounds, and the most bytes."""
    spent, size = [], 0
    for _ in range(rounds + 1):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        before, began = cpu_seconds(pid), time.monotonic()
        for number in range(many):
            # As many addresses ask, since one may ask no more than fifty times in ten seconds.
            connection.request("GET", paths[number % len(paths)], headers={"X-Forwarded-For": f"192.0.2.{number % 250}"})
            answer = connection.getresponse()
            size = max(size, len(answer.read()))
            assert answer.status == 200, answer.status
        took, lasted = cpu_seconds(pid) - before, time.monotonic() - began
        idle = cpu_seconds(pid)
        time.sleep(lasted)
        spent.append(1000 * (took - (cpu_seconds(pid) - idle)) / many)
        time.sleep(max(0.0, 10 - lasted))
    return statistics.median(spent[1:]), size


def floor(size: int, *, rounds: int, many: int) -> float:
    """The same for a bare Flask route that answers with so many bytes."""
    port = free_port()
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(b"x" * size)
        page.flush()
        with serving(bare_command(port), f"http://127.0.0.1:{port}/", BARE_BODY=page.name, PYTHONPATH=str(ROOT)) as (server, _):
            return cost(port, server.pid, ["/"], rounds=rounds, many=many)[0]


def measure(posts: int, *, rounds: int, many: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name), free_port()
        site = f"http://127.0.0.1:{port}"
        subprocess.run(inkhorn("--data", name, "migrate"), check=True, capture_output=True)
        began = time.process_time()
        fill(data, posts)
        print(f"filled  {posts:,} posts of 800 words in {time.process_time() - began:.0f} s of CPU, their making included", flush=True)
        command = inkhorn("--data", name, "run", "--port", str(port))
        with serving(command, site + "/", INKHORN_LOG_LEVEL="warning", INKHORN_TRUSTED_PROXIES="1") as (server, _):
            time.sleep(5)
            words = max(1, posts // POSTS_A_WORD)
            paths = [f"/search?q={word(number * 7 % words)}" for number in range(words)]
            spent, size = cost(port, server.pid, paths, rounds=rounds, many=many)
        least = floor(size, rounds=rounds, many=many)
        on_disk = sum(path.stat().st_size for path in data.glob("inkhorn.sqlite3*")) / 1e6
        print(
            f"search  {posts:,} posts: {spent:.2f} ms CPU (bar {BAR_MS} for 1,000)  = {spent / least:.1f} x bare Flask ({least:.3f} ms)"
            f"  page of {size / 1000:.1f} kB  database {on_disk:.0f} MB",
            flush=True,
        )
        return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument(
        "--large", type=int, default=0, help="So many posts beside the thousand; 100000 is the bar's, and takes half an hour."
    )
    options = parser.parse_args()
    small = measure(1000, rounds=options.rounds, many=options.many)
    if options.large:
        large = measure(options.large, rounds=options.rounds, many=options.many)
        print(f"growth  {options.large:,} posts cost {large / small:.2f} times what 1,000 do (bar {BAR_GROWTH})")


if __name__ == "__main__":
    sys.exit(main())
