"""What the API costs inside one process: a list of ten full posts, and a post created and published, beside a bare Flask route."""

import argparse
import io
import json
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.bare import app as bare
from benchmarks.content import generate
from benchmarks.figures import Figure, record
from benchmarks.fill import fill
from benchmarks.measures import pace
from flask import Flask
from sqlalchemy import event

from inkhorn.accounts.services import sessions
from inkhorn.accounts.services.people import create_user
from inkhorn.accounts.services.programs.keys import make_personal_key
from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.cli import prepare
from inkhorn.core import limits
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, transaction

# Bars of the issue: milliseconds of CPU on its machine, and queries.
LIST_BAR, WRITE_BAR, MOST_QUERIES = 1.2, 5.0, 5
FULL = "/api/v1/posts"
QUERY = "page[size]=10&include=authors,tags,series,cover"


class Caller:
    """Asks an application as a server would, without a client's own work around it."""

    def __init__(self, app: Flask, **headers: str) -> None:
        self.app = app
        self.headers = {f"HTTP_{name.upper()}": value for name, value in headers.items()}

    def ask(self, method: str, path: str, query: str = "", body: Any = None, **headers: str) -> tuple[str, dict[str, str], bytes]:
        raw = json.dumps(body).encode() if body is not None else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": "127.0.0.1",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
            "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "CONTENT_LENGTH": str(len(raw)),
            **({"CONTENT_TYPE": "application/json"} if raw else {}),
            **self.headers,
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        told: dict[str, Any] = {}

        def start(status: str, answered: list[tuple[str, str]], _exc: Any = None) -> None:
            told.update(status=status, headers=dict(answered))

        content = b"".join(self.app.wsgi_app(environ, start))
        return told["status"][:3], told["headers"], content


def milliseconds(app: Flask, works: Mapping[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, float]:
    """The CPU time of one of each, measured in turn; of all rounds the least, since whatever else the machine does only adds to it."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, (work, times) in works.items():
            # The house would refuse its own benchmark otherwise.
            with app.app_context():
                limits.reset()
            began = time.process_time()
            for _each in range(times):
                work()
            spent[name].append(1000 * (time.process_time() - began) / times)
    # The first round warms up.
    return {name: min(figures[1:]) for name, figures in spent.items()}


def queries_of(app: Flask, work: Callable[[], object]) -> int:
    """How many statements one asks the site's database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def made(data: Path, posts: int) -> tuple[Flask, str, str]:
    """A site with so many posts, and an author who is signed in and has a key."""
    told = {"secret_key": "only-for-the-bench-0123456789-abcdefghij", "log_level": "warning"}
    config, _is_new = prepare(load_config(data=data, environ={}, overrides=told), migrates=True)
    fill(data, posts)
    app = create_app(config)
    with app.app_context(), transaction():
        sync_roles()
        wren = create_user(email="wren@example.org", name="Wren", role="author", by=House())
        token = sessions.open_session(wren, sessions.Visit(address="127.0.0.1", device="bench"))
        key = make_personal_key(wren, name="bench", permissions=["posts.write", "posts.publish"], by=House())
    return app, token, key.text


def sent(content: dict[str, Any]) -> dict[str, Any]:
    return {"title": content["title"], "body": content["markdown"], "tags": content["tags"]}


def write_at_once(caller: Caller, content: dict[str, Any]) -> None:
    status, _headers, body = caller.ask("POST", FULL, body=sent(content) | {"status": "published"})
    assert status == "201", body


def write_and_publish(caller: Caller, content: dict[str, Any]) -> None:
    status, headers, body = caller.ask("POST", FULL, body=sent(content))
    assert status == "201", body
    status, _headers, body = caller.ask("POST", f"{headers['Location']}/publish", if_match=headers["ETag"])
    assert status == "200", body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app, token, key = made(Path(folder), chosen.posts)
        visitor, floor = Caller(app), Caller(bare)
        author, program = Caller(app, cookie=f"inkhorn={token}"), Caller(app, authorization=f"Bearer {key}")
        page = app.test_client()
        page.set_cookie("inkhorn", token)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/account/").text)
        author.headers["HTTP_X_CSRF_TOKEN"] = found[1] if found else ""
        status, _headers, body = visitor.ask("GET", FULL, QUERY)
        assert (status, len(json.loads(body)["data"])) == ("200", 10)
        # Made beforehand, since to make texts up is no work of the site; that took a tenth of what was told for writing until now.
        texts = [*generate(3 * (chosen.rounds + 2), seed=7)]
        # Each way of writing gets the same ones, under titles of its own.
        one, one_by_key, two, two_by_key = (iter([text | {"title": f"{text['title']} {way}"} for text in texts]) for way in "abcd")
        acts: dict[str, tuple[Callable[[], object], int]] = {
            "bare Flask route": (lambda: floor.ask("GET", "/"), 100),
            "API list of 10 full posts, visitor": (lambda: visitor.ask("GET", FULL, QUERY), 10),
            "API list of 10 full posts, author": (lambda: author.ask("GET", FULL, QUERY), 10),
            "API list of 10 full posts, key": (lambda: program.ask("GET", FULL, QUERY), 10),
            "create and publish 800 words, one request, author": (lambda: write_at_once(author, next(one)), 3),
            "create and publish 800 words, one request, key": (lambda: write_at_once(program, next(one_by_key)), 3),
            "create, then publish, two requests, author": (lambda: write_and_publish(author, next(two)), 3),
            "create, then publish, two requests, key": (lambda: write_and_publish(program, next(two_by_key)), 3),
        }
        spent = milliseconds(app, acts, chosen.rounds)
        floor_ms, now = spent["bare Flask route"], pace()
        for name, (work, _times) in acts.items():
            if name.startswith("bare"):
                continue
            bar = LIST_BAR if "visitor" in name else WRITE_BAR if "one request" in name else None
            beside = f"in one process; {spent[name] / floor_ms:.1f} x bare Flask ({floor_ms:.3f} ms); {queries_of(app, work)} queries"
            record(Figure(name, spent[name], "ms", bar, pace=now, beside=beside))
            if "visitor" in name:
                record(Figure("queries of that list", queries_of(app, work), "", MOST_QUERIES))


if __name__ == "__main__":
    main()
