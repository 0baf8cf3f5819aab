"""The drawing of a sound goes with its loudness, in every kind whose bytes tell it, and is made outside the request."""

import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from inkhorn.core.database import session
from inkhorn.core.jobs import JobRow
from inkhorn.media import tasks
from inkhorn.media.audio import frames, waves
from inkhorn.media.audio.listening import draw
from inkhorn.media.models import Episode, Track
from inkhorn.site.listening import wave_path
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import kept, mp3_bytes, wav_bytes
from tests.growth import assert_grows_evenly

SLOPE = [step / 200 for step in range(1, 201)]
DEPTHS = {
    "8 bits": (1, 1, lambda value: bytes([round(128 + 127 * value)])),
    "16 bits": (1, 2, lambda value: struct.pack("<h", round(32_000 * value))),
    "24 bits": (1, 3, lambda value: round(8_000_000 * value).to_bytes(3, "little", signed=True)),
    "32 bits": (1, 4, lambda value: struct.pack("<i", round(2_000_000_000 * value))),
    "floats": (3, 4, lambda value: struct.pack("<f", value)),
    "long floats": (3, 8, lambda value: struct.pack("<d", value)),
}


def wave(kind: int, width: int, moments: bytes, channels: int = 1) -> bytes:
    """A WAV of moments that are written already."""
    head = struct.pack("<HHIIHH", kind, channels, 8000, 8000 * width * channels, width * channels, 8 * width)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(moments)) + moments
    return b"RIFF" + struct.pack("<I", len(body)) + body


def flac(sizes: list[int]) -> bytes:
    """Frames of 4096 moments of one channel, so many bytes each, behind the block that every file begins with."""
    made = []
    for number, size in enumerate(sizes):
        head = b"\xff\xf8\xc9\x08" + bytes([number])
        made.append((head + bytes([frames._checksum(head)])).ljust(size, b"\x55"))
    return b"fLaC\x80\0\0\x22" + b"\0" * 34 + b"".join(made)


def box(name: bytes, *inside: bytes) -> bytes:
    content = b"".join(inside)
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(coding: bytes, grains: list[bytes]) -> bytes:
    """One track of sound, its grains in one chunk behind everything else."""
    sizes = b"".join(struct.pack(">I", len(grain)) for grain in grains)
    head = box(b"ftyp", b"M4A \0\0\0\0")

    def moov(offset: int) -> bytes:
        table = (
            box(b"stsd", struct.pack(">II", 0, 1), box(coding, b"\0" * 28)),
            box(b"stsz", struct.pack(">III", 0, 0, len(grains)), sizes),
            box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(grains), 1)),
            box(b"stco", struct.pack(">III", 0, 1, offset)),
        )
        media = box(b"mdia", box(b"hdlr", b"\0" * 8 + b"soun" + b"\0" * 12), box(b"minf", box(b"stbl", *table)))
        return box(b"moov", box(b"trak", media))

    return head + moov(len(head) + len(moov(0)) + 8) + box(b"mdat", *grains)


def aac(gain: int, *, is_pair: bool) -> bytes:
    """A grain with that gain: one channel; or two that share a window of two bands, and which bands they share."""
    bits = f"{1:03b}0000{1:b}0000{2:06b}0{1:02b}11{gain:08b}" if is_pair else f"{0:03b}0000{gain:08b}0000{2:06b}0"
    return int(bits.ljust(160, "1"), 2).to_bytes(20, "big")


def rises(peaks: list[int]) -> bool:
    return len(peaks) >= 50 and all(one <= other for one, other in pairwise(peaks)) and peaks[0] < peaks[-1] / 4 and peaks[-1] == 100


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_of_any_depth_is_drawn(tmp_path, depth, channels):
    kind, width, write = DEPTHS[depth]
    moments = b"".join(write(0.01) * (channels - 1) + write(-value if number % 2 else value) for number, value in enumerate(SLOPE))
    assert rises(draw(kept(wave(kind, width, moments, channels), tmp_path), "audio/wav"))


