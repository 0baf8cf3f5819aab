"""Figures where the disk is full, files are somebody else's, or somebody was killed while tidying up: none is worth a request, none is told twice."""

import errno
import os
import threading

import pytest

from inkhorn.core.metrics import shelf as shelves
from inkhorn.core.metrics.families import CONNECTIONS, REQUESTS
from inkhorn.core.metrics.shelf import Shelf

HOME = (REQUESTS.name, "site.show_home", "GET", "2xx")
OPEN = (CONNECTIONS.name,)
PATIENCE_SECONDS = 60


def refuse(*_what, **_how):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def left_by_the_dead(folder, many: float):
    """The file of a process that counted so many and ended."""
    shelf = Shelf(folder)
    shelf.add(HOME, many)
    path = next(folder.glob("*.figures"))
    content = path.read_bytes()
    shelf._file.close()
    path.unlink()
    path = folder / "1-1-dead.figures"
    path.write_bytes(content)
    return path


def test_the_room_of_a_file_is_taken_before_it_is_written_to(tmp_path):
    Shelf(tmp_path).add(HOME)
    (path,) = tmp_path.glob("*.figures")
    assert path.stat().st_blocks * 512 >= shelves.FILE_BYTES


def test_a_disk_that_was_full_leaves_no_file_and_is_tried_again(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(os, "posix_fallocate", refuse)
        shelf.add(HOME)
    assert (list(tmp_path.glob("*.figures")), shelf.collect()) == ([], ({}, {}))
    shelf.add(HOME)
    assert shelf.collect()[0] == {}
    monkeypatch.setattr(shelf, "_rests_until", 0.0)
    shelf.add(HOME, 4)
    assert shelf.collect()[0] == {HOME: [4.0]}


def test_on_a_full_disk_the_dead_are_told_and_buried_later(tmp_path, monkeypatch):
    path = left_by_the_dead(tmp_path, 3)
    with monkeypatch.context() as full:
        full.setattr(shelves, "_write_gone", refuse)
        assert [Shelf(tmp_path).collect() for _look in range(2)] == [({HOME: [3.0]}, {})] * 2
    assert path.exists()
    assert [Shelf(tmp_path).collect() for _look in range(2)] == [({HOME: [3.0]}, {})] * 2
    assert not path.exists()


def test_who_was_stopped_between_adding_and_taking_away_has_nothing_told_twice(tmp_path):
    path = left_by_the_dead(tmp_path, 3)
    content = path.read_bytes()
    assert Shelf(tmp_path).collect()[0] == {HOME: [3.0]}
    path.write_bytes(content)
    assert [Shelf(tmp_path).collect() for _look in range(2)] == [({HOME: [3.0]}, {})] * 2
    assert not path.exists()


def test_what_can_be_read_is_told_where_nobody_may_tidy_up(tmp_path, monkeypatch):
    left_by_the_dead(tmp_path, 3)
    Shelf(tmp_path).collect()
    own = Shelf(tmp_path)
    own.add(HOME)
    monkeypatch.setattr(shelves, "_held", refuse)
    assert own.collect()[0] == {HOME: [4.0]}
    own.begin_anew()
    assert own.collect()[0] == {HOME: [4.0]}


@pytest.mark.parametrize(
    "gone", ["", "[]", "{}", '{"figures": 3, "buried": []}', '{"figures": [[["inkhorn_of_old"], [4.0]]], "buried": []}']
)
def test_what_stands_for_the_gone_may_be_anything(tmp_path, gone):
    (tmp_path / "gone.json").write_text(gone)
    assert Shelf(tmp_path).collect() == ({}, {})


def test_a_collector_that_counts_while_its_thread_counts_stops_nobody(tmp_path):
    shelf = Shelf(tmp_path)

    class Things:
        def __len__(self) -> int:
            shelf.add(HOME)
            return 2

    counting = threading.Thread(target=shelf.put_size, args=(OPEN, Things()), daemon=True)
    counting.start()
    counting.join(PATIENCE_SECONDS)
    assert not counting.is_alive()
    assert shelf.collect()[0] == {HOME: [1.0], OPEN: [2.0]}
