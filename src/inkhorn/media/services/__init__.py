"""Everything that changes uploads: receiving.py looks at a file, keeping.py keeps and describes it, announcing.py and parts.py take large ones in parts that wait on shelves/, replacing.py puts another in its place,
drawing.py makes it smaller, usage.py notes what shows it, tidying.py and sweeping.py tidy up, marking.py tells whose a store is, portraits.py lets one stand for a person,
leaving.py sees to what somebody leaves behind."""

from inkhorn.media.content import FileRefused
from inkhorn.media.services.drawing import Drawing, draw_blur, draw_renditions, keep_blur, keep_renditions, make_renditions, unblurred
from inkhorn.media.services.keeping import describe_asset, store_asset
from inkhorn.media.services.marking import StoreNotOurs, claim_store, count_sweep, own_store, put_mark
from inkhorn.media.services.parts import sweep_uploads
from inkhorn.media.services.portraits import draw_portrait, remove_avatar, set_avatar
from inkhorn.media.services.receiving import Incoming, receive
from inkhorn.media.services.replacing import AlreadyThere, replace_asset
from inkhorn.media.services.sweeping import TooManyOrphans, delete_orphans, find_orphans, sweep_leftovers
from inkhorn.media.services.tidying import StillUsed, purge_trash, restore_asset, trash_asset

__all__ = [
    "AlreadyThere",
    "Drawing",
    "FileRefused",
    "Incoming",
    "StillUsed",
    "StoreNotOurs",
    "TooManyOrphans",
    "claim_store",
    "count_sweep",
    "delete_orphans",
    "describe_asset",
    "draw_blur",
    "draw_portrait",
    "draw_renditions",
    "find_orphans",
    "keep_blur",
    "keep_renditions",
    "make_renditions",
    "own_store",
    "purge_trash",
    "put_mark",
    "receive",
    "remove_avatar",
    "replace_asset",
    "restore_asset",
    "set_avatar",
    "store_asset",
    "sweep_leftovers",
    "sweep_uploads",
    "trash_asset",
    "unblurred",
]
