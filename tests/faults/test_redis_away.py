"""R20: the Redis that counts tries is stopped, emptied, made read-only or slow; tries are counted all the same, and nobody is let through without end."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from inkhorn.app import create_app
from inkhorn.core import limit_stores, limits
from inkhorn.core.errors import Unavailable
from inkhorn.core.limits import Limit
from tests.conftest import config_for
from tests.dice import dice, tell, times
from tests.faults.lines import Line, line_to
from tests.servers import running_redis

pytestmark = [pytest.mark.slow, pytest.mark.redis]

TRIES, MOST = Limit("tests.redis", "5 per hour"), 5
# Each of the two stores counts for itself, and a slow machine may be taken for a store that is away.
BOUND = 2 * MOST


def stop_line(line: Line, _client: redis.Redis) -> None:
    line.cuts = True


def slow_line(line: Line, _client: redis.Redis) -> None:
    line.seconds = 5


def only_read(_line: Line, client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", "1")


def empty(_line: Line, client: redis.Redis) -> None:
    client.flushall()


def well_again(line: Line, client: redis.Redis) -> None:
    line.cuts, line.seconds = False, 0.0
    client.replicaof("NO", "ONE")


FAULTS: dict[str, Callable[[Line, redis.Redis], None]] = {"away": stop_line, "slow": slow_line, "read-only": only_read, "emptied": empty}


def let_through(key: str, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            limits.spend(TRIES, key)
        except (limits.TooMany, Unavailable):
            continue
        count += 1
    return count


def test_whatever_redis_does_tries_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limit_stores, "AWAY_SECONDS", 0.5)
    rounds, chance, slowest = times(8), dice(), 0.0
    with running_redis() as address:
        port = int(address.rpartition(":")[2].partition("/")[0])
        client = redis.Redis(port=port)
        with line_to(port) as line, create_app(config_for(tmp_path, limits_url=f"redis://127.0.0.1:{line.port}/0")).app_context():
            for number in range(rounds):
                name = list(FAULTS)[number % 4] if number < 4 else chance.choice(list(FAULTS))
                before = let_through(f"{number}", 3)
                FAULTS[name](line, client)
                began = time.monotonic()
                during = let_through(f"{number}", 20)
                slowest = max(slowest, time.monotonic() - began)
                assert before == 3, name
                assert during <= BOUND, name
                well_again(line, client)
                assert MOST <= let_through(f"after {number}", 20) <= BOUND, name
        client.close()
    tell(
        rounds,
        rounds,
        f"faults of Redis ({', '.join(FAULTS)}); nobody was let through beyond it, twenty tries took {slowest:.1f} s at most",
    )
