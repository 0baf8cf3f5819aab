"""Writes the theme's colours for code at the end of its style sheet: `python -m inkhorn.core.prose`."""

from pathlib import Path

from inkhorn.core.prose.highlighting import stylesheet

STYLESHEET = Path(__file__).parents[2] / "themes" / "quill" / "static" / "quill.css"


def with_colours(styles: str) -> str:
    """The style sheet with the colours as they are now; a file of their own would hold back the first picture of a post for a request more."""
    made = stylesheet()
    return styles.partition(made.partition("\n")[0])[0] + made


if __name__ == "__main__":
    STYLESHEET.write_text(with_colours(STYLESHEET.read_text(encoding="utf-8")), encoding="utf-8")
