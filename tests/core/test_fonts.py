"""The fonts that we ship: made of their packages' by tools/fonts.py, with every letter, and every weight that a style sheet asks for."""

import importlib.util
import io
import re

import pytest
from fontTools.ttLib import TTFont

from tests.architecture.tree import ROOT

spec = importlib.util.spec_from_file_location("fonts", ROOT / "tools" / "fonts.py")
fonts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fonts)

SHEETS = [*(ROOT / "src").rglob("*.css"), *(ROOT / "docs" / "assets").glob("*.css")]


def tables(font: TTFont) -> dict[str, bytes]:
    """What a font is, however it is packed."""
    names = [*font.keys()]
    return {name: font.getTableData(name) for name in names if name != "GlyphOrder"}


@pytest.mark.parametrize("family", fonts.FAMILIES)
def test_what_is_shipped_is_what_the_tool_makes(family: str):
    source = fonts.PACKAGES / family / "files" / fonts.file_of(family)
    if not source.is_file():
        pytest.skip("the fonts' packages are not here: tools/environment servers")
    made, shipped = TTFont(io.BytesIO(fonts.narrowed(source))), TTFont(fonts.SHIPPED / fonts.file_of(family))
    assert tables(made) == tables(shipped)
    assert set(shipped.getBestCmap()) == set(TTFont(source).getBestCmap())


@pytest.mark.parametrize("family", fonts.FAMILIES)
def test_what_is_shipped_has_the_weights_that_are_told(family: str):
    shipped = TTFont(fonts.SHIPPED / fonts.file_of(family))
    (axis,) = shipped["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", fonts.LIGHTEST, fonts.BOLDEST)
    faces = [face for sheet in SHEETS for face in re.findall(r"@font-face\s*{[^}]*}", sheet.read_text(encoding="utf-8"))]
    told = {re.search(r"font-weight: ([^;]+);", face)[1] for face in faces if fonts.file_of(family) in face}
    assert told == {f"{fonts.LIGHTEST} {fonts.BOLDEST}"}


def test_no_style_sheet_asks_for_another_weight():
    asked = {
        int(weight)
        for sheet in SHEETS
        for weight in re.findall(r"\bfont(?:-weight)?:\s*(?:italic\s+)?(\d{3})\b(?!\s+\d{3})", sheet.read_text(encoding="utf-8"))
    }
    assert min(asked) >= fonts.LIGHTEST
    assert max(asked) <= fonts.BOLDEST
    assert {400, 600} <= asked
