"""Writes the theme's colours for code: `python -m inkhorn.core.prose`."""

from pathlib import Path

from inkhorn.core.prose.highlighting import stylesheet

STYLESHEET = Path(__file__).parents[2] / "themes" / "quill" / "static" / "highlight.css"

if __name__ == "__main__":
    STYLESHEET.parent.mkdir(parents=True, exist_ok=True)
    STYLESHEET.write_text(stylesheet(), encoding="utf-8")
