"""The table that `make bench` prints, and what its runs are called."""

from importlib import import_module
from pathlib import Path

import pytest
from benchmarks.figures import BOOK, PEERS_TAKE, Figure, read_book, record, table
from benchmarks.table import RUNS, main

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_a_figure_is_told_with_its_bar_and_what_peers_take(tmp_path, monkeypatch, capsys):
    book = tmp_path / "book"
    monkeypatch.setenv(BOOK, str(book))
    record(Figure("home, drawn", 2.5, "ms", 1.8, beside="18 x bare Flask", pace=1.5))
    record(Figure("comments", 41.25, "a second", 50, is_least=True))
    record(Figure("one comment", 22.5, "ms"))
    assert capsys.readouterr().out.splitlines() == [
        "home, drawn: 2.5 ms = 1.67 on a quiet day (bar 1.8); 18 x bare Flask",
        "comments: 41.2 a second (bar at least 50, MISSED)",
        "one comment: 22.5 ms",
    ]
    assert table(read_book(book)).splitlines()[2:] == [
        "| home, drawn | 2.5 ms | 1.67 | 1.8 | yes | 91 | 42 | 18 | 35 | 18 x bare Flask |",
        "| comments | 41.2 a second | 41.2 | at least 50 | **no** |  |  |  |  |  |",
        "| one comment | 22.5 ms | 22.5 |  |  |  |  |  |  |  |",
    ]


def test_every_run_is_a_module_that_says_what_it_measures():
    assert all(import_module(f"benchmarks.{name}").__doc__ for name in RUNS)


def test_what_peers_take_stands_beside_something_that_is_measured():
    kept = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [what for what in PEERS_TAKE if f"| {what} |" not in kept] == []


def test_a_run_that_there_is_not_is_refused_in_words(capsys):
    with pytest.raises(SystemExit) as refused:
        main(["serach"])
    assert refused.value.code == 2
    assert "there is no measurement called serach" in capsys.readouterr().err
