"""The dialect of Markdown that authors write here, built once for a process."""

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

from inkhorn.core.prose import attributes, blocks, highlighting, maths, notes, pictures, raw


@cache
def parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"maxNesting": 60}).enable(["table", "strikethrough"])
    deflist_plugin(md)
    for part in (attributes, notes, maths, raw, highlighting, blocks, pictures):
        part.install(md)
    return md
