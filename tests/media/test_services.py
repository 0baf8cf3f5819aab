"""Uploads are kept once, whole or not at all."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inkhorn.core.access import House
from inkhorn.core.audit import entries_about
from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.storage import storage
from inkhorn.media import services, tasks
from inkhorn.media.images import studio
from inkhorn.media.images.verdicts import Drawn
from inkhorn.media.models import Asset, Kind
from inkhorn.media.services import FileRefused, describe_asset, receive
from inkhorn.media.services.receiving import tidy_filename
from tests.factories.media import make_asset, picture_bytes, store
from tests.media.sweeping import sweep

pytestmark = pytest.mark.usefixtures("database")


def test_a_kept_picture_is_described_by_what_it_is() -> None:
    asset = make_asset(picture_bytes(form="PNG"), filename="harbour.jpg", alt="The harbour")
    assert (asset.kind, asset.content_type, asset.width, asset.height) == (Kind.IMAGE, "image/png", 800, 500)
    assert asset.key.endswith(f"{asset.uuid}.png")
    assert asset.filename == "harbour.jpg"
    assert (asset.colour or "").startswith("#")
    assert storage().stat(asset.key)
    assert session().scalar(entries_about(asset)).action == "media.stored"


def test_the_same_bytes_are_kept_once() -> None:
    assert make_asset(filename="a.jpg").id == make_asset(filename="b.jpg").id
    assert session().scalar(select(func.count()).select_from(Asset)) == 1


def test_a_file_lost_from_the_disk_comes_back_with_its_twin() -> None:
    asset = make_asset()
    storage().delete(asset.key)
    make_asset()
    assert storage().stat(asset.key)


def test_an_aborted_upload_leaves_no_row_and_its_file_is_swept_up(clock) -> None:
    before = {stored.key for stored in storage().files()}
    with pytest.raises(ZeroDivisionError), transaction():
        store(picture_bytes(300, 200), filename="a.jpg", by=House())
        raise ZeroDivisionError
    left = {stored.key for stored in storage().files()} - before
    assert len(left) == 1
    assert not session().scalar(select(Asset.id).where(Asset.key.in_(left)))
    sweep(clock.now.replace(year=2100))
    assert left.isdisjoint(stored.key for stored in storage().files())


def test_the_sweep_leaves_what_is_spoken_of_and_what_is_young() -> None:
    asset, young = make_asset(), f"2026/11/{'0' * 32}.txt"
    storage().put(young, io.BytesIO(b"x"))
    assert sweep() == 0
    assert storage().stat(asset.key)
    storage().delete(young)


def test_the_sweep_leaves_what_others_laid_beside_our_files() -> None:
    strangers = ("backups/site-2026.sql", "2026/11/holiday.png", f"other/2026/11/{'0' * 32}.png")
    for key in strangers:
        storage().put(key, io.BytesIO(b"x"))
    sweep(now() + timedelta(hours=1))
    assert all(storage().stat(key) for key in strangers)
    for key in strangers:
        storage().delete(key)


def test_a_picture_waits_for_its_smaller_versions_and_a_document_for_nothing() -> None:
    picture, paper = make_asset(), make_asset(b"%PDF-1.7 tide table", filename="tides.pdf")
    assert [row.args for row in session().scalars(select(JobRow))] == [{"asset_id": picture.id}]
    assert (paper.kind, paper.content_type) == (Kind.FILE, "application/pdf")


def test_the_job_draws_and_a_second_run_replaces() -> None:
    asset = make_asset(picture_bytes(1500, 1000, quality=100))
    for _run in range(2):
        tasks.make_renditions(asset_id=asset.id)
    kept = session().get(Asset, asset.id, populate_existing=True)
    assert kept.rendered_at
    assert len({each.key for each in kept.renditions}) == len(kept.renditions) > 3
    assert all(storage().stat(each.key) for each in kept.renditions)


def test_other_bytes_get_another_address_and_the_old_ones_are_swept_up(monkeypatch) -> None:
    asset = make_asset(picture_bytes(1500, 1000, quality=100), drawn=True)
    before = {each.key: storage().open(each.key).read() for each in asset.renditions}
    real = studio.draw_smaller

    def draw_otherwise(source: Path, folder: Path, **more: Path) -> list[Drawn]:
        drawn = real(source, folder, **more)
        for each in drawn:
            # As a newer encoder would: the same picture in other bytes.
            with (folder / each.name).open("ab") as file:
                file.write(b"!")
        return drawn

    monkeypatch.setattr(studio, "draw_smaller", draw_otherwise)
    with transaction():
        services.make_renditions(asset)
    after = {each.key for each in asset.renditions}
    assert len(after) == len(before) > 3
    assert not after & set(before)
    assert {key: storage().open(key).read() for key in before} == before
    sweep(now() + timedelta(hours=1))
    assert not any(storage().stat(key) for key in before)
    assert all(storage().stat(key) for key in {*after, asset.key})


def test_the_same_bytes_keep_their_address() -> None:
    asset = make_asset(picture_bytes(1500, 1000, quality=100))
    services.make_renditions(asset)
    before = {each.key for each in asset.renditions}
    services.make_renditions(asset)
    assert {each.key for each in asset.renditions} == before


def test_a_job_for_a_vanished_picture_does_nothing() -> None:
    tasks.make_renditions(asset_id=987_654)


def test_an_import_that_changed_its_file_moves_its_name_to_the_new_one() -> None:
    old = make_asset(picture_bytes(100, 100), origin="markdown:x", origin_key="a.jpg")
    new = make_asset(picture_bytes(101, 100), origin="markdown:x", origin_key="a.jpg")
    session().refresh(old)
    assert (old.origin_key, new.origin_key) == (None, "a.jpg")


def test_too_large_a_file_is_refused_in_words(app) -> None:
    with pytest.raises(FileRefused, match="larger than 1 MB"), receive(io.BytesIO(b"x" * 2_000_000), filename="a.txt", max_bytes=1 << 20):
        pass


@pytest.mark.parametrize("content", [b"", b"<html>", b"GIF89a", b"MZ\x90\x00"])
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(content: bytes, app) -> None:
    with pytest.raises(FileRefused):
        make_asset(content, filename="a.gif")
    assert not list((app.extensions["inkhorn.config"].data / "tmp").iterdir())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\sea.jpg", "sea.jpg"),
        ("a\x00b\n.png", "ab.png"),
        ("gpj.\u202eexe.png", "gpj.exe.png"),
        ("", "file"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("x" * 400 + ".jpeg", "x" * 244 + ".jpeg"),
        ("海.png", "海.png"),
    ],
)
def test_names_are_kept_for_people_and_made_harmless(sent: str, kept: str) -> None:
    assert tidy_filename(sent) == kept


def test_a_description_is_changed_and_noted() -> None:
    asset = make_asset()
    with transaction():
        asset = session().get(Asset, asset.id)
        describe_asset(asset, by=House(), alt=" The quay\x00 ", caption="At noon", focus=(2000, -5))
    assert (asset.alt, asset.caption, asset.focal_x, asset.focal_y) == ("The quay", "At noon", 1000, 0)


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


FILM = box(b"ftyp", b"mp42\0\0\0\1mp42mp41") + box(b"moov", b"\0" * 40) + box(b"mdat", b"\0" * 400)


def test_a_film_is_kept_whole_and_refused_where_its_end_is_missing() -> None:
    with receive(io.BytesIO(FILM), filename="sea.mp4") as incoming:
        assert incoming.kept.size_bytes == len(FILM)
    for broken, sentence in ((FILM[:-1], "cut off"), (FILM[:24], "does not say what is in it"), (FILM[24:], "old kind of film")):
        with pytest.raises(FileRefused, match=sentence), receive(io.BytesIO(broken), filename="sea.mp4"):
            pytest.fail("it was taken")
