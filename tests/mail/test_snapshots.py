"""Every letter as it was looked at and found good; `python -m tests.mail.test_snapshots` keeps what they look like now."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask

from inkhorn.app import create_app
from inkhorn.core.mail.composing import draw
from inkhorn.core.settings import SiteSettings
from tests.architecture.tree import SOURCE
from tests.conftest import config_for
from tests.mail.samples import SAMPLES

FOLDER = Path(__file__).parent / "snapshots"
SITE = SiteSettings(title="The Slow Ferry", description="Notes from both banks of the estuary")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_site(tmp_path_factory.mktemp("letters"))
    with app.app_context():
        yield app


def make_site(folder: Path) -> Flask:
    return create_app(config_for(folder, site_url="https://slowferry.example"))


def kinds() -> set[str]:
    """Every kind of letter that there are templates for."""
    return {f"{path.parents[2].name}/{path.parent.name}" for path in SOURCE.rglob("email/*/subject.txt")}


def pictures(sample: str) -> dict[Path, str]:
    """The letter's two parts, and where each is kept."""
    drawn = draw(sample.partition(":")[0], SITE, "en", **SAMPLES[sample])
    name = sample.replace("/", ".").replace(":", ".")
    return {FOLDER / f"{name}.txt": f"Subject: {drawn['subject']}\n\n{drawn['text']}", FOLDER / f"{name}.html": drawn["html"] + "\n"}


def test_every_kind_of_letter_has_a_sample():
    assert kinds() == {sample.partition(":")[0] for sample in SAMPLES}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_letter_has_three_files(kind: str):
    room, name = kind.split("/")
    (folder,) = SOURCE.rglob(f"{room}/email/{name}")
    assert {path.name for path in folder.iterdir() if not path.name.startswith("_")} == {"subject.txt", "body.txt", "body.html"}


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_a_letter_looks_as_it_did(site: Flask, sample: str):
    for path, text in pictures(sample).items():
        assert path.exists(), "look at it, then run: python -m tests.mail.test_snapshots"
        assert text == path.read_text(encoding="utf-8"), "look at it, then run: python -m tests.mail.test_snapshots"


def test_no_picture_is_of_a_letter_that_is_gone():
    names = {sample.replace("/", ".").replace(":", ".") for sample in SAMPLES}
    assert {path.stem for path in FOLDER.iterdir()} == names


if __name__ == "__main__":
    with TemporaryDirectory() as folder, make_site(Path(folder)).app_context():
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.iterdir():
            old.unlink()
        for each in SAMPLES:
            for path, text in pictures(each).items():
                path.write_text(text, encoding="utf-8")
