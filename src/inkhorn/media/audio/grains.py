"""Sound in MP4, grain by grain: AAC says by how much each is to be raised, and Apple's lossless one takes more bits the louder it is."""

import struct
from collections.abc import Iterator

from inkhorn.media.audio.boxes import boxes
from inkhorn.media.audio.peaks import lossless

# However long the sound is, so many grains are looked at.
MOST_LOOKS = 40_000
MOST_GRAINS = 20_000_000
# In a grain of the lossless coding, as its only maker writes them: of two channels.
APPLES_MOMENTS = 8192
_ONE, _PAIR, _EIGHT_SHORT = 0, 1, 2
_INSIDE = (b"mdia", b"minf", b"stbl")
Table = dict[bytes, tuple[int, int]]


def loudness(data: bytes) -> list[float]:
    """Of grains at equal distances; empty where it is another coding or its tables do not fit together."""
    table = _table(data)
    if table is None:
        return []
    start, end = table[b"stsd"]
    coding = data[start + 12 : start + 16] if end - start >= 16 else b""
    grains = (data[at : at + size] for at, size in _grains(data, table) if at + size <= len(data))
    if coding == b"alac":
        return lossless([(len(grain), APPLES_MOMENTS) for grain in grains])
    return [raised for grain in grains if (raised := _raised(grain)) is not None] if coding == b"mp4a" else []


def _table(data: bytes) -> Table | None:
    """The boxes that say where the grains of the first track of sound are."""
    moov = next((box for box in boxes(data, 0, len(data)) if box.name == b"moov"), None)
    for track in boxes(data, moov.start, moov.end) if moov else ():
        where, is_sound = (track.start, track.end), False
        for name in _INSIDE:
            held = {box.name: (box.start, box.end) for box in boxes(data, *where)}
            if b"hdlr" in held:
                is_sound = is_sound or data[held[b"hdlr"][0] + 8 : held[b"hdlr"][0] + 12] == b"soun"
            if name not in held:
                break
            where = held[name]
        else:
            table = {box.name: (box.start, box.end) for box in boxes(data, *where)}
            if is_sound and {b"stsd", b"stsz", b"stsc"} <= table.keys() and (b"stco" in table or b"co64" in table):
                return table
    return None


def _grains(data: bytes, table: Table) -> Iterator[tuple[int, int]]:
    """Where every so manieth grain lies, and how large it is."""
    start, end = table[b"stsz"]
    one_size, count = struct.unpack(">II", data[start + 4 : start + 12])
    count = min(count, MOST_GRAINS if one_size else (end - start - 12) // 4)
    sizes = (one_size,) * count if one_size else struct.unpack(f">{count}I", data[start + 12 : start + 12 + 4 * count])
    step, number = max(1, count // MOST_LOOKS), 0
    for offset, held in _chunks(data, table):
        at = offset
        for size in sizes[number : number + held]:
            if number % step == 0:
                yield at, size
            at, number = at + size, number + 1
        if number >= count:
            return


def _chunks(data: bytes, table: Table) -> Iterator[tuple[int, int]]:
    """Where each chunk begins, and how many grains are in it."""
    name, width = (b"stco", 4) if b"stco" in table else (b"co64", 8)
    start, end = table[name]
    offsets = [int.from_bytes(data[at : at + width], "big") for at in range(start + 8, end - width + 1, width)]
    start, end = table[b"stsc"]
    runs = list(struct.iter_unpack(">III", data[start + 8 : start + 8 + (end - start - 8) // 12 * 12]))
    for index, (first, held, _description) in enumerate(runs):
        last = runs[index + 1][0] if index + 1 < len(runs) else len(offsets) + 1
        for offset in offsets[max(0, first - 1) : max(0, last - 1)]:
            yield offset, held


def _raised(grain: bytes) -> float | None:
    """What AAC raises its first channel by; None for a grain that begins with something else than sound."""
    bits = _Bits(grain[:128])
    element, _tag = bits.take(3), bits.take(4)
    if element not in (_ONE, _PAIR):
        return None
    bands: int | None = None
    if element == _PAIR and bits.take(1):
        bands, groups, is_plain = _window(bits)
        if not is_plain:
            return None
        if bits.take(2) == 1:
            bits.take(groups * bands)
    gain = bits.take(8)
    if bands is None:
        bands, _groups, _is_plain = _window(bits)
    return 2.0 ** ((gain - 100) / 4) if bands else 0.0


def _window(bits: "_Bits") -> tuple[int, int, bool]:
    """How many bands there are, in how many groups, and whether nothing is predicted."""
    bits.take(1)
    is_short = bits.take(2) == _EIGHT_SHORT
    bits.take(1)
    if is_short:
        bands = bits.take(4)
        return bands, 8 - bits.take(7).bit_count(), True
    return bits.take(6), 1, not bits.take(1)


class _Bits:
    """A few bytes, read bit by bit; behind their end there are zeros."""

    def __init__(self, content: bytes) -> None:
        self._value, self._left = int.from_bytes(content, "big"), 8 * len(content)

    def take(self, count: int) -> int:
        self._left -= count
        return (self._value >> self._left if self._left >= 0 else self._value << -self._left) & ((1 << count) - 1)
