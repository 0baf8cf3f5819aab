"""Answers that keep a thread of the server until their reader has them whole: so many at once, that pages are answered whoever stops reading."""

from collections.abc import Iterable
from functools import partial
from typing import cast

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from werkzeug.wsgi import ClosingIterator

from inkhorn.core.config import Config
from inkhorn.core.errors import Unavailable
from inkhorn.core.limits import place_of
from inkhorn.core.places import Places

# Of one answer; what is smaller the server takes at once, and needs nobody for the rest.
LARGE_BYTES = 2 * 1024 * 1024
PLACES = "inkhorn.large_files"


class TooManyReaders(Unavailable):
    """Every place for large files is taken, or the share of whoever asks."""

    retry_after_seconds = 10

    def __init__(self) -> None:
        super().__init__(_("Many are taking large files just now. Come back in some seconds; what you have already is not lost."))


def init_app(app: Flask, loaded: Config) -> None:
    app.extensions[PLACES] = Places(loaded.large_files)


def hand_over(response: Response) -> Response:
    """The answer with a file as it is sent: whole, or piece by piece in a place of its own; TooManyReaders where there is none."""
    if request.method == "HEAD" or response.status_code not in (200, 206):
        return response
    if (response.content_length or 0) <= LARGE_BYTES:
        response.direct_passthrough = False
        response.make_sequence()
        return response
    places: Places = current_app.extensions[PLACES]
    address = place_of(request.remote_addr)
    if not places.take(address):
        response.close()
        raise TooManyReaders
    # What is passed through as it is never asks the response itself what else to do at the end.
    response.response = ClosingIterator(cast("Iterable[bytes]", response.response), partial(places.leave, address))
    return response
