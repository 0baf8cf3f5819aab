"""Everything that changes uploads: receiving.py looks at a file, keeping.py keeps it, drawing.py makes it smaller, sweeping.py tidies up."""

from inkhorn.media.content import FileRefused
from inkhorn.media.services.drawing import Drawing, draw_renditions, keep_renditions, make_renditions
from inkhorn.media.services.keeping import describe_asset, store_asset
from inkhorn.media.services.receiving import Incoming, receive
from inkhorn.media.services.sweeping import sweep_orphans

__all__ = [
    "Drawing",
    "FileRefused",
    "Incoming",
    "describe_asset",
    "draw_renditions",
    "keep_renditions",
    "make_renditions",
    "receive",
    "store_asset",
    "sweep_orphans",
]
