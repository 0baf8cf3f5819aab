"""A site as it is served in production: by gunicorn with the configuration that ships, and readers who go on asking meanwhile."""

import http.client
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.processes import children
from tests.running import RunningSite, inkhorn
from tests.team import make_team

DEPLOY = Path(__file__).parents[1] / "deploy"
SETTINGS = {"INKHORN_CAPTCHA": "none", "INKHORN_SECRET_KEY": "only-for-tests-0123456789-abcdefghij", "INKHORN_WEB_WORKERS": "2"}
PATIENCE_SECONDS = 120
NUMBERS = count(1)


@dataclass
class GunicornSite(RunningSite):
    """Started as deploy/gunicorn.conf.py says."""

    def __post_init__(self) -> None:
        self.environment = self.environment | {"INKHORN_PORT": str(self.port)}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "gunicorn", "-c", str(DEPLOY / "gunicorn.conf.py"), *words]

    def start(self, *words: str) -> "GunicornSite":
        """Start it and wait until every worker has loaded the site: the first answer tells of one of them."""
        super().start(*words)
        await_that(lambda: len(self.workers) == int(self.environment["INKHORN_WEB_WORKERS"]) and all(map(_listens, self.workers)), self)
        return self

    @property
    def workers(self) -> set[int]:
        assert self.process is not None
        return set(children().get(self.process.pid, []))

    def kill_if_running(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def reload(self) -> None:
        """Have all workers replaced, and wait until they are."""
        assert self.process is not None
        before = self.workers
        self.process.send_signal(signal.SIGHUP)
        await_that(lambda: len(self.workers) == len(before) and self.workers.isdisjoint(before) and all(map(_listens, self.workers)), self)


def _listens(worker: int) -> bool:
    """Whether a worker of gunicorn has come so far as to watch its sockets, which it does once it has loaded the site."""
    try:
        return any("tfd:" in told.read_text() for told in Path(f"/proc/{worker}/fdinfo").iterdir())
    except OSError:
        return False


def await_that(is_so: Callable[[], object], site: RunningSite) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, site.log[-3000:]
        time.sleep(0.1)


def make_ready(data: Path, settings: dict[str, str]) -> str:
    """A data folder with its people; a key that may publish."""
    make_team(data, settings, ("emil@example.org", "Emil Norrby", "editor"), password="kelp tide moon lantern")
    may = [word for name in ("posts.write", "posts.publish") for word in ("--may", name)]
    made = inkhorn(data, "key", "create", "Sea", "--for", "emil@example.org", *may, **settings)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def publish(port: int, key: str) -> tuple[int, str]:
    """One more post; its number and title."""
    title = f"Gulls, part {next(NUMBERS)} and no more"
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": title.replace(" ", "-")}
    client.request("POST", "/api/v1/posts", json.dumps({"title": title, "body": "Over the quay.", "status": "published"}), headers)
    answer = client.getresponse()
    told = json.loads(answer.read())
    client.close()
    assert answer.status == 201, told
    return int(told["data"]["id"]), title


def get(port: int, path: str = "/", **headers: str) -> tuple[int, str]:
    """Asked over a connection of its own."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    client.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()} | {"Connection": "close"})
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    return answer.status, body


@dataclass
class Readers:
    """What some readers met who went on asking."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def readers(ask: Callable[[], object], number: int = 3) -> Iterator[Readers]:
    """Some who ask without a pause until the block ends; what `ask` raises is a failure."""
    met, is_over = Readers(), threading.Event()

    def go_on() -> None:
        while not is_over.is_set():
            try:
                ask()
                met.answered += 1
            except Exception as error:
                met.failures.append(repr(error))

    threads = [threading.Thread(target=go_on, daemon=True) for _ in range(number)]
    for each in threads:
        each.start()
    try:
        yield met
    finally:
        is_over.set()
        for each in threads:
            each.join(PATIENCE_SECONDS)
