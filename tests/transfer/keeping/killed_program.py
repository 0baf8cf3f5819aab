"""Runs an act again and again in a child that is killed before its first, second, third … step on the disk, and tells what was left each time."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from inkhorn.core.config import Config
from inkhorn.core.starting import READY
from inkhorn.transfer.services.keeping import workplaces
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.reading import unpack_backup
from inkhorn.transfer.services.keeping.restoring import finish_restore, restore_backup
from tests.conftest import config_for
from tests.transfer.keeping.looks import everything

STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod", "shutil.move", "shutil.rmtree", "sqlite3.connect", "open"}
MOST_STEPS = 2_000
BACKUP = "kept.tar"


def is_step(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        path, _mode, flags = arguments
        return isinstance(path, str) and bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
    return event in STEPS


def killed_before(number: int, act: Callable[[], object]) -> bool:
    """Whether the child was killed before that step; False when it came to its end first."""
    child = os.fork()
    if child == 0:
        met = count(1)

        def strike(event: str, arguments: tuple[Any, ...]) -> None:
            if is_step(event, arguments) and next(met) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(strike)
        act()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def every_step(source: Path, work: Path, act: Callable[[Config], object], look: Callable[[Config], str]) -> None:
    for number in range(1, MOST_STEPS):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)
        config = config_for(work)
        was_killed = killed_before(number, lambda config=config: act(config))
        print(json.dumps({"step": number, "killed": was_killed, "found": look(config)}), flush=True)
        if not was_killed:
            return
    raise AssertionError("It never came to its end.")


def restoring(source: Path, work: Path, backup: Path) -> None:
    before = everything(source)

    def look(config: Config) -> str:
        if (config.data / READY).exists():
            finish_restore(config)
            kind = "finished"
        elif all(everything(config.data).get(name) == content for name, content in before.items()):
            return "as before"
        else:
            kind = "done"
        after = everything(config.data)
        kept = {name: content for name, content in after.items() if name.startswith("before-restore-")}
        assert {name.partition("/")[2]: content for name, content in kept.items()}.items() <= before.items()
        assert len(kept) == len(before), sorted(before.keys() - {name.partition("/")[2] for name in kept})
        assert "The clock that is fed by the sea" in after["inkhorn.sqlite3"]
        assert "Changed" not in after["inkhorn.sqlite3"]
        return kind

    every_step(source, work, lambda config: restore_backup(config, backup, is_over=True), look)


def backing_up(source: Path, work: Path) -> None:
    workplaces.GIVEN_UP_SECONDS = 0

    def look(config: Config) -> str:
        folder = config.data / "backups"
        kept, found = folder / BACKUP, "nothing"
        if kept.exists():
            unpack_backup(kept, workplace_in(config.data))
            found = "whole"
        make_backup(config, folder / "next.tar", Wishes())
        assert sorted(path.name for path in folder.iterdir()) == sorted(["next.tar", *([BACKUP] if kept.exists() else [])])
        return found

    every_step(source, work, lambda config: make_backup(config, config.data / "backups" / BACKUP, Wishes()), look)


def workplace_in(data: Path) -> Path:
    folder = data / "unpacked"
    folder.mkdir()
    return folder


if __name__ == "__main__":
    act, source, work, *more = sys.argv[1:]
    if act == "restore":
        restoring(Path(source), Path(work), Path(more[0]))
    else:
        backing_up(Path(source), Path(work))
