"""What the sounds of the corpora say of themselves; how long they last is held in tests/media/test_every_file.py."""

import pytest

from inkhorn.media.audio.listening import draw, listen
from inkhorn.media.content import recognise
from tests.factories.media import CORPUS

TITLES = {"silence-44-s.mp3": "Silence", "silence-44-s.flac": "Silence", "id3v22-test.mp3": "cosmic american", "alac.m4a": "empty"}

pytestmark = [pytest.mark.corpora, pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpora are not beside the checkout")]


def heard(path, tmp_path):
    return listen(path, recognise(path.read_bytes()[:65536], path.name).content_type, cover=tmp_path / "cover")


@pytest.mark.parametrize("name", TITLES)
def test_its_title_is_read(name, tmp_path):
    assert heard(CORPUS / "audio" / name, tmp_path).title == TITLES[name]


def test_neros_chapters_are_read(tmp_path):
    found = heard(CORPUS / "audio" / "nero-chapters.m4b", tmp_path)
    assert len(found.chapters) == 112
    assert found.chapters[:2] == [{"at": 0.0, "title": "001"}, {"at": 17.507, "title": "002"}]


def test_a_real_song_gets_a_drawing_and_silence_gets_none():
    real = draw(CORPUS / "audio" / "migrate-audio.mp3", "audio/mpeg")
    assert len(real) == 100
    assert max(real) == 100
    assert min(real) < 60
    assert draw(CORPUS / "audio" / "silence-44-s.flac", "audio/flac") == []
    assert draw(CORPUS / "audio" / "silence-2s-PCM-44100-16-ID3v23.wav", "audio/wav") == []


def test_what_real_programs_wrote_is_read_and_silence_without_loss_is_told():
    drawn = {name: len(draw(CORPUS / "audio" / name, "audio/mp4")) for name in ("alac.m4a", "has-tags.m4a", "no-tags.m4a")}
    assert drawn == {"alac.m4a": 0, "has-tags.m4a": 100, "no-tags.m4a": 100}


def test_a_cover_is_laid_beside_it(tmp_path):
    assert heard(CORPUS / "audio" / "has-tags.m4a", tmp_path).has_cover
    assert recognise((tmp_path / "cover").read_bytes(), "cover").is_picture
