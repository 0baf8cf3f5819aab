"""Web and runner killed in the middle of registering: no account is promised without its letter, and no letter is written twice."""

import os
import random
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.dice import SEED, tell, times
from tests.processes import descendants
from tests.running import RunningSite

pytestmark = pytest.mark.slow

# The long form was run once with INKHORN_TEST_KILLS=100; this one is for every day.
KILLS = times(8)
PATIENCE_SECONDS = 120


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_told: object) -> None:
        return None


def ask(site: RunningSite, number: int, acknowledged: list[int]) -> None:
    """One registration; noted when its answer came."""
    fields = {"name": f"Nora {number}", "email": f"nora{number}@example.org", "password": "kelp tide moon lantern"}
    fields["waiting"] = site.waiting  # type: ignore[attr-defined]
    sent = urllib.request.Request(site.base + "/join", urllib.parse.urlencode(fields).encode())
    # Each from a place of its own, since one place may ask ten times an hour.
    sent.add_header("X-Forwarded-For", f"198.51.100.{number}")
    try:
        urllib.request.build_opener(_Stay).open(sent, timeout=120)
    except urllib.error.HTTPError as answer:
        if answer.code == 303:
            acknowledged.append(number)
        else:
            raise AssertionError(answer.code, answer.read()[:2000]) from answer
    except (OSError, HTTPException):
        pass


@pytest.fixture
def site(tmp_path: Path):
    started = RunningSite(
        tmp_path / "data", environment={"INKHORN_PROFILE": "development", "INKHORN_CAPTCHA": "none", "INKHORN_TRUSTED_PROXIES": "1"}
    ).start()
    started.execute(
        "INSERT INTO setting (section, key, value, updated_at) VALUES ('accounts', 'registration', '\"open\"', CURRENT_TIMESTAMP)"
    )
    yield started
    started.stop()


def waiting_token(site: RunningSite) -> str:
    page = urllib.request.urlopen(site.base + "/join", timeout=120).read().decode()
    return page.split('name="waiting" value="')[1].split('"')[0]


def until_answering(site: RunningSite) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            site.waiting = waiting_token(site)  # type: ignore[attr-defined]
            return
        except (OSError, HTTPException):
            time.sleep(0.05)
    raise TimeoutError(site.log[-3000:])


def test_no_account_is_promised_without_its_letter(site: RunningSite):
    seed = SEED
    chance, acknowledged = random.Random(seed), []
    until_answering(site)
    time.sleep(2.05)
    began = time.monotonic()
    ask(site, KILLS, acknowledged)
    # Before, during and a little after what an answer takes here and now.
    latest = 1.5 * (time.monotonic() - began)
    print(f"seed {seed}, {KILLS} kills within {latest:.2f} s")
    for number in range(KILLS):
        until_answering(site)
        # Forms that are sent at once are taken for a robot's.
        time.sleep(2.05)
        asking = threading.Thread(target=ask, args=(site, number, acknowledged))
        asking.start()
        time.sleep(chance.uniform(0, latest))
        for pid in descendants(site.process.pid):
            # Who lost its parent may be gone before its turn comes.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        asking.join()
    until_answering(site)
    settle(site)
    print(f"{len(acknowledged)} answers came")
    judge(site, acknowledged)
    tell(KILLS, KILLS, f"kills of every process, {len(acknowledged)} acknowledged registrations, each with its letter")


def settle(site: RunningSite) -> None:
    """Wait until the runner has done all that it was asked."""
    until = time.monotonic() + PATIENCE_SECONDS * 2
    while time.monotonic() < until:
        if site.execute("SELECT count(*) FROM job WHERE name = 'accounts.answer_registration'") == [(0,)]:
            return
        time.sleep(0.2)
    pytest.fail(f"jobs were left undone: {site.execute('SELECT name, attempts, error FROM job')}")


def judge(site: RunningSite, acknowledged: list[int]) -> None:
    asked = {row[0]: row[1] for row in site.execute("SELECT id, email FROM registration")}
    letters = site.execute("SELECT purpose, to_address, state FROM letter WHERE kind = 'accounts/confirm'")
    assert {f"nora{number}@example.org" for number in acknowledged} <= set(asked.values())
    assert sorted(to for _purpose, to, _state in letters) == sorted(asked.values())
    assert len({purpose for purpose, _to, _state in letters}) == len(letters)
    assert sum(state == "uncertain" for _purpose, _to, state in letters) <= KILLS
    assert site.execute('SELECT count(*) FROM "user"') == [(0,)]
