"""Lists of uploads and sounds ask as many questions for fifty rows as for five."""

from inkhorn.core import clock
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Album, Asset, AssetTag, Episode, Kind, Rendition, Show, State, Track
from tests.api.program import Program

FEW, MANY = 5, 50
LISTS = [
    "/api/v1/media?page[size]=100&include=tags,renditions",
    "/api/v1/albums?page[size]=100&include=tracks",
    "/api/v1/shows?page[size]=100",
    "/api/v1/episodes?page[size]=100",
    "/desk/media/",
    "/desk/media/?view=list",
    "/desk/media/albums",
    "/desk/media/shows/1000",
    "/desk/media/albums/1000",
    "/album/fog-0/",
    "/show/low-0/",
    "/show/low-0/feed.xml",
]


def lay_out(start: int, end: int, maker: int) -> None:
    """Rows as services would have made them, without the sounds themselves."""
    live = {"state": State.PUBLISHED, "published_at": clock.now(), "created_by_id": maker}
    with transaction():
        for number in range(start, end):
            name = f"{number:032x}"
            asset = Asset(
                uuid=name,
                kind=Kind.AUDIO if number % 2 else Kind.IMAGE,
                filename=f"{number}.mp3",
                key=f"2026/11/{name}.mp3",
                content_type="audio/mpeg" if number % 2 else "image/webp",
                size_bytes=1000,
                sha256=f"{number:064x}",
                width=None if number % 2 else 800,
                height=None if number % 2 else 600,
                uploaded_by_id=maker,
                tags=[AssetTag(name=f"tag {number}")],
            )
            asset.renditions.append(
                Rendition(key=f"2026/11/{name}-320.webp", content_type="image/webp", width=320, height=200, size_bytes=100)
            )
            session().add(asset)
            session().flush()
            session().add(Show(id=1000 + number, title=f"Low {number}", slug=f"low-{number}", cover_id=asset.id, **live))
            session().add(Album(id=1000 + number, title=f"Fog {number}", slug=f"fog-{number}", cover_id=asset.id, **live))
            session().flush()
            session().add_all(Track(album_id=album_id, asset_id=asset.id, title="Bell", seconds=3.0) for album_id in {1000, 1000 + number})
            session().add(Episode(show_id=1000, asset_id=asset.id, title=f"Ebb {number}", slug=f"ebb-{number}", seconds=3.0, **live))
    session().expire_all()


def test_lists_ask_no_more_for_many_than_for_few(app, cast, wren, queries):
    program = Program(app, cast, "wren")

    def asked(path: str) -> int:
        session().info.pop("settings", None)
        session().expire_all()
        queries.clear()
        answer = program.browser.get(path, headers=program.headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return len(queries)

    lay_out(0, FEW, wren.id)
    for path in LISTS:
        asked(path)
    few = {path: asked(path) for path in LISTS}
    lay_out(FEW, MANY, wren.id)
    many = {path: asked(path) for path in LISTS}
    assert {path: (few[path], many[path]) for path in LISTS if many[path] > few[path]} == {}
