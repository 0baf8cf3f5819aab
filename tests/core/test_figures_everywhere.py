"""A running site tells the figures of all its processes, whichever answers, and none falls when one is killed."""

import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import web_workers
from tests.running import RunningSite

pytestmark = pytest.mark.slow

TOKEN = "watching-the-tide-0123456789"
LOOKS = 30
PATIENCE_SECONDS = 90


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    settings = {"INKHORN_PROFILE": "staging", "INKHORN_METRICS_TOKEN": TOKEN, "INKHORN_WEB_WORKERS": "2"}
    running = RunningSite(tmp_path / "data", environment=settings).start()
    yield running
    running.stop()


def told(site: RunningSite, name: str, **labels: str) -> float:
    """The sum of a figure over what it is told apart by."""
    asked = urllib.request.Request(f"{site.base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    found = [each for family in families for each in family.samples if each.name == name]
    return sum(each.value for each in found if labels.items() <= each.labels.items())


def look(site: RunningSite, many: int) -> None:
    for _each in range(many):
        with urllib.request.urlopen(site.base + "/", timeout=PATIENCE_SECONDS) as answer:
            answer.read()


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.2)


def pages(site: RunningSite) -> float:
    """Pages that were asked for, out of memory or drawn."""
    return sum(told(site, "inkhorn_page_cache_total", result=result) for result in ("hit", "miss"))


def test_no_figure_falls_when_a_process_is_killed(site: RunningSite):
    before = pages(site)
    look(site, LOOKS)
    assert pages(site) == before + LOOKS
    assert told(site, "inkhorn_page_cache_total", result="hit") > 0
    assert told(site, "inkhorn_page_cache_bytes") > 0
    wait_for(lambda: told(site, "inkhorn_processes", role="runner") == 1)
    wait_for(lambda: told(site, "inkhorn_jobs_done_total", outcome="done") > 0)
    assert told(site, "inkhorn_memory_bytes", role="runner") > 1_000_000

    killed = web_workers(site.process.pid)[0]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: killed not in (workers := web_workers(site.process.pid)) and len(workers) == 2)
    look(site, LOOKS)
    assert pages(site) == before + 2 * LOOKS
    names = [path.name for path in (site.data / "metrics").glob("*.figures")]
    assert [name for name in names if name.startswith(f"{killed}-")] == []
