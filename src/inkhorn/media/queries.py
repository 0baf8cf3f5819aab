"""Reads of uploads, and pictures as texts and pages show them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from inkhorn.accounts.models import User
from inkhorn.core.database import session
from inkhorn.core.links import site_root
from inkhorn.core.prose import KeptFile, Picture, PictureSource
from inkhorn.media.models import PORTRAIT, Asset, AssetTag, Avatar, FormerName, Kind, Reach, Rendition, Usage

# Databases bound how many values one query may carry; a text can name more pictures than that.
MOST_AT_ONCE = 1_000
PREFIX = "/media/"
# The name of an upload within the path of any version of it.
NAME_IN_PATH = re.compile(r"/media/\d{4}/\d\d/([0-9a-f]{32})")
# What follows the name of an upload in the address of its few pixels.
BLUR_END = "-blur.webp"
# The text column of the shipped theme; on a narrower screen the picture fills it.
TEXT_SIZES = "(min-width: 40rem) 37.25rem, 100vw"
# Where nothing else is said this is large enough for a text column on a dense screen.
PLAIN_WIDTH = 1280
PLAIN_TYPES = ("image/jpeg", "image/png")
# The best first: a browser takes the first it knows.
LIGHT_TYPES = ("image/avif", "image/webp")


@dataclass(frozen=True)
class Use:
    """Something that shows an upload, as far as whoever asks may know of it."""

    room: str
    # "" for what has none, or is not theirs to see.
    title: str
    # Where they may look at it; None where they may not.
    address: str | None


def asset_by_key(key: str) -> Asset | None:
    return session().scalar(select(Asset).where(Asset.key == key))


def asset_by_sha256(sha256: str) -> Asset | None:
    return session().scalar(select(Asset).where(Asset.sha256 == sha256))


def asset_by_former_name(uuid: str) -> Asset | None:
    """The upload that another file of this name was replaced by."""
    return session().scalar(select(Asset).join(FormerName, FormerName.asset_id == Asset.id).where(FormerName.uuid == uuid))


def reach_of(uuid: str) -> Reach | None:
    """Whom a file of this name is handed to; None where there is none, or it lies in the trash."""
    return session().scalar(select(Asset.reach).where(Asset.uuid == uuid, Asset.trashed_at.is_(None)))


def assets_by_paths(paths: Iterable[str]) -> dict[str, Asset]:
    """Uploads by their root-relative paths, with their smaller versions; one query for every thousand of them."""
    keys = sorted({path.removeprefix(PREFIX) for path in paths if path.startswith(PREFIX)})
    found: dict[str, Asset] = {}
    for start in range(0, len(keys), MOST_AT_ONCE):
        some = select(Asset).where(Asset.key.in_(keys[start : start + MOST_AT_ONCE])).options(joinedload(Asset.renditions))
        found |= {asset.path: asset for asset in session().scalars(some).unique()}
    return found | _replaced([f"{PREFIX}{key}" for key in keys if f"{PREFIX}{key}" not in found])


def _replaced(paths: Sequence[str]) -> dict[str, Asset]:
    """Uploads by the paths they had before they were replaced."""
    names = {named[1]: path for path in paths if (named := NAME_IN_PATH.search(path))}
    found: dict[str, Asset] = {}
    for start in range(0, len(names), MOST_AT_ONCE):
        some = sorted(names)[start : start + MOST_AT_ONCE]
        asked = select(FormerName.uuid, Asset).join(Asset, FormerName.asset_id == Asset.id).where(FormerName.uuid.in_(some))
        for uuid, asset in session().execute(asked.options(joinedload(Asset.renditions))).unique():
            found[names[uuid]] = asset
    return found


def portraits_of(user_ids: Iterable[int], *, is_small: bool = True) -> dict[int, str]:
    """The addresses of the pictures that stand for these people, by their numbers; one query for every thousand."""
    wanted = sorted(set(user_ids))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = select(Avatar.user_id, Asset.key).join(Asset, Asset.id == Avatar.asset_id)
        some = some.where(Avatar.user_id.in_(wanted[start : start + MOST_AT_ONCE]))
        found |= {user_id: portrait_at(key, is_small=is_small) for user_id, key in session().execute(some)}
    return found


def portrait_of(user_id: int, *, is_small: bool = True) -> str | None:
    """The same for one of them; None where initials stand in."""
    return portraits_of([user_id], is_small=is_small).get(user_id)


def portrait_at(key: str, *, is_small: bool = False) -> str:
    """The address of somebody's picture, at 320 pixels or at 160, by the key of its upload."""
    return PREFIX + (small_key(key) if is_small else key)


