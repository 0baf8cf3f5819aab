"""An address as a picture of squares (a QR code) that a phone's camera reads."""

from dataclasses import dataclass

import segno

# White around it, without which cameras do not find it.
MARGIN = 4


@dataclass(frozen=True)
class Squares:
    """The dark squares as one path of an SVG picture so many units wide and high."""

    size: int
    path: str


def squares_of(text: str) -> Squares:
    matrix = segno.make(text, error="m", micro=False).matrix
    runs = [
        f"M{start + MARGIN} {row + MARGIN}h{end - start}v1h-{end - start}z"
        for row, line in enumerate(matrix)
        for start, end in _runs(bytes(line))
    ]
    return Squares(len(matrix) + 2 * MARGIN, "".join(runs))


def _runs(line: bytes) -> list[tuple[int, int]]:
    """Where dark squares stand side by side in a line."""
    edges = [at for at in range(len(line) + 1) if (at > 0 and line[at - 1]) != (at < len(line) and line[at])]
    return list(zip(edges[::2], edges[1::2], strict=True))
