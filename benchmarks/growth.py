"""What a hundred times as many posts make of each page's cost: two sites served side by side, loaded in turn."""

import argparse
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.content import TAGS, generate
from benchmarks.figures import Figure, record
from benchmarks.measures import FROM_EVERYWHERE, drive, free_port, inkhorn, serving
from benchmarks.rows import POSTS_A_WORD, SECRET, fill, word

from inkhorn.accounts.services import sessions
from inkhorn.accounts.services.people import create_user
from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, transaction

# Bars of the issue.
BAR, SEARCH_BAR = 1.15, 4.0
SMALL = 1000
SETTINGS = {"INKHORN_LOG_LEVEL": "warning", "INKHORN_TRUSTED_PROXIES": "1", "INKHORN_PAGE_CACHE_MB": "0"}


def planted(data: Path, posts: int) -> str:
    """A site of so many posts; the cookie of an editor who is signed in."""
    subprocess.run(inkhorn("--data", str(data), "migrate"), check=True, capture_output=True)
    fill(data, posts)
    with create_app(load_config(data=data, environ={}, overrides={"secret_key": SECRET})).app_context():
        with transaction():
            sync_roles()
            edda = create_user(email="edda@example.org", name="Edda", role="editor", by=House())
            token = sessions.open_session(edda, sessions.Visit(address="127.0.0.1", device="bench"))
        db.session.close()
        db.engine.dispose()
    return f"Cookie: inkhorn={token}"


def paths(posts: int) -> dict[str, str]:
    """One address of each kind; the post is in the midst of the others."""
    middle = next(each for each in generate(posts) if each["n"] == posts // 2)
    return {
        "home": "/",
        "post": f"/{middle['slug']}/",
        "tag": f"/tag/{TAGS[0]}/",
        "feed": "/feed.xml",
        "API list": "/api/v1/posts?page%5Bsize%5D=10&include=authors,tags,series,cover",
        "desk list": "/desk/",
        "search": f"/search?q={word(max(1, posts // POSTS_A_WORD) // 2)}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        sites = []
        for posts in (SMALL, options.large):
            data, port = Path(name) / str(posts), free_port()
            cookie, site = planted(data, posts), f"http://127.0.0.1:{port}"
            command = inkhorn("--data", str(data), "run", "--port", str(port))
            server, _first = servers.enter_context(serving(command, site + "/", **SETTINGS))
            sites.append((site, server.pid, paths(posts), cookie))
        for page in sites[0][2]:
            spent: list[list[float]] = [[], []]
            errors = 0
            for turn in range(options.rounds + 1):
                for mine, (site, pid, at, cookie) in zip(spent, sites, strict=True):
                    load = drive(
                        *(site, at[page]),
                        pid=pid,
                        seconds=options.seconds,
                        connections=8,
                        script_more=FROM_EVERYWHERE,
                        headers=(cookie,) if page.startswith("desk") else (),
                    )
                    errors += load.errors
                    # The first turn fills the files' cache.
                    mine.extend([load.cpu_ms] if turn else [])
            small, large = map(statistics.median, spent)
            beside = f"{large:.2f} ms with {options.large:,} posts, {small:.2f} with {SMALL:,}; {errors} errors"
            record(Figure(f"growth of {page}", large / small, "times", SEARCH_BAR if page == "search" else BAR, beside=beside))


if __name__ == "__main__":
    main()