def small_key(key: str) -> str:
    """Where the smaller square of a portrait is kept; told by the name, so that no page has to ask."""
    return key.replace(".webp", "-small.webp")


def portrait_beside(user_id: InstrumentedAttribute[int]) -> ColumnElement[str]:
    """The address of the smaller square, for a statement that is about somebody anyway."""
    key = select(Asset.key).join(Avatar, Avatar.asset_id == Asset.id).where(Avatar.user_id == user_id).scalar_subquery()
    return literal(PREFIX) + func.replace(key, ".webp", "-small.webp")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in the library."""

    kind: Kind | None = None
    # Words in names, descriptions and captions; every one must be found.
    search: str = ""
    tag: str = ""
    by_id: int | None = None
    is_unused: bool = False
    has_no_alt: bool = False
    is_trashed: bool = False
    sort: str = "newest"


_ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": (Asset.created_at.desc(), Asset.id.desc()),
    "oldest": (Asset.created_at, Asset.id),
    "name": (Asset.filename, Asset.id),
    "largest": (Asset.size_bytes.desc(), Asset.id.desc()),
}
SORTS = tuple(_ORDERS)
IS_USED: ColumnElement[bool] = exists().where(Usage.asset_id == Asset.id)
_IN_LIBRARY: ColumnElement[bool] = Asset.origin.is_distinct_from(PORTRAIT)


def library(wanted: Wanted) -> Select[Asset]:
    """The uploads that somebody looks for, with the versions and tags that a list shows."""
    query = select(Asset).where(_IN_LIBRARY).options(selectinload(Asset.renditions), selectinload(Asset.tags))
    query = query.where(Asset.trashed_at.is_not(None) if wanted.is_trashed else Asset.trashed_at.is_(None))
    if wanted.kind:
        query = query.where(Asset.kind == wanted.kind)
    for word in wanted.search.split()[:8]:
        texts = (Asset.filename, Asset.alt, Asset.caption)
        tagged = exists().where(AssetTag.asset_id == Asset.id, AssetTag.name.icontains(word, autoescape=True))
        query = query.where(or_(*(text.icontains(word, autoescape=True) for text in texts), tagged))
    if wanted.tag:
        query = query.where(exists().where(AssetTag.asset_id == Asset.id, AssetTag.name == wanted.tag))
    if wanted.by_id:
        query = query.where(Asset.uploaded_by_id == wanted.by_id)
    if wanted.is_unused:
        query = query.where(~IS_USED)
    if wanted.has_no_alt:
        query = query.where(Asset.kind == Kind.IMAGE, Asset.alt == "")
    return query.order_by(*_ORDERS.get(wanted.sort, _ORDERS["newest"]))


def used_among(asset_ids: Sequence[int]) -> set[int]:
    """Which of these uploads something shows; one query."""
    return set(session().scalars(select(Usage.asset_id).where(Usage.asset_id.in_(asset_ids)).distinct()))


def library_counts() -> tuple[dict[Kind, int], int, int]:
    """How many uploads of each kind there are, how many lie in the trash, and how many bytes all take."""
    is_trashed = Asset.trashed_at.is_not(None)
    asked = select(Asset.kind, is_trashed, func.count(), func.sum(Asset.size_bytes)).where(_IN_LIBRARY).group_by(Asset.kind, is_trashed)
    counts, trashed, size = dict.fromkeys(Kind, 0), 0, 0
    for kind, lies_in_trash, number, size_bytes in session().execute(asked):
        trashed += number if lies_in_trash else 0
        counts[kind] += 0 if lies_in_trash else number
        size += int(size_bytes)
    return counts, trashed, size


def uploaders() -> Select[User]:
    """Who uploaded something that is in the library."""
    return select(User).where(exists().where(Asset.uploaded_by_id == User.id, _IN_LIBRARY)).order_by(func.lower(User.name), User.id)


def all_asset_tags() -> Select[str]:
    return select(AssetTag.name).distinct().order_by(AssetTag.name)


def thumbnail_of(asset: Asset, least: int = 300) -> str | None:
    """Where a small picture of the upload is; None for what is none. Loads nothing if its versions are loaded."""
    if asset.kind is not Kind.IMAGE:
        return None
    fitting = [each for each in asset.renditions if each.content_type == "image/webp" and each.width >= least]
    return (fitting[0] if fitting else asset).path


def uploads_of(user: User) -> Select[Asset]:
    """What somebody uploaded, the picture that stands for them not among it."""
    return select(Asset).where(Asset.uploaded_by_id == user.id, Asset.origin.is_distinct_from(PORTRAIT)).order_by(Asset.id)


def resolve_pictures(srcs: Sequence[str]) -> Mapping[str, Picture]:
    """What the house knows of the images that a text names, however it names them; one query for all."""
    wanted = {src: path for src in srcs if (path := _path_of(src))}
    found = assets_by_paths(wanted.values())
    return {src: picture_of(found[path]) for src, path in wanted.items() if path in found and found[path].width}


def resolve_files(addresses: Sequence[str]) -> Mapping[str, KeptFile]:
    """What the house knows of the files, other than pictures, that a text links to; one query for all, none where there are none."""
    wanted = {address: path for address in addresses if (path := _path_of(address))}
    found = assets_by_paths(wanted.values()) if wanted else {}
    return {address: file_of(found[path]) for address, path in wanted.items() if path in found and found[path].kind is not Kind.IMAGE}


def file_of(asset: Asset) -> KeptFile:
    kind = asset.key.rpartition(".")[2].upper()
    return KeptFile(asset.path, asset.filename, asset.content_type, kind, asset.size_bytes)


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
        blur=blur_path(asset) if asset.blur else "",
        sources=sources,
        sizes=sizes if sources else "",
    )


def blur_path(asset: Asset) -> str:
    """Where the picture is in a few pixels, for whoever gets the picture itself."""
    return f"{PREFIX}{asset.key.rpartition('.')[0]}{BLUR_END}"


def blur_address(blur: str | None) -> str:
    """The same as an address that brings the pixels along, for pages that need not pass the sanitiser."""
    return f"data:image/webp;base64,{blur}" if blur else ""


def blur_of(uuid: str) -> str | None:
    """A picture in a few pixels, by its name, as the Base64 of a WebP; None or empty where there is none."""
    return session().scalar(select(Asset.blur).where(Asset.uuid == uuid))


def tenths(focus: int) -> int:
    """A focal point, kept in thousandths, as pages place pictures by it: a style sheet has a class for each tenth."""
    return (focus + 50) // 100


@dataclass(frozen=True)
class Cut:
    """What a page shows of a picture that it cuts to some proportion."""

    # Width over height, as "16/9".
    ratio: str
    # The part that is left, as the viewBox of a drawing in which the picture has its own size.
    view_box: str


def cut_of(asset: Asset, across: int, down: int, *, ratio: tuple[int, int]) -> Cut:
    """The picture cut to a proportion round a focus in hundredths, as a style sheet's object-fit and object-position cut it."""
    width, height = asset.width or 1, asset.height or 1
    wide = min(width, height * ratio[0] / ratio[1])
    high = min(height, width * ratio[1] / ratio[0])
    left, top = ((length - part) * tenths(focus * 10) / 10 for length, part, focus in ((width, wide, across), (height, high, down)))
    return Cut(f"{ratio[0]}/{ratio[1]}", f"{left:.1f} {top:.1f} {wide:.1f} {high:.1f}")


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
