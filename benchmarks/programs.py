"""What a program asks over the wire: a list of ten full posts, and posts created and published one after the other with the disk's word."""

import argparse
import json
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.content import generate
from benchmarks.figures import Figure, record
from benchmarks.first_light import filled
from benchmarks.measures import FROM_EVERYWHERE, await_quiet, cpu_seconds, drive, free_port, inkhorn, pace, serving, web_of
from benchmarks.rows import SECRET

from inkhorn.accounts.services.programs.keys import make_integration_key
from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, transaction

# Bars of the issue: CPU milliseconds of the server's tree, and of the slowest hundredth by the clock.
LIST_BAR, WRITE_BAR, P99_BAR = 1.2, 5.0, 25.0
LIST = "/api/v1/posts?page%5Bsize%5D=10&include=authors,tags,series,cover"
SETTINGS = {"INKHORN_LOG_LEVEL": "warning", "INKHORN_TRUSTED_PROXIES": "1", "INKHORN_SECRET_KEY": SECRET}


def writing(port: int, pids: tuple[int, int], key: str, many: int) -> tuple[float, float, list[float]]:
    """CPU milliseconds of two trees for one post, and how long each took by the clock."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    texts = [*generate(many + 20, seed=7)]
    took: list[float] = []
    before, began = (0.0, 0.0), 0.0
    for number, text in enumerate(texts):
        if number == 20:
            # The first ones warm up.
            took, before, began = [], spent_by(pids), time.monotonic()
        body = {"title": text["title"], "body": text["markdown"], "tags": text["tags"], "status": "published"}
        sent = json.dumps(body).encode()
        # So many places send, since one may not write this much.
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "X-Forwarded-For": f"10.0.{number // 250}.{number % 250}",
        }
        start = time.monotonic()
        connection.request("POST", "/api/v1/posts", sent, headers)
        answer = connection.getresponse()
        told = answer.read()
        took.append(1000 * (time.monotonic() - start))
        assert answer.status == 201, told
        time.sleep(0.05)
    spent, lasted = spent_by(pids), time.monotonic() - began
    # What they spend doing nothing is no post's.
    time.sleep(lasted)
    idle = spent_by(pids)
    web, whole = (1000 * ((after - first) - (last - after)) / many for first, after, last in zip(before, spent, idle, strict=True))
    return web, whole, sorted(took)


def spent_by(pids: tuple[int, int]) -> tuple[float, float]:
    return cpu_seconds(pids[0]), cpu_seconds(pids[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--many", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        filled(name, 1000)
        key = key_of_a_program(Path(name))
        with serving(inkhorn("--data", name, "run", "--port", str(port)), site + "/", **SETTINGS) as (server, _first):
            await_quiet(Path(name))
            load = drive(site, LIST, pid=server.pid, seconds=options.seconds, script_more=FROM_EVERYWHERE)
            beside = f"of the whole server; {load.per_second:,.0f} a second, p99 {load.p99_ms:.0f} ms, {load.errors} errors"
            record(Figure("API list of 10 full posts", load.cpu_ms, "ms", LIST_BAR, pace=pace(), beside=beside))
            web, whole, took = writing(port, (web_of(server.pid), server.pid), key, options.many)
            now = pace()
    record(Figure("create and publish by API", web, "ms", WRITE_BAR, pace=now, beside="of the web server, `synchronous=FULL`"))
    record(Figure("create and publish by API, with the runner", whole, "ms", pace=now, beside="the search index is the runner's"))
    slowest = took[int(0.99 * (len(took) - 1))]
    record(
        Figure(
            "create and publish by API, p99", slowest, "ms by the clock", P99_BAR, pace=now, beside=f"median {took[len(took) // 2]:.1f} ms"
        )
    )


def key_of_a_program(data: Path) -> str:
    with create_app(load_config(data=data, environ={}, overrides={"secret_key": SECRET})).app_context():
        with transaction():
            sync_roles()
            key = make_integration_key(name="bench", permissions=["posts.write", "posts.publish", "posts.edit_any"], by=House())
        db.session.close()
        db.engine.dispose()
    return key.text


if __name__ == "__main__":
    main()
