"""Runs an act again and again in a child that is killed at another point of its way each time, and tells what was left:
python -m tests.faults.killed_program publish|migrate SOURCE WORK TIMES SEED."""

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, event

from inkhorn.app import create_app
from inkhorn.core import migrating, revisions
from inkhorn.core.database import db
from tests.conftest import config_for
from tests.faults.killed_acts import look_at_database, look_for_readers, publish
from tests.transfer.keeping.killed_program import is_step

POINTS = ("before_cursor_execute", "after_cursor_execute", "commit")


def in_child(act: Callable[[], object], number: int = -1) -> bool:
    """Whether the child was killed at that point; False when it came to its end first. At point 0 it tells how many there are."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        met = count(1)

        def strike(*_told: object) -> None:
            if next(met) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in POINTS:
            event.listen(Engine, name, strike)
        sys.addaudithook(lambda name, arguments: strike() if is_step(name, arguments) else None)
        code = 1
        try:
            act()
            code = 0
            if number == 0:
                print(json.dumps({"points": next(met) - 1}))
        finally:
            sys.stdout.flush()
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def main(act: str, source: Path, work: Path, times: int, seed: int) -> None:
    def fresh() -> None:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)

    fresh()
    before = revisions.revision_of_file(source / "inkhorn.sqlite3")
    if act == "publish":
        app = create_app(config_for(work))
        with app.app_context():
            db.engine.dispose()
        does, looks = (lambda: publish(app)), (lambda: look_for_readers(app))
    else:
        does, looks = (lambda: migrating.upgrade(config_for(work))), (lambda: look_at_database(work, before))
    read, write = os.pipe()
    with os.fdopen(read) as told, os.fdopen(os.dup(1), "w") as out:
        os.dup2(write, 1)
        in_child(does, 0)
        points = json.loads(told.readline())["points"]
        for number in sorted(random.Random(seed).sample(range(1, points + 1), min(times, points))):
            fresh()
            was_killed = in_child(does, number)
            in_child(looks)
            print(json.dumps({"point": number, "of": points, "killed": was_killed} | json.loads(told.readline())), file=out, flush=True)
        os.dup2(out.fileno(), 1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
