"""What leaves an entry about uploads."""

import io

from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.media.services import claim_store, describe_asset, receive, replace_asset, restore_asset, trash_asset
from inkhorn.media.services.leaving import remove_assets
from tests.audit.stage import Act, Deed, Stage
from tests.factories.media import make_asset, picture_bytes


def _describe(stage: Stage) -> Deed:
    asset = make_asset(by=stage.cast.wren)

    def describe() -> None:
        with transaction():
            describe_asset(asset, by=stage.cast.wren, alt="A harbour")

    return describe


def _remove(stage: Stage) -> Deed:
    asset = make_asset(by=stage.cast.wren)

    def remove() -> None:
        with transaction():
            assert remove_assets([asset.id], by=stage.cast.wren) == 1

    return remove


def _replace(stage: Stage) -> Deed:
    asset = make_asset(by=stage.cast.wren)

    def replace() -> None:
        with receive(io.BytesIO(picture_bytes(90, 60)), filename="new.jpg") as incoming, transaction():
            replace_asset(asset, incoming, by=stage.cast.wren)

    return replace


def _trash(stage: Stage) -> Deed:
    asset = make_asset(by=stage.cast.wren)

    def trash() -> None:
        with transaction():
            trash_asset(asset, by=stage.cast.wren)

    return trash


def _restore(stage: Stage) -> Deed:
    asset = make_asset(by=stage.cast.wren)
    with transaction():
        trash_asset(asset, by=stage.cast.wren)

    def restore() -> None:
        with transaction():
            restore_asset(asset, by=stage.cast.wren)

    return restore


def _claim(_stage: Stage) -> Deed:
    def claim() -> None:
        with transaction():
            claim_store(by=House())

    return claim


ACTS: dict[str, Act] = {
    "media.stored": lambda stage: stage.presses("wren", "/desk/media/upload", file=(io.BytesIO(picture_bytes()), "harbour.jpg")),
    "media.described": _describe,
    "media.replaced": _replace,
    "media.trashed": _trash,
    "media.restored": _restore,
    "media.removed": _remove,
    "media.store_claimed": _claim,
    "media.avatar_changed": lambda stage: stage.presses(
        "rhea", "/account/picture", focus="middle", file=(io.BytesIO(picture_bytes()), "me.jpg")
    ),
}
