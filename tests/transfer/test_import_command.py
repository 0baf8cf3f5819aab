"""`inkhorn import` as people type it: what it says, what it writes, how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from inkhorn.core.database import session
from inkhorn.core.pace import Pace
from inkhorn.posts.models import Post
from inkhorn.transfer.commands import GROUPS, running
from tests.transfer.folders import write_files

pytestmark = pytest.mark.usefixtures("database")
POST: dict[str, str | bytes] = {
    "_posts/2020-01-02-tide.md": "---\ntitle: Tide\n---\nIt comes. {% tidetable %}\n",
    "README.md": "About the source.",
}


def inkhorn(*words: str | Path) -> Result:
    (group,) = (group for group in GROUPS if group.name == "import")
    return CliRunner().invoke(group, [str(word) for word in words])


def test_an_import_says_what_became_of_everything(tmp_path: Path):
    said = inkhorn("markdown", write_files(tmp_path / "site", POST))
    assert said.exit_code == 0
    assert "1 post: 1 new" in said.stdout
    assert "README.md: It speaks about the source" in said.stdout
    assert "_posts/2020-01-02-tide.md: The tag “tidetable” means nothing here" in said.stdout


def test_the_report_is_written_for_programs(tmp_path: Path):
    file = tmp_path / "report.json"
    inkhorn("markdown", write_files(tmp_path / "site", POST), "--report", file)
    report = json.loads(file.read_text("utf-8"))
    assert (report["dialect"], report["dry_run"], report["counts"]["posts"]) == ("jekyll", False, {"new": 1})
    assert {problem["what"] for problem in report["problems"]} == {"not-content", "shortcode"}


def test_a_dry_run_writes_nothing(tmp_path: Path):
    said = inkhorn("markdown", write_files(tmp_path / "site", POST), "--dry-run")
    assert said.stdout.startswith("Would be carried over")
    assert session().scalars(select(Post)).all() == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("markdown", "nowhere"), 1, "There is no folder"),
        (("markdown", "."), 1, "holds no Markdown"),
        (("markdown", ".", "--dialect", "wordstar"), 1, "There is no dialect “wordstar”"),
        (("markdown", ".", "--report", "no/such/folder.json"), 1, "There is no folder no/such"),
        (("markdown", ".", "--author", "nobody@example.org"), 1, "Nobody here has the address"),
        (("wordpress", "nowhere.xml"), 1, "nowhere.xml"),
        (("markdown",), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, sentence: str
):
    monkeypatch.chdir(tmp_path)
    said = inkhorn(*words)
    assert (said.exit_code, sentence in said.stderr) == (code, True)
    assert "Traceback" not in said.output


def test_a_file_where_a_folder_should_be_is_refused(tmp_path: Path):
    (tmp_path / "a.md").write_text("Words.")
    assert "There is no folder" in inkhorn("markdown", tmp_path / "a.md").stderr


def test_an_interruption_ends_with_130_and_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "_carry_batch", interrupted)
    said = inkhorn("markdown", write_files(tmp_path / "site", POST))
    assert (said.exit_code, "run the same command again" in said.stderr) == (130, True)


def test_a_named_author_signs_what_names_nobody(tmp_path: Path, wren):
    inkhorn("markdown", write_files(tmp_path / "site", POST), "--author", "wren@example.org")
    assert [user.name for user in session().scalars(select(Post)).one().authors] == ["Wren"]


def test_the_pace_is_told_in_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inkhorn.core.pace.LINE_SECONDS", 0.0)
    with Pace("Importing") as pace:
        pace(5, 10)
        pace(7, None)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("Importing: 5 of 10, ")
    assert first.endswith(" s left")
    assert second.startswith("Importing: 7, ")
