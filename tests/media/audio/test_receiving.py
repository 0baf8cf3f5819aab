"""A sound that is sent is looked into before it is kept."""

import io

from sqlalchemy import func, select

from inkhorn.core.database import session
from inkhorn.media.models import Asset, Kind
from tests.factories.accounts import Browser
from tests.factories.sound import mp3_bytes, tag_bytes


def sent(browser: Browser, content: bytes):
    return browser.client.post(
        "/desk/media/upload",
        data={"csrf_token": browser.token, "file": (io.BytesIO(content), "song.mp3")},
        headers={"Accept": "application/json"},
    )


def test_a_whole_sound_is_kept(signed_in, wren):
    answer = sent(Browser(signed_in(wren)), mp3_bytes(title="First light"))
    assert answer.json["content_type"] == "audio/mpeg"
    assert session().scalars(select(Asset.kind)).all() == [Kind.AUDIO]


def test_a_broken_one_is_refused_in_words_and_nothing_is_kept(signed_in, wren):
    answer = sent(Browser(signed_in(wren)), tag_bytes("A tag and no sound"))
    assert answer.status_code == 422
    assert "There is no sound in this file" in answer.text
    assert session().scalar(select(func.count()).select_from(Asset)) == 0
