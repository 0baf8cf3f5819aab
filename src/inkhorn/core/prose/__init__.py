"""Text: Markdown to safe HTML by one pipeline, with excerpts, anchors, slugs and reading times; start reading at rendering.py."""

from inkhorn.core.prose.measures import plain_text
from inkhorn.core.prose.raw import as_raw
from inkhorn.core.prose.rendering import MAX_CHARACTERS, PIPELINE, Rendered, render
from inkhorn.core.prose.sanitising import clean_html, sanitise
from inkhorn.core.prose.sheet import FileResolver, ImageResolver, KeptFile, Picture, PictureSource
from inkhorn.core.prose.slugs import slugify

__all__ = [
    "MAX_CHARACTERS",
    "PIPELINE",
    "FileResolver",
    "ImageResolver",
    "KeptFile",
    "Picture",
    "PictureSource",
    "Rendered",
    "as_raw",
    "clean_html",
    "plain_text",
    "render",
    "sanitise",
    "slugify",
]
