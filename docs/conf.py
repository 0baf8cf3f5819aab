"""How Sphinx makes the site out of what docs/build.py lays out."""

from pathlib import Path

from inkhorn import __version__

HERE = Path(__file__).parent

project = "Inkhorn"
version = release = __version__
language = "en"
extensions = ["myst_parser"]
myst_heading_anchors = 4
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

html_theme = "furo"
html_title = "Inkhorn"
# The site asks no other host for anything: its letters are those of the product.
html_static_path = [str(HERE / "assets"), str(HERE.parent / "src" / "inkhorn" / "static" / "fonts")]
html_css_files = ["inkhorn.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#26408b", "color-brand-content": "#26408b"},
    "dark_css_variables": {"color-brand-primary": "#a9b8f5", "color-brand-content": "#a9b8f5"},
}
