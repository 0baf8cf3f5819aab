"""What browsers of some years ago do not know is asked for in a way in which they go without it."""

from tests.architecture.tree import SOURCE

# Safari 15 and Chrome 102 have none, and an error instead of a request is no patience.
UNSURE = ("AbortSignal.timeout(", "AbortSignal.any(")


def test_scripts_go_without_what_older_browsers_lack() -> None:
    scripts = [path for path in (SOURCE / "static").rglob("*.js") if path.parent.name != "editor"]
    assert len(scripts) > 10
    assert [path.name for path in scripts if any(each in path.read_text(encoding="utf-8") for each in UNSURE)] == []
