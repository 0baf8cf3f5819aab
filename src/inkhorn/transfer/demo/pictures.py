"""The demo's pictures: seas, stones and curves in four inks, drawn when they are wanted and the same every time."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

PAPER, INK, IRON, SAND, MIST, RUST = "#f3efe4", "#1c1b18", "#26408b", "#d9cfb8", "#9fb0c9", "#a3562a"
SIZE = (1600, 900)
Painter = Callable[[ImageDraw.ImageDraw, random.Random], None]


@dataclass(frozen=True)
class Picture:
    """One picture: what it shows, in words and in ink."""

    alt: str
    paint: Painter


def _mixed(one: str, other: str, share: float) -> tuple[int, ...]:
    left, right = (tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in (one, other))
    return tuple(round(a + (b - a) * share) for a, b in zip(left, right, strict=True))


def _bands(pen: ImageDraw.ImageDraw, chance: random.Random, *, low: str, high: str, horizon: int, sun: tuple[int, int, int] | None) -> None:
    """Water in bands that deepen towards the reader, under a flat sky."""
    pen.rectangle((0, 0, *SIZE), fill=high)
    if sun:
        x, y, size = sun
        pen.ellipse((x - size, y - size, x + size, y + size), fill=_mixed(high, PAPER, 0.85))
    steps = 14
    for step in range(steps):
        top = horizon + (SIZE[1] - horizon) * (step / steps) ** 1.5
        swell = 3 + step * 1.6
        phase = chance.random() * 6
        edge = [(x, top + math.sin(x / (90 + 14 * step) + phase) * swell) for x in range(0, SIZE[0] + 20, 20)]
        pen.polygon([*edge, (SIZE[0], SIZE[1]), (0, SIZE[1])], fill=_mixed(high, low, 0.18 + 0.82 * step / steps))


def _sea(low: str, high: str, horizon: int, sun: tuple[int, int, int] | None = None) -> Painter:
    return lambda pen, chance: _bands(pen, chance, low=low, high=high, horizon=horizon, sun=sun)


def _curve(pen: ImageDraw.ImageDraw, _chance: random.Random) -> None:
    pen.rectangle((0, 0, *SIZE), fill=PAPER)
    for row in range(5):
        middle = 130 + row * 105
        line = [(x, middle + math.sin(x / (34 + row * 9) + row) * (46 - row * 7)) for x in range(0, SIZE[0], 4)]
        pen.line(line, fill=_mixed(MIST, IRON, row / 5), width=4)
    total = [(x, 740 + sum(math.sin(x / (34 + row * 9) + row) * (46 - row * 7) for row in range(5)) * 0.7) for x in range(0, SIZE[0], 4)]
    pen.line(total, fill=INK, width=9)


def _lamp(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _bands(pen, chance, low=INK, high="#33415f", horizon=640, sun=None)
    pen.polygon([(980, 250), (0, 60), (0, 330)], fill=_mixed("#33415f", PAPER, 0.28))
    for step in range(7):
        pen.rectangle((960 - step * 3, 300 + step * 60, 1040 + step * 3, 362 + step * 60), fill=PAPER if step % 2 else RUST)
    pen.rectangle((955, 230, 1045, 300), fill=SAND)
    pen.polygon([(945, 232), (1055, 232), (1000, 180)], fill=INK)
    pen.polygon([(700, 900), (860, 700), (1140, 690), (1500, 900)], fill=INK)


def _pebbles(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    pen.rectangle((0, 0, *SIZE), fill=SAND)
    for _stone in range(420):
        x, y, wide = chance.randrange(-60, SIZE[0]), chance.randrange(-60, SIZE[1]), chance.randrange(40, 150)
        colour = _mixed(chance.choice((MIST, PAPER, IRON, INK, RUST)), SAND, chance.uniform(0.25, 0.75))
        pen.ellipse((x, y, x + wide, y + wide * chance.uniform(0.55, 0.8)), fill=colour, outline=_mixed(SAND, INK, 0.35))


def _knives(pen: ImageDraw.ImageDraw, _chance: random.Random) -> None:
    pen.rectangle((0, 0, *SIZE), fill="#e9e2d2")
    for row in range(4):
        y, long = 150 + row * 185, 900 - row * 110
        pen.polygon([(220, y), (220 + long, y + 6), (220 + long - 70, y + 62), (220, y + 66)], fill=_mixed(MIST, PAPER, 0.35))
        pen.line([(220, y + 66), (150 + long, y + 62)], fill=INK, width=3)
        pen.rounded_rectangle((40, y - 6, 240, y + 72), 20, fill=RUST if row % 2 else INK)


def _salt(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    pen.rectangle((0, 0, *SIZE), fill=IRON)
    for _crystal in range(260):
        x, y, size = chance.randrange(SIZE[0]), chance.randrange(SIZE[1]), chance.randrange(10, 64)
        pen.rectangle((x, y, x + size, y + size), fill=_mixed(IRON, PAPER, chance.uniform(0.3, 0.95)))
        pen.line((x, y, x + size, y + size), fill=_mixed(IRON, PAPER, 0.5), width=2)


def _rope(pen: ImageDraw.ImageDraw, _chance: random.Random) -> None:
    pen.rectangle((0, 0, *SIZE), fill=MIST)
    for ring in range(9):
        size = 400 - ring * 40
        pen.ellipse((800 - size, 450 - size, 800 + size, 450 + size), outline=_mixed(SAND, RUST, ring / 11), width=34)
        for notch in range(0, 360, 9):
            turn = math.radians(notch + ring * 4)
            near, far = size - 30, size - 4
            pen.line(
                [
                    (800 + near * math.cos(turn), 450 + near * math.sin(turn)),
                    (800 + far * math.cos(turn + 0.05), 450 + far * math.sin(turn + 0.05)),
                ],
                fill=_mixed(RUST, INK, 0.3),
                width=4,
            )


def _kitchen(pen: ImageDraw.ImageDraw, _chance: random.Random) -> None:
    pen.rectangle((0, 0, *SIZE), fill="#efe6d0")
    pen.rectangle((0, 600, SIZE[0], SIZE[1]), fill=RUST)
    for at, (wide, tall, colour) in enumerate(((220, 260, IRON), (160, 330, INK), (300, 190, MIST), (190, 290, SAND))):
        x = 170 + at * 340
        pen.rounded_rectangle((x, 600 - tall, x + wide, 604), 28, fill=colour)
        pen.ellipse((x, 584 - tall, x + wide, 620 - tall), fill=_mixed(colour, PAPER, 0.3))
    pen.ellipse((1180, 90, 1420, 330), fill=PAPER, outline=INK, width=6)
    pen.line([(1300, 210), (1300, 130)], fill=INK, width=8)
    pen.line([(1300, 210), (1360, 240)], fill=INK, width=8)


PICTURES: dict[str, Picture] = {
    "slack-water": Picture(
        "Bands of water deepening from grey to dark blue under a low pale sun", _sea(IRON, "#c9d3e2", 380, (1150, 300, 90))
    ),
    "first-light": Picture(
        "A calm sea at dawn, rose above and brown below, the sun just clear of it", _sea("#5b4636", "#f0d9c4", 470, (520, 430, 70))
    ),
    "fog": Picture("Grey water running into grey sky, so that no line can be seen between them", _sea("#77808c", "#cfd2d3", 520)),
    "night-ferry": Picture("A black sea under a dark blue night, with a small moon", _sea(INK, "#2a3350", 430, (1290, 170, 46))),
    "green-water": Picture("Shallow green water over sand on a bright day", _sea("#2f6f68", "#dfe8d8", 300, (260, 150, 60))),
    "estuary": Picture("Brown bands of an estuary at low tide under a yellow sky", _sea("#4a3b2a", "#efe0b0", 340)),
    "winter-sea": Picture("Steel-grey waves under a white winter sky", _sea("#2b3440", "#eef0f2", 260)),
    "tide-curve": Picture(
        "Five thin blue waves of different lengths, one above another, and below them one heavy black wave, their sum", _curve
    ),
    "lamp-room": Picture("A striped lighthouse on a dark headland at night, its beam reaching left over the water", _lamp),
    "pebbles": Picture("A beach of overlapping pebbles in grey, rust and blue", _pebbles),
    "knives": Picture("Four knives laid one under another, their handles to the left", _knives),
    "salt": Picture("White squares of salt scattered over deep blue", _salt),
    "rope": Picture("A coil of rope seen from above", _rope),
    "kitchen": Picture("Four jars on a shelf and a round clock at ten past twelve", _kitchen),
}


def draw(folder: Path) -> None:
    """Every picture as a PNG in the folder; those already there are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        target = folder / f"{name}.png"
        if target.exists():
            continue
        sheet = Image.new("RGB", SIZE, PAPER)
        picture.paint(ImageDraw.Draw(sheet), random.Random(name))  # noqa: S311 - the same picture every time
        sheet.quantize(128).save(target, "PNG", optimize=False)
