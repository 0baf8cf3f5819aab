"""A fleet that journeys take for one site: INKHORN_TEST_THROUGH=fleet has them go through nginx to two nodes, with jobs on two workers."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

import pytest

from tests.behind import authority_of
from tests.fleet.parts import Stores, Worker, running_proxy, settings_of_fleet
from tests.ports import free_port
from tests.running import RunningSite, await_port
from tests.servers import running_redis

IS_WANTED = os.environ.get("INKHORN_TEST_THROUGH") == "fleet"
of_one_process_tree = pytest.mark.skipif(
    IS_WANTED, reason="kills the site, looks into its folder or has two sites at once, which a fleet does not"
)


@contextmanager
def settings_through_fleet(stores: Stores, name: str, more: dict[str, str]) -> Iterator[dict[str, str]]:
    """Settings of a fleet whose nodes have not been started; every command of the operator's may use them."""
    with running_redis() as redis:
        yield settings_of_fleet(stores, redis, database=name, https=free_port(), **more)


@dataclass
class FleetSite(RunningSite):
    """The first node, whose start brings the others along; readers reach any of them through the proxy."""

    _parts: ExitStack = field(default_factory=ExitStack)

    @property
    def base(self) -> str:
        return self.environment["INKHORN_SITE_URL"]

    @property
    def log(self) -> str:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted(self.data.parent.glob("*.log")))

    def start(self, *words: str) -> "FleetSite":
        folder, https = self.data.parent, urlsplit(self.base).port
        assert https
        with ExitStack() as parts:
            first = RunningSite(self.data, self.environment, self.port)
            parts.callback(first.start(*words).stop)
            self.process = first.process
            other = RunningSite(folder / "other-node", self.environment)
            other.data.mkdir()
            parts.callback(other.start().stop)
            for number in range(2):
                worker = Worker(folder / f"worker-{number}", self.environment)
                worker.data.mkdir()
                parts.callback(worker.start().stop)
            # Last: it turns its back for ten seconds on a node that does not answer yet.
            parts.enter_context(running_proxy(folder, [self.port, other.port], http=free_port(), https=https))
            await_port(https)
            # Programs of the journeys that speak https themselves trust it as well.
            trusted = {"SSL_CERT_FILE": str(authority_of(folder).authority)}
            parts.enter_context(mock.patch.dict(os.environ, trusted))
            self._parts = parts.pop_all()
        return self

    def stop(self) -> int:
        self._parts.close()
        return 0


def site_at(data: Path, environment: dict[str, str]) -> RunningSite:
    """A site in that folder, not yet started: one process tree, or the whole fleet."""
    return (FleetSite if IS_WANTED else RunningSite)(data, environment=environment)
