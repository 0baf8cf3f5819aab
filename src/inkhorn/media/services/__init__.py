"""Everything that changes uploads: receiving.py looks at a file, keeping.py keeps and describes it, parts.py takes large ones in parts, replacing.py puts another in its place,
drawing.py makes it smaller, usage.py notes what shows it, tidying.py and sweeping.py tidy up, portraits.py lets one stand for a person,
leaving.py sees to what somebody leaves behind."""

from inkhorn.media.content import FileRefused
from inkhorn.media.services.drawing import Drawing, draw_blur, draw_renditions, keep_blur, keep_renditions, make_renditions, unblurred
from inkhorn.media.services.keeping import describe_asset, store_asset
from inkhorn.media.services.parts import sweep_uploads
from inkhorn.media.services.portraits import draw_portrait, remove_avatar, set_avatar
from inkhorn.media.services.receiving import Incoming, receive
from inkhorn.media.services.replacing import AlreadyThere, replace_asset
from inkhorn.media.services.sweeping import sweep_orphans
from inkhorn.media.services.tidying import StillUsed, purge_trash, restore_asset, trash_asset

__all__ = [
    "AlreadyThere",
    "Drawing",
    "FileRefused",
    "Incoming",
    "StillUsed",
    "describe_asset",
    "draw_blur",
    "draw_portrait",
    "draw_renditions",
    "keep_blur",
    "keep_renditions",
    "make_renditions",
    "purge_trash",
    "receive",
    "remove_avatar",
    "replace_asset",
    "restore_asset",
    "set_avatar",
    "store_asset",
    "sweep_orphans",
    "sweep_uploads",
    "trash_asset",
    "unblurred",
]
