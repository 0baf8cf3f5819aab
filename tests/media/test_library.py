"""The library at the desk: what is found in it, said of it, moved and taken in, and by whom."""

from io import BytesIO
from unittest import mock

import pytest

from inkhorn.core.database import session, transaction
from inkhorn.core.fetch import Fetched, FetchRefused
from inkhorn.media.models import Asset, Reach
from inkhorn.media.services import describe_asset
from inkhorn.media.services.usage import note_usages
from tests.factories.media import make_asset, picture_bytes

HOSTILE = "<script>alert(1)</script>\"'\u202e.jpg"


def several(by) -> dict[str, Asset]:
    made = {
        "quay": make_asset(picture_bytes(200, 100), filename="quay.jpg", by=by, alt="A stone quay"),
        "rope": make_asset(picture_bytes(100, 200), filename="rope.jpg", by=by),
        "plan": make_asset(b"%PDF-1.7 plan", filename="plan.pdf", by=by),
    }
    with transaction():
        describe_asset(made["rope"], by=by, tags=["Harbour", "Harbour ", "tide"])
        note_usages("posts", 1, asset_ids=[made["quay"].id], reach=Reach.PUBLIC)
    return made


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"quay.jpg", "rope.jpg", "plan.pdf"}),
        ("?kind=image", {"quay.jpg", "rope.jpg"}),
        ("?kind=file", {"plan.pdf"}),
        ("?search=stone", {"quay.jpg"}),
        ("?search=rop+jpg", {"rope.jpg"}),
        ("?search=harb", {"rope.jpg"}),
        ("?search=%25", set()),
        ("?tag=tide", {"rope.jpg"}),
        ("?used=nowhere", {"rope.jpg", "plan.pdf"}),
        ("?alt=none", {"rope.jpg"}),
        ("?trash=yes", set()),
        ("?by=999999", set()),
        (
            "?kind=nonsense&sort=nonsense&by=-1&view=nonsense&_scheme=x&_external=1&asset_id=2&endpoint=x",
            {"quay.jpg", "rope.jpg", "plan.pdf"},
        ),
        ("?view=list&sort=largest", {"quay.jpg", "rope.jpg", "plan.pdf"}),
    ],
)
def test_what_is_looked_for_is_found(at_desk, wren, query, names):
    several(wren)
    page = at_desk(wren).get(f"/desk/media/{query}")
    assert page.status_code == 200
    assert {name for name in ("quay.jpg", "rope.jpg", "plan.pdf") if f'title="{name}"' in page.text} == names


def test_where_nothing_matches_it_is_said_so(at_desk, wren):
    several(wren)
    page = at_desk(wren).get("/desk/media/?search=nothing-like-it").text
    assert "Nothing matches “nothing-like-it”" in page
    assert "Nothing uploaded yet" not in page


@pytest.mark.parametrize("number", ["0", "-1", "9999999", "99999999999999999999", "2"])
def test_a_page_that_is_not_there_is_not_found(at_desk, wren, number):
    several(wren)
    assert at_desk(wren).get(f"/desk/media/?page={number}").status_code == 404


