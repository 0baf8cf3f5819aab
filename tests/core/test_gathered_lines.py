"""Lines that are written many at once: none is lost while its process lives, and none is torn."""

import multiprocessing
import os
import threading
import time
from unittest import mock

from inkhorn.core import gathered_lines
from inkhorn.core.gathered_lines import PIECE_BYTES, GatheredLines

PATIENCE_SECONDS = 120


def await_that(is_so) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_they_come_within_moments_whole_and_in_order():
    pieces: list[str] = []
    lines = GatheredLines(pieces.append)
    told = [f"{number} {'x' * 100}" for number in range(1000)]
    for line in told:
        lines.add(line)
    await_that(lambda: "\n".join(pieces).split("\n") == told)
    assert len(pieces) < 40
    assert max(len(piece) for piece in pieces) < PIECE_BYTES


def test_one_that_is_longer_than_a_piece_is_written_by_itself():
    pieces: list[str] = []
    lines = GatheredLines(pieces.append)
    for line in ("a", "b" * 2 * PIECE_BYTES, "c"):
        lines.add(line)
    lines.flush()
    assert [len(piece) for piece in pieces if piece] == [1, 2 * PIECE_BYTES, 1]


def test_whoever_writes_them_goes_home_and_comes_back(monkeypatch):
    monkeypatch.setattr(gathered_lines, "EVERY_SECONDS", 0.001)
    monkeypatch.setattr(gathered_lines, "LOOKS_AT_NOTHING", 2)
    pieces: list[str] = []
    lines = GatheredLines(pieces.append)
    for number in range(20):
        lines.add(str(number))
        await_that(lambda: all(each.name != "access-log" for each in threading.enumerate()))
    assert "\n".join(pieces).split("\n") == [str(number) for number in range(20)]


def test_many_threads_lose_none_while_others_go_home(monkeypatch):
    monkeypatch.setattr(gathered_lines, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(gathered_lines, "LOOKS_AT_NOTHING", 1)
    pieces: list[str] = []
    lines = GatheredLines(pieces.append)
    threads = [threading.Thread(target=lambda: [lines.add("x") for _ in range(500)]) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    await_that(lambda: "".join(pieces).count("x") == 2000)


def test_a_forked_process_writes_its_own():
    read, write = os.pipe()
    written_by: list[int] = []
    lines = GatheredLines(lambda piece: (os.write(write, piece.encode()), written_by.append(os.getpid())))
    lines.add("parent")
    await_that(lambda: os.getpid() in written_by)
    child = os.fork()
    if child == 0:
        try:
            lines.add("child")
            await_that(lambda: os.getpid() in written_by)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    assert os.read(read, 100) == b"parentchild"
    os.close(read)


def test_a_process_of_a_server_that_ends_writes_the_last():
    read, write = os.pipe()

    def serve() -> None:
        lines = GatheredLines(lambda piece: os.write(write, piece.encode()))
        lines.add("the last")

    process = multiprocessing.get_context("fork").Process(target=serve)
    process.start()
    process.join(PATIENCE_SECONDS)
    os.close(write)
    assert os.read(read, 100) == b"the last"
    os.close(read)


def test_more_than_memory_is_for_are_written_by_whoever_adds_one(monkeypatch):
    monkeypatch.setattr(gathered_lines, "EVERY_SECONDS", 3600)
    monkeypatch.setattr(gathered_lines, "MOST_LINES", 10)
    pieces: list[str] = []
    lines = GatheredLines(pieces.append)
    for _each in range(12):
        lines.add("x")
    assert "".join(pieces).count("x") == 11


def test_where_no_thread_can_begin_they_are_written_at_once(monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", mock.Mock(side_effect=RuntimeError("can't start new thread")))
    pieces: list[str] = []
    GatheredLines(pieces.append).add("x")
    assert pieces == ["x"]


def test_it_is_to_end_with_its_process_once_however_often_it_begins(monkeypatch):
    monkeypatch.setattr(gathered_lines, "EVERY_SECONDS", 0.001)
    monkeypatch.setattr(gathered_lines, "LOOKS_AT_NOTHING", 1)
    registered = mock.Mock()
    monkeypatch.setattr(gathered_lines, "Finalize", registered)
    lines = GatheredLines(lambda piece: None)
    for _each in range(3):
        lines.add("x")
        await_that(lambda: lines._process == 0)
    assert registered.call_count == 1
