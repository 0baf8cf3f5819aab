"""A sound is heard in a limited process of its own; what is broken, lies or takes too long is refused in words."""

import pytest

from inkhorn.media.audio import child, listening, mpeg
from inkhorn.media.audio.chapters import of_vorbis
from inkhorn.media.audio.listening import ListenerBusy, SoundRefused, listen
from inkhorn.media.audio.verdicts import NotASound
from tests.factories.sound import kept, mp3_bytes, tag_bytes, wav_bytes
from tests.growth import assert_grows_evenly


def hear(content: bytes, folder, content_type: str = "audio/mpeg"):
    return listen(kept(content, folder), content_type, cover=folder / "cover")


def test_what_the_tags_say_is_read(tmp_path):
    chapters = ((0.0, "The door"), (1.5, "Soup"))
    found = hear(mp3_bytes(3, title="First light", artist="Wren", track=4, chapters=chapters), tmp_path)
    assert (found.title, found.artist, found.track) == ("First light", "Wren", 4)
    assert found.chapters == [{"at": 0.0, "title": "The door"}, {"at": 1.5, "title": "Soup"}]
    assert found.seconds == pytest.approx(3, abs=0.03)


def test_a_chapter_behind_the_end_is_left_out(tmp_path):
    assert hear(mp3_bytes(2, title="x", chapters=((0.0, "a"), (900.0, "b"))), tmp_path).chapters == [{"at": 0.0, "title": "a"}]


def test_vorbis_chapters_are_read():
    told = {"CHAPTER001": ["00:00:00.000"], "CHAPTER001NAME": ["Gulls"], "chapter002": ["01:02:03.5"], "chapter": ["x"]}
    assert of_vorbis(told) == [(0.0, "Gulls"), (3723.5, "")]


@pytest.mark.parametrize(
    ("content", "content_type", "sentence"),
    [
        (tag_bytes("Only a tag"), "audio/mpeg", "no sound"),
        (b"\xff\xfb\x90\x00" + b"\0" * 5000, "audio/mpeg", "no sound"),
        (wav_bytes(1)[:5000], "audio/wav", "cut off"),
        (b"RIFF\x04\0\0\0WAVE", "audio/wav", "no sound"),
        (wav_bytes(0.01), "audio/wav", "too short"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0" + b"\0" * 8 + b"\0\0\xff\xffmdat", "audio/mp4", "cut off|damaged"),
        (b"fLaC\0\0\0\x22", "audio/flac", "cut off|damaged"),
        (b"OggS" + b"\0" * 40, "audio/ogg", "cut off|damaged|too short"),
    ],
)
def test_a_broken_sound_is_refused_in_words(tmp_path, content, content_type, sentence):
    with pytest.raises(SoundRefused, match=sentence):
        hear(content, tmp_path, content_type)


@pytest.mark.parametrize("content_type", ["audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/wav"])
@pytest.mark.parametrize("head", [b"ID3\x04\0\x40\x7f\x7f\x7f\x7f", b"\xff" * 30, b"\0\0\0\x08moov" * 30, b"OggS\xff" * 30, b"\0"])
def test_noise_is_refused_and_never_breaks_anything(tmp_path, head, content_type):
    with pytest.raises(SoundRefused):
        hear(head, tmp_path, content_type)


def test_one_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(listening, "PATIENCE_SECONDS", 0.001)
    with pytest.raises(SoundRefused, match="more time"):
        hear(mp3_bytes(), tmp_path)


def test_a_crowd_is_asked_to_come_again(tmp_path, monkeypatch):
    monkeypatch.setattr(listening, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(listening, "_places", listening.threading.BoundedSemaphore(1))
    with listening._place(0.01), pytest.raises(ListenerBusy, match="Wait a minute"):
        hear(mp3_bytes(), tmp_path)


def test_stray_bytes_do_not_make_it_slow():
    def scan(size: int) -> None:
        with pytest.raises(NotASound):
            mpeg.measure(b"\xff\xfb\x90\x00" * size)

    assert_grows_evenly(scan, 2_000)


def test_the_process_has_limits():
    assert child.MEMORY_BYTES <= 512 << 20
    assert child.CPU_SECONDS <= 30