def test_what_is_no_number_is_silence(tmp_path):
    moments = struct.pack("<4f", float("nan"), float("inf"), 0.5, 0.25)
    assert draw(kept(wave(3, 4, moments), tmp_path), "audio/wav") == [0, 0, 100, 50]


def test_other_kinds_are_drawn_by_what_they_say(tmp_path):
    gains = tuple(range(120, 180))
    assert draw(kept(mp3_bytes(2, gains=(120,)) + mp3_bytes(2, gains=(180,)), tmp_path), "audio/mpeg")[0] < 50
    # A frame's number takes one byte up to 127.
    assert rises(draw(kept(flac([1000 + 40 * number for number in range(100)]), tmp_path), "audio/flac"))
    assert rises(draw(kept(mp4(b"alac", [b"\x20" * (2000 + 60 * number) for number in range(60)]), tmp_path), "audio/mp4"))
    for is_pair in (False, True):
        assert rises(draw(kept(mp4(b"mp4a", [aac(gain, is_pair=is_pair) for gain in gains]), tmp_path), "audio/mp4"))


@pytest.mark.parametrize("content_type", ["audio/mpeg", "audio/flac", "audio/mp4"])
@pytest.mark.parametrize("head", [b"\xff\xf8" * 400, b"\0\0\0\x08moov" * 30, mp4(b"mp4a", [])[:-9], flac([40])[:45], b"fLaC", b"\0"])
def test_noise_is_drawn_as_nothing(tmp_path, head, content_type):
    assert draw(kept(head, tmp_path), content_type) == []


def test_marks_without_frames_do_not_make_it_slow():
    assert_grows_evenly(lambda size: frames.loudness(b"fLaC\x80\0\0\0" + b"\xff\xf8\xc9\x08" * size), 2_000)


def test_the_runner_draws_it_for_every_song_and_episode_of_the_file(wren):
    sound = wav_bytes(2)
    make_album("Fog", by=wren, sound=sound)
    make_episode(make_show(by=wren), by=wren, sound=sound)
    playing = [*session().query(Track), *session().query(Episode)]
    assert [each.peaks for each in playing] == [[], []]
    asked = session().query(JobRow).filter_by(name="media.draw_wave").one()
    tasks.draw_wave(**asked.args)
    session().expire_all()
    drawn = [each.peaks for each in (*session().query(Track), *session().query(Episode))]
    assert drawn[0] == drawn[1]
    assert drawn[0][5] < drawn[0][50] < drawn[0][95]


def test_even_strokes_stand_for_what_is_not_known():
    heights = {stroke.partition("v")[2] for stroke in wave_path([]).split("M")[1:]}
    assert len(heights) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells what a process held")
def test_a_large_sound_never_lies_in_memory_whole(tmp_path):
    large = tmp_path / "large.wav"
    with large.open("wb") as file:
        size = 300 << 20
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 44_100, 176_400, 4, 16))
        file.write(b"data" + struct.pack("<I", size) + b"\x01\x20" * 500_000)
        file.truncate(44 + size)
    # The most that a process of its own ever held, which the kernel counts from its start.
    code = (
        "import sys; from pathlib import Path; from inkhorn.media.audio.drawing import draw; "
        "print(len(draw(Path(sys.argv[1]), 'audio/wav')), Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(large)], capture_output=True, text=True, timeout=120, check=True)
    steps, most_kb = map(int, done.stdout.split())
    assert steps == 100
    assert most_kb < 150_000


def test_channels_that_a_header_claims_cost_no_work():
    class Counted(bytes):
        slices = 0

        def __getitem__(self, place):
            Counted.slices += 1
            return super().__getitem__(place)

    channels = 20_000
    moments = struct.pack("<h", 9000) * channels * 60
    assert len(waves.loudness(Counted(wave(1, 2, moments, channels)))) == 60
    assert Counted.slices < 200
