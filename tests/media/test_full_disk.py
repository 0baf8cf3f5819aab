"""A disk that is really full, or nearly: every write is refused in words, nothing is half kept, reading goes on, and room is all it takes."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from sqlalchemy import select

from inkhorn.core.database import session
from inkhorn.core.storage import storage
from inkhorn.media import tasks
from inkhorn.media.models import Asset, Rendition
from inkhorn.media.services import announcing
from inkhorn.media.services.checking import missing_files
from tests.factories.media import picture_bytes
from tests.media.small_disk import WAVE, Site, disk, furnished

__all__ = ["disk", "furnished"]


@pytest.fixture
def site(furnished: Site, generous: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(announcing, "SPARE_BYTES", 0)
    yield furnished
    (furnished.disk / "ballast").unlink(missing_ok=True)


def writes(site: Site) -> dict[str, object]:
    """Everything that was tried, and how it was answered."""
    picture = lambda: (BytesIO(picture_bytes(400, 300, quality=100)), "gulls.jpg")  # noqa: E731 - a file is read once
    return {
        "upload": site.send("/desk/media/upload", file=picture()),
        "portrait": site.send("/account/picture", file=picture(), focus="middle"),
        "comment": site.send(f"/comments/on/{site.post_id}", body="The fog has not lifted. " * 100),
        "api": site.browser.post("/api/v1/media", data={"file": picture()}, headers={"X-CSRF-Token": site.token}),
        "begin": site.send("/desk/media/uploads", filename="bell.wav", size=2_000_000_000),
    }


def assert_nothing_is_half_kept(site: Site) -> None:
    with site.app.app_context():
        looked, missing = missing_files()
        assert missing == []
        rows = {*session().scalars(select(Asset.key)), *session().scalars(select(Rendition.key))}
        assert {each.key for each in storage().files()} <= rows, looked
        assert list((site.disk / "data" / "media" / ".unfinished").glob("*")) == []
        assert list((site.disk / "data" / "tmp").iterdir()) == []
        session().close()


@pytest.mark.parametrize("but_kb", [0, 16, 48, 120, 300, 900])
def test_writes_are_refused_in_words_and_reading_goes_on(site: Site, but_kb: int):
    site.fill(but_kb=but_kb)
    for name, answer in writes(site).items():
        assert answer.status_code in (200, 201, 303, 409, 503, 507), (name, answer.status_code, answer.text)
        if answer.status_code >= 500:
            assert re.search(r"room|busy|cannot count", answer.json["detail"]), name
    assert [path for path in site.paths if site.browser.get(path).status_code != 200] == []
    # Tries are limited there, and where none can be counted none is let through.
    found = site.browser.get("/search?q=fog")
    assert found.status_code == 200 or (found.status_code, "count tries" in found.text) == (503, True)
    assert_nothing_is_half_kept(site)


def test_a_file_in_parts_goes_on_once_there_is_room(site: Site):
    address = site.send("/desk/media/uploads", filename="fog.wav", size=len(WAVE)).headers["Location"]
    site.fill(but_kb=100)
    refused = site.add_part(address)
    assert (refused.status_code, "Make room and go on" in refused.json["detail"]) == (507, True)
    (site.disk / "ballast").unlink()
    assert site.add_part(address).json["offset"] == len(WAVE)
    assert site.send(f"{address}/finish").status_code == 200
    assert_nothing_is_half_kept(site)


def test_versions_that_found_no_room_are_drawn_by_the_next_try(site: Site):
    site.fill(but_kb=0)
    with site.app.app_context():
        with pytest.raises(OSError, match="No space left"):
            tasks.make_renditions(asset_id=site.asset_id)
        session().close()
        assert session().get_one(Asset, site.asset_id).renditions == []
        session().close()
        (site.disk / "ballast").unlink()
        tasks.make_renditions(asset_id=site.asset_id)
        assert len(session().get_one(Asset, site.asset_id).renditions) > 3
        session().close()
    assert_nothing_is_half_kept(site)


def test_all_is_well_again_without_a_restart(site: Site):
    site.fill(but_kb=0)
    writes(site)
    (site.disk / "ballast").unlink()
    answers = writes(site)
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "upload": 200, "portrait": 200, "comment": 200, "api": 201, "begin": 507,
    }  # fmt: skip
