"""Large pictures are looked into one at a time on a machine, and where it runs out of memory it is their process that goes."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from inkhorn.core.config import config
from inkhorn.media import services
from inkhorn.media.images import large, pictures, studio
from inkhorn.media.images.large import LARGE_PIXELS, alone
from tests.factories.media import picture_bytes
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def begun(tmp_path: Path) -> Iterator[None]:
    large.begin_task(tmp_path)
    yield
    large.begin_task(None)


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


def test_where_it_lasts_one_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(large, "PATIENCE_SECONDS", 0.2)
    with ThreadPoolExecutor(1) as pool, alone(LARGE_PIXELS + 1):
        large.begin_task(tmp_path)
        assert pool.submit(lambda: alone(LARGE_PIXELS + 1).__enter__()).result(PATIENCE_SECONDS) is None


def test_without_a_room_nobody_waits():
    large.begin_task(None)
    with alone(LARGE_PIXELS + 1), alone(LARGE_PIXELS + 1):
        pass


def test_a_room_that_takes_nothing_holds_nobody_up(tmp_path: Path):
    large.begin_task(tmp_path / "absent")
    with alone(LARGE_PIXELS + 1), alone(LARGE_PIXELS + 1):
        pass


def test_the_processes_of_a_site_meet_in_the_room_they_are_told(tmp_path: Path):
    """In the process that gave up its users and its network, too."""
    Image.new("1", (LARGE_PIXELS // 4000 + 1, 4000)).save(tmp_path / "large.png")
    studio.clean(tmp_path / "large.png", tmp_path / "clean", room=tmp_path)
    assert (tmp_path / large.NAME).stat().st_uid == os.geteuid()


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


def test_an_upload_meets_others_in_the_folder_of_the_data(database, wren):
    content = BytesIO()
    Image.new("1", (LARGE_PIXELS // 4000 + 1, 4000)).save(content, "PNG")
    content.seek(0)
    with services.receive(content, filename="large.png"):
        assert list((config().data / "tmp").glob("*.lock")) == []
    assert (config().data / large.NAME).is_file()
