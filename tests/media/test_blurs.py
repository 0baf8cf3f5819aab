"""What stands for a picture until it has come: a few pixels, brought along by pages, hidden where no style sheet knows them."""

import io
from base64 import b64decode

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.prose import render
from inkhorn.core.storage import storage
from inkhorn.media import tasks
from inkhorn.media.models import Asset
from inkhorn.media.queries import blur_path
from inkhorn.media.services import describe_asset, receive, replace_asset, unblurred
from inkhorn.posts.models import Post, Status
from inkhorn.posts.tasks import rerender_posts_showing
from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post

pytestmark = pytest.mark.usefixtures("database")


def pixels(asset: Asset) -> Image.Image:
    return Image.open(io.BytesIO(b64decode(asset.blur or "")))


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGB"), ("WEBP", "RGB"), ("AVIF", "RGB")]
)
def test_a_picture_is_kept_in_a_few_pixels_that_look_like_it(form: str, mode: str) -> None:
    content = picture_bytes(form=form, mode=mode)
    asset = make_asset(content)
    found = pixels(asset)
    assert found.size in {(20, 12), (20, 13)}
    assert len(asset.blur or "") < 400
    whole = Image.open(io.BytesIO(content)).convert("L").resize((2, 2), Image.Resampling.BOX)
    small = found.convert("L").resize((2, 2), Image.Resampling.BOX)
    assert all(abs(one - other) < 16 for one, other in zip(whole.tobytes(), small.tobytes(), strict=True))


def test_what_can_be_looked_through_and_what_is_drawn_has_none() -> None:
    assert make_asset(picture_bytes(form="PNG", mode="RGBA"), filename="a.png").blur == ""
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    assert make_asset(drawing, filename="a.svg").blur == ""


def test_pictures_of_before_are_looked_at_by_the_runner_and_posts_are_rendered_anew() -> None:
    asset, gone = make_asset(drawn=True), make_asset(picture_bytes(640, 480))
    post = make_post(body=f"![The harbour]({asset.path})")
    with transaction():
        session().execute(update(Asset).values(blur=None))
        session().execute(delete(JobRow))
    session().expire_all()
    storage().delete(gone.key)
    tasks.blur_pictures()
    asset, gone = (session().get_one(Asset, each) for each in (asset.id, gone.id))
    assert (pixels(asset).width, gone.blur, list(unblurred(9))) == (20, "", [])
    assert session().scalars(select(JobRow.name)).all() == ["posts.rerender_posts_showing"]
    rerender_posts_showing(asset_id=asset.id)
    assert blur_path(asset) in session().get_one(Post, post.id, populate_existing=True).html


def test_a_replaced_picture_brings_its_own_pixels(wren) -> None:
    asset = make_asset(by=wren)
    before = asset.blur
    with receive(io.BytesIO(picture_bytes(300, 300)), filename="b.jpg") as incoming, transaction():
        replace_asset(asset, incoming, by=wren)
    assert pixels(asset).size == (20, 20)
    assert asset.blur != before


def test_a_page_brings_the_pixels_of_its_cover_along_and_shows_them_in_its_own_style(wren, client) -> None:
    asset = make_asset(picture_bytes(1500, 1000, quality=100), by=wren, drawn=True)
    post = make_post(by=wren, status=Status.PUBLISHED, cover_id=asset.id, body=f"![Fog]({asset.path})")
    for address in ("/", post.path):
        page = client.get(address).text
        behind = f'<span class="blur" aria-hidden="true"><img src="data:image/webp;base64,{asset.blur}" alt=""></span><picture>'
        assert behind in page
        assert " style=" not in page
    # In the text, which passes the sanitiser, by an address of its own.
    text = client.get(post.path).text
    behind = (
        f'<span class="blurred"><span class="blur" hidden=""><img src="{blur_path(asset)}" alt="" loading="lazy" decoding="async"></span>'
    )
    assert f"{behind}<picture>" in text
    answer = client.get(blur_path(asset))
    assert (answer.content_type, answer.data) == ("image/webp", b64decode(asset.blur or ""))
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(blur_path(asset).replace(asset.uuid, "0" * 32)).status_code == 404


def test_feeds_show_every_picture_once(wren, client) -> None:
    asset = make_asset(by=wren, drawn=True)
    make_post(by=wren, status=Status.PUBLISHED, body=f"Fog.\n\n![Fog]({asset.path})")
    feed = client.get("/feed.xml").text
    assert asset.path in feed
    assert "blur" not in feed


def test_the_pixels_of_a_members_picture_are_for_members(wren, client, signed_in, cast) -> None:
    asset = make_asset(by=wren)
    with transaction():
        describe_asset(asset, by=wren, is_for_members=True)
    assert client.get(blur_path(asset)).status_code == 404
    led = signed_in(cast.mona).get(blur_path(asset))
    assert client.get(led.location).content_type == "image/webp"


def test_nothing_hides_in_what_an_author_writes_about_blurs() -> None:
    html = render('<span class="blurred"><span class="blur" hidden><img src="data:image/svg+xml,x" onload="x()"></span></span>').html
    assert "data:" not in html
    assert "onload" not in html
