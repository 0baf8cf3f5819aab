"""Figures: every process counts for itself, all are told together, and what the dead counted stays."""

import json
import multiprocessing
import os
import signal
import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from inkhorn.core.metrics import shelf as shelves
from inkhorn.core.metrics.families import CONNECTIONS, FAMILIES, REQUEST_SECONDS, REQUESTS, SECONDS
from inkhorn.core.metrics.shelf import Shelf, number_of
from inkhorn.core.metrics.text import written

HOME = (REQUESTS.name, "site.show_home", "GET", "2xx")
POST = (REQUESTS.name, "site.show_post", "GET", "2xx")
OPEN = (CONNECTIONS.name,)
# From a clean interpreter, so that threads of the test run are not forked along.
PROCESSES = multiprocessing.get_context("spawn")
PATIENCE_SECONDS = 60


def count(folder, line) -> None:
    """Be a process that counts, and then lives until it is told to end or nobody can tell it any more."""
    shelf = Shelf(folder)
    shelf.add(HOME, 3)
    shelf.put(OPEN, 2)
    shelf.observe(REQUEST_SECONDS, (REQUEST_SECONDS.name, "site.show_home"), 0.004)
    line.send("counted")
    line.poll(PATIENCE_SECONDS)


@pytest.fixture
def started(tmp_path):
    """Starts a process that counts into the folder, and waits until it has."""
    running = []

    def start():
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=count, args=(tmp_path, theirs))
        process.start()
        theirs.close()
        running.append((process, ours))
        assert ours.poll(PATIENCE_SECONDS)
        assert ours.recv() == "counted"
        return process

    yield start
    for process, ours in running:
        ours.close()
        process.join(PATIENCE_SECONDS)
        assert not process.is_alive()


def test_what_processes_count_is_told_together(tmp_path, started):
    started()
    started()
    own = Shelf(tmp_path)
    own.add(HOME)
    total, living = own.collect()
    assert (total[HOME], total[OPEN], len(living)) == ([7.0], [4.0], 3)
    assert os.getpid() in {number_of(name) for name in living}


def test_what_a_killed_process_counted_stays_and_its_file_goes(tmp_path, started):
    process = started()
    own = Shelf(tmp_path)
    assert own.collect()[0][HOME] == [3.0]
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE_SECONDS)
    for _look in range(2):
        total, living = own.collect()
        # How many connections it had open is nobody's any more.
        assert (total[HOME], OPEN in total, living) == ([3.0], False, {})
    assert list(tmp_path.glob("*.figures")) == []


def test_files_of_the_dead_are_cleared_by_whoever_comes_next(tmp_path, started):
    for _life in range(3):
        process = started()
        os.kill(process.pid, signal.SIGKILL)
        process.join(PATIENCE_SECONDS)
    assert len(list(tmp_path.glob("*.figures"))) == 1
    assert Shelf(tmp_path).collect()[0][HOME] == [9.0]


def test_a_whole_start_begins_anew_and_another_beside_the_living_does_not(tmp_path, started):
    process = started()
    Shelf(tmp_path).begin_anew()
    assert Shelf(tmp_path).collect()[0][HOME] == [3.0]
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE_SECONDS)
    Shelf(tmp_path).begin_anew()
    assert Shelf(tmp_path).collect() == ({}, {})


def fork_and_count(folder, line) -> None:
    """Count, have a forked process count too, and tell what stands there then."""
    shelf = Shelf(folder)
    shelf.add(HOME)
    child = os.fork()
    if child == 0:
        try:
            shelf.add(HOME, 5)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    shelf.add(HOME)
    line.send(shelf.collect()[0][HOME])


def test_a_forked_process_counts_for_itself(tmp_path):
    # Forked from a process without threads, for of the test run's one might hold what the forked one waits for.
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=fork_and_count, args=(tmp_path, theirs))
    process.start()
    theirs.close()
    try:
        assert ours.poll(PATIENCE_SECONDS)
        assert ours.recv() == [7.0]
    finally:
        process.kill()
        process.join(PATIENCE_SECONDS)


def test_no_count_of_many_threads_is_lost(tmp_path):
    shelf = Shelf(tmp_path)
    threads = [threading.Thread(target=lambda: [shelf.add(HOME) for _each in range(2000)]) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shelf.collect()[0][HOME] == [8000.0]


def test_a_value_is_counted_in_its_bucket(tmp_path):
    shelf, key = Shelf(tmp_path), (REQUEST_SECONDS.name, "site.show_home")
    for value in (0.0001, SECONDS[0], 0.3, 999.0):
        shelf.observe(REQUEST_SECONDS, key, value)
    (family,) = text_string_to_metric_families(written(shelf.collect()[0]))
    told = {each.labels["le"]: each.value for each in family.samples if each.name.endswith("_bucket")}
    # Each bucket holds what is at most its bound, those below included.
    assert (told["0.001"], told["0.25"], told["0.5"], told["10"], told["+Inf"]) == (2, 2, 3, 3, 4)
    assert {each.name.rpartition("_")[2]: each.value for each in family.samples}["sum"] == pytest.approx(999.3011)


def test_a_full_disk_or_file_fails_no_request(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    away = Shelf(tmp_path / "file" / "metrics")
    away.add(HOME)
    monkeypatch.setattr(shelves, "FILE_BYTES", 96)
    full = Shelf(tmp_path)
    full.add(HOME)
    full.add(POST)
    full.add(HOME)
    assert full.collect()[0] == {HOME: [2.0]}


def test_what_another_version_counted_is_left_out(tmp_path):
    told = {"figures": [[["inkhorn_of_old"], [4.0]], [[REQUESTS.name, "too few"], [4.0]]], "buried": []}
    tmp_path.joinpath("gone.json").write_text(json.dumps(told))
    tmp_path.joinpath("1-1-a.figures").write_bytes(b"short")
    assert Shelf(tmp_path).collect() == ({}, {})


def test_labels_may_hold_anything(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.add((REQUESTS.name, 'a"b\\c\nd', "GET", "2xx"))
    (family,) = text_string_to_metric_families(written(shelf.collect()[0]))
    assert family.samples[0].labels["endpoint"] == 'a"b\\c\nd'


def test_every_figure_says_what_it_is():
    wrong = [each.name for each in FAMILIES.values() if not each.name.startswith("inkhorn_") or not each.meaning.endswith(".")]
    assert wrong == []
    assert [each.name for each in FAMILIES.values() if each.name.endswith("_total") != (each.kind == "counter")] == []
