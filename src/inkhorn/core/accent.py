"""The site's accent colour, darkened or lightened until everybody can read it."""

import colorsys
import re

# The papers on which the accent is written or drawn, and the inks that are written on it; as in tokens.css.
LIGHT_PAPERS = ("#fbfaf7", "#ffffff", "#f3f1eb")
DARK_PAPERS = ("#161512", "#1e1d19", "#100f0d")
DEFAULT = "#26408b"
TEXT_CONTRAST = 4.6

Channels = tuple[float, float, float]


def accent_css(accent: str) -> str:
    """A style sheet that sets the accent tokens for both schemes; a colour that cannot be read gives the house's own."""
    light, dark = accents(accent)
    light_wash, dark_wash = _wash(light, LIGHT_PAPERS[0]), _wash(dark, DARK_PAPERS[0])
    return (
        ":root:root {\n"
        f"  --accent: light-dark({light}, {dark});\n"
        f"  --accent-ink: light-dark({_ink_on(light)}, {_ink_on(dark)});\n"
        f"  --accent-wash: light-dark({light_wash}, {dark_wash});\n"
        "}\n"
    )


def accents(accent: str) -> tuple[str, str]:
    """The nearest shades of the colour that are legible on light and on dark paper."""
    wanted = _channels(accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT)
    return _legible(wanted, LIGHT_PAPERS, step=-0.01), _legible(wanted, DARK_PAPERS, step=0.01)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(_channels(one)), _luminance(_channels(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _legible(wanted: Channels, papers: tuple[str, ...], *, step: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*wanted)
    while True:
        colour = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
        grounds = (*papers, _wash(colour, papers[0]))
        is_spent = lightness <= 0 if step < 0 else lightness >= 1
        if is_spent or all(contrast(colour, ground) >= TEXT_CONTRAST for ground in grounds):
            return colour
        lightness = min(1.0, max(0.0, lightness + step))


def _ink_on(colour: str) -> str:
    return max(("#ffffff", "#10142a"), key=lambda ink: contrast(ink, colour))


def _wash(colour: str, paper: str) -> str:
    mixed = [0.1 * c + 0.9 * p for c, p in zip(_channels(colour), _channels(paper), strict=True)]
    return _hex((mixed[0], mixed[1], mixed[2]))


def _channels(colour: str) -> Channels:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(channels: Channels) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _luminance(channels: Channels) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
