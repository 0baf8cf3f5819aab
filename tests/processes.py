"""Processes of a site under test, found by who started whom, so that one can be killed that nobody handed out."""

from pathlib import Path


def children() -> dict[int, list[int]]:
    """The processes that each started and that are there still."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            # What was killed stays in the list until its parent has looked.
            if fields[0] != "Z":
                found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether it is there and more than an entry that nobody has looked at."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    """Every process below that one: the supervisor's web server, its workers and the runner."""
    started = children()
    found, waiting = [], [pid]
    while waiting:
        below = started.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def web_workers(supervisor: int) -> list[int]:
    """The processes that answer requests; the web server is the one of the supervisor's children that has started most."""
    started = children()
    return max((started.get(pid, []) for pid in started.get(supervisor, [])), key=len, default=[])
