"""Reads of uploads, and pictures as texts and pages show them."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inkhorn.core.database import session
from inkhorn.core.links import site_root
from inkhorn.core.prose import Picture, PictureSource
from inkhorn.media.models import Asset, Rendition

# Databases bound how many values one query may carry; a text can name more pictures than that.
MOST_AT_ONCE = 1_000
PREFIX = "/media/"
# The text column of the shipped theme; on a narrower screen the picture fills it.
TEXT_SIZES = "(min-width: 40rem) 37.25rem, 100vw"
# Where nothing else is said this is large enough for a text column on a dense screen.
PLAIN_WIDTH = 1280
PLAIN_TYPES = ("image/jpeg", "image/png")
# The best first: a browser takes the first it knows.
LIGHT_TYPES = ("image/avif", "image/webp")


def asset_by_key(key: str) -> Asset | None:
    return session().scalar(select(Asset).where(Asset.key == key))


def assets_by_paths(paths: Iterable[str]) -> dict[str, Asset]:
    """Uploads by their root-relative paths, with their smaller versions; one query for every thousand of them."""
    keys = sorted({path.removeprefix(PREFIX) for path in paths if path.startswith(PREFIX)})
    found: dict[str, Asset] = {}
    for start in range(0, len(keys), MOST_AT_ONCE):
        some = select(Asset).where(Asset.key.in_(keys[start : start + MOST_AT_ONCE])).options(joinedload(Asset.renditions))
        found |= {asset.path: asset for asset in session().scalars(some).unique()}
    return found


def resolve_pictures(srcs: Sequence[str]) -> Mapping[str, Picture]:
    """What the house knows of the images that a text names, however it names them; one query for all."""
    wanted = {src: path for src in srcs if (path := _path_of(src))}
    found = assets_by_paths(wanted.values())
    return {src: picture_of(found[path]) for src, path in wanted.items() if path in found and found[path].width}


def picture_of(asset: Asset, *, sizes: str = TEXT_SIZES) -> Picture:
    """An upload as a picture in every format and width it was drawn in; loads nothing if its renditions are loaded."""
    plain = _plain_versions(asset)
    sources = tuple(
        PictureSource(content_type, _srcset(versions))
        for content_type in LIGHT_TYPES
        if (versions := [each for each in asset.renditions if each.content_type == content_type])
    )
    if len(plain) > 1:
        sources += (PictureSource(plain[0].content_type, _srcset(plain)),)
    return Picture(
        src=_plain_src(asset, plain),
        width=asset.width or 0,
        height=asset.height or 0,
        alt=asset.alt,
        colour=asset.colour,
        sources=sources,
        sizes=sizes if sources else "",
    )


def _plain_versions(asset: Asset) -> list[Asset | Rendition]:
    """Every width of the format that each browser, feed reader and mail program knows; the original if it is of that kind."""
    versions: list[Asset | Rendition] = [each for each in asset.renditions if each.content_type in PLAIN_TYPES]
    if asset.content_type in PLAIN_TYPES and asset.width:
        versions = [each for each in versions if (each.width or 0) < asset.width]
        versions.append(asset)
    return versions


def _plain_src(asset: Asset, plain: Sequence[Asset | Rendition]) -> str:
    fitting = [each for each in plain if (each.width or 0) >= PLAIN_WIDTH]
    chosen = fitting[0] if fitting else plain[-1] if plain else asset
    return chosen.path


def _srcset(versions: Sequence[Asset | Rendition]) -> str:
    return ", ".join(f"{each.path} {each.width}w" for each in versions)


def _path_of(src: str) -> str | None:
    """The root-relative path of one of our own files; None for what stands elsewhere."""
    if src.startswith(PREFIX):
        return unquote(src.partition("?")[0].partition("#")[0])
    root = site_root()
    if src.startswith(f"{root}{PREFIX}"):
        return unquote(urlsplit(src).path)
    return None