def test_a_full_page_asks_no_more_than_an_empty_one(at_desk, wren, queries):
    desk, counts = at_desk(wren), []
    for many in (3, 30):
        for number in range(many):
            make_asset(picture_bytes(20 + number, 20 + many), by=wren)
        session().expire_all()
        queries.clear()
        desk.get("/desk/media/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_is_said_is_kept_and_shown(at_desk, wren):
    asset = make_asset(by=wren)
    desk = at_desk(wren)
    said = {"filename": "pier.jpg", "alt": "A pier", "caption": "In May", "tags": "sea, Sea , wood", "focus_across": 72, "focus_down": 32}
    assert desk.post(f"/desk/media/{asset.id}/describe", **said).status_code == 303
    kept = session().get(Asset, asset.id, populate_existing=True)
    assert (kept.filename, kept.alt, kept.caption, kept.focal_x, kept.focal_y) == ("pier.jpg", "A pier", "In May", 720, 320)
    assert [tag.name for tag in kept.tags] == ["Sea", "wood"] or [tag.name for tag in kept.tags] == ["sea", "wood"]
    page = desk.get(f"/desk/media/{asset.id}").text
    assert "A pier" in page
    assert "72 percent across" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("filename", ""),
        ("filename", "x" * 256),
        ("alt", "x" * 501),
        ("caption", "x" * 5001),
        ("tags", "x" * 61),
        ("tags", ",".join(f"t{n}" for n in range(31))),
        ("focus_across", "101"),
        ("focus_across", "-1"),
        ("focus_down", "NaN"),
        ("focus_down", "1e400"),
    ],
)
def test_what_cannot_be_said_is_refused_beside_its_field_and_nothing_is_kept(at_desk, wren, field, value):
    asset = make_asset(by=wren)
    answer = at_desk(wren).post(f"/desk/media/{asset.id}/describe", **{"filename": "new.jpg", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text or 'role="alert"' in answer.text
    assert session().get(Asset, asset.id, populate_existing=True).filename == "harbour.jpg"


def test_a_hostile_name_is_text_everywhere(at_desk, wren):
    asset = make_asset(filename=HOSTILE, by=wren, alt=HOSTILE, caption=HOSTILE)
    page = at_desk(wren).get(f"/desk/media/{asset.id}").text
    assert "<script>alert" not in page
    assert "\u202e" not in asset.filename


def test_colleagues_see_and_only_editors_change_what_is_anothers(at_desk, cast, app):
    wren, emil, rhea = cast.wren, cast.emil, cast.rhea
    asset = make_asset(by=emil)
    assert at_desk(wren).get(f"/desk/media/{asset.id}").status_code == 200
    assert at_desk(wren).post(f"/desk/media/{asset.id}/describe", filename="mine.jpg").status_code == 403
    own = make_asset(picture_bytes(50, 50), by=wren)
    assert at_desk(emil).post(f"/desk/media/{own.id}/describe", filename="ours.jpg").status_code == 303
    reader = cast.browser_of(app, rhea)
    assert [reader.get(path).status_code for path in ("/desk/media/", f"/desk/media/{asset.id}")] == [403, 403]
    assert at_desk(emil).get("/desk/media/999999").status_code == 404


def test_many_are_moved_to_the_trash_but_those_in_use_and_undone(at_desk, wren):
    made = several(wren)
    desk = at_desk(wren)
    desk.post("/desk/media/move", move="trash", chosen=[each.id for each in made.values()])
    page = desk.get("/desk/media/")
    assert "“quay.jpg” is shown somewhere" in page.text
    undo = f"/desk/media/restore/{made['rope'].id}.{made['plan'].id}"
    assert undo in page.text
    assert 'title="rope.jpg"' in desk.get("/desk/media/?trash=yes").text
    desk.post(undo)
    assert 'title="rope.jpg"' in desk.get("/desk/media/").text


@pytest.mark.parametrize("numbers", ["x", "1.x.3", "99999999999999", "-1", "1" * 300, "٣"])
def test_nonsense_to_undo_undoes_nothing(at_desk, wren, numbers):
    assert at_desk(wren).post(f"/desk/media/restore/{numbers}").status_code == 303


def test_several_files_by_one_plain_form_each_get_their_own_word(at_desk, wren):
    desk = at_desk(wren)
    files = [
        (BytesIO(picture_bytes(30, 30)), "a.jpg"),
        (BytesIO(b"MZ\x90\x00"), "timetable.jpg"),
        (BytesIO(picture_bytes(31, 30)), "b.jpg"),
    ]
    assert desk.post("/desk/media/upload", file=files, next="/desk/media/").location == "/desk/media/"
    page = desk.get("/desk/media/").text
    assert "“a.jpg” was uploaded" in page
    assert "“timetable.jpg” was not uploaded" in page
    assert "“b.jpg” was uploaded" in page


def test_a_file_is_taken_in_from_an_address(at_desk, wren):
    def answer(_address: str, *, into, **_bounds) -> Fetched:
        assert not session().in_transaction()
        into.write(picture_bytes(44, 44))
        return Fetched(b"", "image/jpeg", "https://example.org/a/gulls%20high.jpg?x=1")

    with mock.patch("inkhorn.media.views.bringing.fetch", answer):
        answer = at_desk(wren).post("/desk/media/fetch", address="https://example.org/x")
    assert session().get(Asset, int(answer.location.rpartition("/")[2])).filename == "gulls high.jpg"


def test_an_address_that_must_not_be_asked_is_refused_in_words(at_desk, wren):
    desk = at_desk(wren)
    for address in (
        "http://127.0.0.1/x.jpg",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "not an address",
        "javascript:alert(1)",
    ):
        desk.post("/desk/media/fetch", address=address)
        assert 'data-kind="warning"' in desk.get("/desk/media/").text
    with mock.patch("inkhorn.media.views.bringing.fetch", side_effect=FetchRefused("Not there.")):
        desk.post("/desk/media/fetch", address="https://example.org/x")
    assert "Not there." in desk.get("/desk/media/").text


def test_a_file_is_replaced_at_the_desk(at_desk, wren):
    asset = make_asset(by=wren)
    key = asset.key
    desk = at_desk(wren)
    desk.post(f"/desk/media/{asset.id}/replace", file=(BytesIO(picture_bytes(60, 61)), "new.jpg"))
    assert session().get(Asset, asset.id, populate_existing=True).key != key
    desk.post(f"/desk/media/{asset.id}/replace", file=(BytesIO(b"junk"), "new.jpg"))
    assert 'data-kind="warning"' in desk.get("/desk/media/").text
