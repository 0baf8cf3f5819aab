"""What is gathered before it is worked on is as large as anything that a view takes."""

import re
from pathlib import Path

import pytest
from flask import Flask, request

import inkhorn
from inkhorn.media.services.shelves.shelf import PART_BYTES
from inkhorn.media.views.portraits import MOST_PORTRAIT_BYTES
from inkhorn.media.views.sending import largest_body, with_room_for_files
from tests.conftest import config_for

# Who else lets a request be larger is to be counted in largest_body().
KNOWN = {
    "api/v1/media.py",
    "media/views/parts.py",
    "media/views/portraits.py",
    "media/views/room.py",
    "media/views/sending.py",
    "posts/views/editor.py",
}


@pytest.mark.parametrize(("upload", "form"), [(1, 1), (1, 64), (20, 4), (4096, 4)])
def test_it_is_the_largest_of_all(tmp_path, upload, form):
    loaded = config_for(tmp_path, max_upload_mb=upload, max_form_mb=form)
    app = Flask("x")
    app.extensions["inkhorn.config"] = loaded
    with app.test_request_context():
        with_room_for_files(1000)
        assert largest_body(loaded) >= request.max_content_length
    for each in (PART_BYTES + 1, MOST_PORTRAIT_BYTES, (upload + form) << 20):
        assert largest_body(loaded) >= each


def test_no_other_view_takes_more():
    folder = Path(inkhorn.__file__).parent
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if re.search(r"max_content_length = ", path.read_text(encoding="utf-8"))
    }
    assert found == KNOWN
