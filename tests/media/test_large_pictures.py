"""Large pictures are looked into one at a time on a machine, and where it runs out of memory it is their process that goes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inkhorn.media.images import large, pictures, studio
from inkhorn.media.images.large import LARGE_PIXELS, alone
from tests.factories.media import picture_bytes
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other runs on this machine have large pictures of their own."""
    monkeypatch.setattr(large.tempfile, "tempdir", str(tmp_path))


def test_one_waits_for_the_other():
    inside, most = [], []

    def look(_number: int) -> None:
        with alone(LARGE_PIXELS + 1):
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.02)
            inside.pop()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(8)))
    assert most == [1] * 8


def test_small_ones_wait_for_nobody():
    with alone(LARGE_PIXELS + 1), alone(LARGE_PIXELS):
        pass


def test_where_it_lasts_one_goes_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(large, "PATIENCE_SECONDS", 0.2)
    with ThreadPoolExecutor(1) as pool, alone(LARGE_PIXELS + 1):
        assert pool.submit(lambda: alone(LARGE_PIXELS + 1).__enter__()).result(PATIENCE_SECONDS) is None


def test_a_lock_that_is_somebody_elses_is_left_alone(tmp_path: Path):
    path = tmp_path / f"inkhorn-large-picture-{large.os.geteuid()}.lock"
    path.symlink_to(tmp_path / "theirs")
    with alone(LARGE_PIXELS + 1):
        pass
    assert not (tmp_path / "theirs").exists()


def test_a_picture_says_how_large_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(pictures, "alone", lambda pixels: asked.append(pixels) or alone(pixels))
    (tmp_path / "wide.jpg").write_bytes(picture_bytes(70, 50))
    pictures.clean(tmp_path / "wide.jpg", tmp_path / "clean")
    assert set(asked) == {3500}


def test_its_process_goes_first(tmp_path: Path):
    (tmp_path / "small.jpg").write_bytes(picture_bytes(30, 20))
    studio.clean(tmp_path / "small.jpg", tmp_path / "clean")
    assert {Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip() for child in studio._idle} == {"1000"}
