"""Text that comes as HTML: Markdown where nothing is lost by it, raw blocks where something would be."""

from inkhorn.core.html_to_markdown.autoparagraphs import autoparagraph
from inkhorn.core.html_to_markdown.converting import Conversion, html_to_markdown

__all__ = ["Conversion", "autoparagraph", "html_to_markdown"]
