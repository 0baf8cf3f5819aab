"""Files of rows: text that stays text, whatever a spreadsheet makes of it."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from inkhorn.admin.exports import csv_lines, defused, json_lines
from inkhorn.core.mail.letters import LetterState

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=cmd|' /C calc'!A0", "＝1", "＠x"]


def read(text):
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_text(cell):
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ida", "a=b", "1+1", 7, -7, 1.5, True])
def test_what_is_no_formula_stays_as_it_is(cell):
    assert defused(cell) == cell


def test_what_is_nothing_is_empty():
    assert defused(None) == ""


@pytest.mark.parametrize("cell", ['a"b', "a,b", "a\nb", "ü 潮", "'x"])
def test_a_cell_is_read_as_it_was_written(cell):
    assert read("".join(csv_lines(["x"], [[cell]]))) == [["x"], [cell]]


def test_moments_states_and_lists_are_written_plainly():
    row = [datetime(2026, 3, 2, 12, tzinfo=UTC), LetterState.SENT, {"a": [1]}]
    assert read("".join(csv_lines("xyz", [row])))[1] == ["2026-03-02T12:00:00+00:00", "sent", '{"a": [1]}']
    assert json.loads("".join(json_lines("xyz", [row]))) == {"x": "2026-03-02T12:00:00+00:00", "y": "sent", "z": {"a": [1]}}


def test_rows_are_written_one_by_one():
    def endless():
        while True:
            yield [1]

    lines = csv_lines(["x"], endless())
    assert [next(lines) for _ in range(3)] == ["x\r\n", "1\r\n", "1\r\n"]
