"""The picture that stands for a person: cut, cleaned, shown, taken away; and whatever else somebody may send."""

import io

import pytest
from PIL import Image
from sqlalchemy import func, select

from inkhorn.core.database import session
from inkhorn.core.storage import storage
from inkhorn.media.images import studio
from inkhorn.media.models import Asset, Avatar, Rendition
from inkhorn.media.queries import portrait_of, portraits_of
from tests.factories.accounts import Browser, audited
from tests.factories.media import make_asset, picture_bytes
from tests.media.sweeping import sweep

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def stripes(*colours, upright: bool, form: str = "PNG", **options) -> bytes:
    """A picture three times as long as wide, in three plain squares."""
    size = (300, 900) if upright else (900, 300)
    picture = Image.new("RGB", size)
    for number, colour in enumerate(colours):
        picture.paste(colour, (0, 300 * number, 300, 300 * number + 300) if upright else (300 * number, 0, 300 * number + 300, 300))
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.fixture
def rheas(signed_in, rhea) -> Browser:
    """A reader, who may not fill the library and has a face all the same."""
    return Browser(signed_in(rhea))


def send(browser: Browser, content: bytes, name: str = "me.jpg", accept: str = "text/html", **fields: str):
    data = {"csrf_token": browser.token, "focus": "middle", "file": (io.BytesIO(content), name), **fields}
    return browser.client.post("/account/picture", data=data, headers={"Accept": accept}, content_type="multipart/form-data")


def kept(key: str) -> Image.Image:
    with storage().open(key) as file:
        return Image.open(io.BytesIO(file.read()))


def rows() -> tuple[int, int, int]:
    return tuple(session().scalar(select(func.count()).select_from(kind)) for kind in (Avatar, Asset, Rendition))


def test_two_squares_are_kept_and_nothing_else(rheas, rhea):
    answer = send(rheas, picture_bytes(1200, 800))
    assert (answer.status_code, answer.location) == (303, "/account/")
    asset = session().scalars(select(Asset)).one()
    assert [kept(key).size for key in (asset.key, asset.renditions[0].key)] == [(320, 320), (160, 160)]
    assert (kept(asset.key).format, rows(), audited("media.avatar_changed"), audited("media.stored")) == ("WEBP", (1, 1, 1), 1, 0)
    assert portrait_of(rhea.id) == f"/media/{asset.renditions[0].key}"
    assert rheas.get(portrait_of(rhea.id)).status_code == 200


@pytest.mark.parametrize(
    ("upright", "focus", "colour"),
    [(True, "top", RED), (True, "middle", GREEN), (True, "bottom", BLUE), (False, "left", RED), (False, "middle", GREEN), (False, "right", BLUE), (True, "left", GREEN)],
)  # fmt: skip
def test_the_part_that_was_chosen_is_kept(rheas, upright, focus, colour):
    send(rheas, stripes(RED, GREEN, BLUE, upright=upright), focus=focus)
    corner = kept(session().scalars(select(Asset.key)).one()).convert("RGB").getpixel((10, 10))
    assert all(abs(one - other) < 30 for one, other in zip(corner, colour, strict=True))


def test_a_turned_photograph_stands_upright(rheas):
    exif = Image.Exif()
    exif[0x0112] = 6
    send(rheas, stripes(RED, GREEN, BLUE, upright=False, form="JPEG", exif=exif), focus="top")
    assert kept(session().scalars(select(Asset.key)).one()).convert("RGB").getpixel((10, 10))[0] > 200


def test_nothing_of_where_it_was_taken_stays(rheas):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
    exif[0x010F] = "A telling camera"
    send(rheas, picture_bytes(exif=exif))
    for key in (*session().scalars(select(Asset.key)), *session().scalars(select(Rendition.key))):
        with storage().open(key) as file:
            assert b"telling" not in (content := file.read())
            assert b"EXIF" not in content


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_kind_of_photograph_will_do(rheas, form):
    assert send(rheas, picture_bytes(form=form)).status_code == 303


def test_a_picture_between_the_sizes_is_not_blown_up(rheas):
    send(rheas, picture_bytes(200, 240))
    asset = session().scalars(select(Asset)).one()
    assert (kept(asset.key).size, kept(asset.renditions[0].key).size) == ((200, 200), (160, 160))


def test_of_an_animation_the_first_frame_stands(rheas):
    frames = [Image.new("RGB", (200, 200), colour) for colour in (RED, BLUE)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    send(rheas, out.getvalue())
    assert kept(session().scalars(select(Asset.key)).one()).convert("RGB").getpixel((5, 5))[0] > 200


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>fired()</script></svg>", "no photograph"),
        (b"%PDF-1.7 x", "no photograph"),
        (b"<html><script>x</script></html>", "web page"),
        (b"\x00" * 99, "not kept"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "damaged"),
        (picture_bytes()[:900], "cut off"),
        (picture_bytes(159, 400), "too small"),
        (picture_bytes(2, 2), "too small"),
    ],
)
def test_what_cannot_stand_for_anybody_is_refused_in_words(rheas, content, says):
    answer = send(rheas, content)
    assert (answer.status_code, rows()) == (422, (0, 0, 0))
    assert says in answer.text.split('id="file-error"')[1].split("</p>")[0]
    assert 'aria-invalid="true"' in answer.text


def test_a_program_is_told_the_same(rheas):
    answer = send(rheas, b"", accept="application/json")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "file")
    assert send(rheas, picture_bytes(), accept="application/json").json["portrait"].startswith("/media/")


