"""Makes the two fonts that every page wants from those of their packages: the weights and features that are used, a third less to fetch.

    .venv/bin/python tools/fonts.py

The packages are those of tests/tools; tests/core/test_fonts.py sees to it that what is shipped is what this makes.
"""

import io
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "tests" / "tools" / "node_modules" / "@fontsource-variable"
SHIPPED = ROOT / "src" / "inkhorn" / "static" / "fonts"
FAMILIES = ("inter", "literata")
# What style sheets ask for lies between; the first is what stands where a browser knows no axes.
LIGHTEST, BOLDEST = 400, 700
# Fractions and the digits of which they are made are asked for nowhere.
FEATURES = ["calt", "ccmp", "kern", "liga", "locl", "mark", "mkmk", "pnum", "rvrn", "tnum"]


def file_of(family: str) -> str:
    return f"{family}-latin-wght-normal.woff2"


def narrowed(path: Path) -> bytes:
    """The font of a package, with every letter of it, as WOFF2."""
    whole = TTFont(path, recalcTimestamp=False)
    letters = list(whole.getBestCmap())
    # Written and read again, since what chooses letters knows only tables as they are written.
    between = io.BytesIO()
    font = instantiateVariableFont(whole, {"wght": (LIGHTEST, LIGHTEST, BOLDEST)})
    font.flavor = None
    font.save(between)
    font = TTFont(between, recalcTimestamp=False)
    options = Options(layout_features=FEATURES, notdef_outline=True, name_IDs=["*"], recalc_timestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font.flavor, out = "woff2", io.BytesIO()
    font.save(out)
    return out.getvalue()


if __name__ == "__main__":
    for family in FAMILIES:
        made = narrowed(PACKAGES / family / "files" / file_of(family))
        (SHIPPED / file_of(family)).write_bytes(made)
        print(f"{file_of(family)}: {len(made):,} bytes")
