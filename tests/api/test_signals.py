"""Every signal that an extension may connect to stands in the reference, and is made in an events file and nowhere else."""

import re
from pathlib import Path

from tests.architecture.tree import ROOT, SOURCE

MADE = re.compile(r'^(\w+) = signal\("(\w+)"\)', re.MULTILINE)
REFERENCE = ROOT / "docs" / "reference" / "events.md"


def made_in(files: list[Path]) -> dict[str, Path]:
    return {name: path for path in files for variable, name in MADE.findall(path.read_text(encoding="utf-8")) if variable == name}


def test_every_signal_is_in_the_reference():
    signals = made_in(list(SOURCE.rglob("events.py")))
    told = set(re.findall(r"^\| `(\w+)` \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(signals) > 30
    assert set(signals) <= told


def test_signals_are_made_in_events_files_alone():
    elsewhere = [
        path for path in SOURCE.rglob("*.py") if path.name != "events.py" and re.search(r'\bsignal\("', path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []


def test_a_planted_signal_is_found(tmp_path: Path):
    planted = tmp_path / "events.py"
    planted.write_text('from blinker import signal\n\ntide_turned = signal("tide_turned")\n', encoding="utf-8")
    assert made_in([planted]) == {"tide_turned": planted}