def test_a_form_without_a_picture_is_told_beside_its_button(rheas):
    answer = rheas.send("/account/picture", focus="middle")
    assert (answer.status_code, "Choose a picture first" in answer.text) == (422, True)


@pytest.mark.parametrize("focus", ["", "centre", "<script>", "9" * 5000])
def test_a_part_that_there_is_not_is_refused(rheas, focus):
    assert (send(rheas, picture_bytes(), focus=focus).status_code, rows()) == (422, (0, 0, 0))


def test_too_large_a_picture_is_refused_in_words(rheas):
    answer = send(rheas, b"\xff\xd8\xff" + b"x" * (20 * 1024 * 1024))
    assert (answer.status_code, "larger than 20 MB" in answer.text) == (422, True)
    answer = send(rheas, b"\xff\xd8\xff" + b"x" * (21 * 1024 * 1024))
    assert (answer.status_code, "larger than 20 MB" in answer.text) == (413, True)


def test_a_forged_form_changes_nothing(rheas):
    rheas.token = "forged"
    assert (send(rheas, picture_bytes()).status_code, rows()) == (422, (0, 0, 0))


def test_another_picture_takes_the_place_of_the_first(rheas, rhea):
    send(rheas, picture_bytes())
    before = portrait_of(rhea.id)
    send(rheas, picture_bytes(form="PNG"))
    assert portrait_of(rhea.id) != before
    assert (rheas.get(before).status_code, rows(), audited("media.avatar_changed")) == (404, (1, 1, 1), 2)


def test_a_picture_is_taken_away_with_its_files(rheas, rhea):
    send(rheas, picture_bytes())
    before = [portraits_of([rhea.id], is_small=small)[rhea.id] for small in (True, False)]
    assert rheas.send("/account/picture/remove").status_code == 303
    assert (portrait_of(rhea.id), rows(), [rheas.get(path).status_code for path in before]) == (None, (0, 0, 0), [404, 404])
    assert audited("media.avatar_changed") == 2
    rheas.send("/account/picture/remove")
    assert audited("media.avatar_changed") == 2


def test_the_same_face_may_stand_for_two(rheas, signed_in, wren, rhea):
    send(rheas, picture_bytes())
    send(Browser(signed_in(wren)), picture_bytes())
    rheas.send("/account/picture/remove")
    assert (portrait_of(rhea.id), rows()) == (None, (1, 1, 1))
    assert rheas.get(portrait_of(wren.id)).status_code == 200


def test_a_picture_in_the_library_stays_there(signed_in, wren):
    make_asset(by=wren)
    browser = Browser(signed_in(wren))
    send(browser, picture_bytes())
    browser.send("/account/picture/remove")
    assert rows()[1] == 1


def test_the_sweep_leaves_portraits_alone(rheas, rhea, clock):
    send(rheas, picture_bytes())
    clock.forward(days=3)
    sweep()
    assert rheas.get(portrait_of(rhea.id)).status_code == 200


def test_the_desk_shows_it_and_asks_no_more_for_it(signed_in, wren, queries):
    browser = Browser(signed_in(wren))

    def asked_by(path: str) -> int:
        session().info.pop("settings", None)
        queries.clear()
        assert browser.get(path).status_code == 200
        return len(queries)

    before = [asked_by(path) for path in ("/desk/", "/desk/posts/")]
    send(browser, picture_bytes())
    assert [asked_by(path) for path in ("/desk/", "/desk/posts/")] == before
    assert browser.get("/desk/").text.count(portrait_of(wren.id)) == 2


def test_the_pictures_of_many_are_one_question(rheas, rhea, wren, queries):
    send(rheas, picture_bytes())
    people = [rhea.id, wren.id, *range(900, 1500)]
    queries.clear()
    assert list(portraits_of(people)) == people[:1]
    assert len(queries) == 1


def test_pictures_are_few_before_any_is_opened(rheas, monkeypatch):
    assert [send(rheas, b"").status_code for _ in range(10)] == [422] * 10
    monkeypatch.setattr(studio, "clean", None)
    answer = send(rheas, picture_bytes())
    assert (answer.status_code, "Too many tries. Wait" in answer.text) == (429, True)
    assert 3000 < int(answer.headers["Retry-After"]) <= 3600


def test_a_picture_of_a_hall_of_mirrors_is_not_opened(rheas):
    answer = send(rheas, picture_bytes(5001, 5000, form="PNG"))
    assert (answer.status_code, "more than 25 million pixels" in answer.text, rows()) == (422, True, (0, 0, 0))


def test_whoever_finds_no_place_is_told_soon(rheas, monkeypatch):
    class Full:
        def acquire(self, *, timeout: float) -> bool:
            assert timeout <= 10
            return False

    monkeypatch.setattr(studio, "_places", Full())
    answer = send(rheas, picture_bytes())
    assert (answer.status_code, "Wait a minute and send yours again" in answer.text, rows()) == (503, True, (0, 0, 0))


def test_a_place_is_free_again_after_every_end(rheas):
    for content in (picture_bytes(), picture_bytes()[:900], picture_bytes(2, 2)):
        send(rheas, content)
    assert [studio._places.acquire(blocking=False) for _ in range(studio.MOST_CHILDREN)] == [True] * studio.MOST_CHILDREN
    studio._places.release(studio.MOST_CHILDREN)
