"""Finishing an upload alone, however long that takes, and no longer than whoever finishes lives."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app

from inkhorn.core.database import transaction
from inkhorn.media.models import Upload
from inkhorn.media.services import parts
from inkhorn.media.services.shelves.shelf import LEASE

log = logging.getLogger(__name__)

RENEW_SECONDS = LEASE.total_seconds() / 3


@contextmanager
def held(upload: Upload) -> Iterator[None]:
    """Nobody else finishes the upload meanwhile; StillAtWork where somebody else does already."""
    with transaction():
        holder = parts.hold_upload(upload)
    if holder is None:
        yield
        return
    is_done = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - the proxy is empty in another thread
    renewing = threading.Thread(target=_renew, args=(app, upload, holder, is_done), name=f"upload-{upload.id}", daemon=True)
    renewing.start()
    try:
        yield
    except Exception:
        _stop(renewing, is_done)
        # Where it went well close_upload() let go of it with the commit.
        with transaction():
            parts.leave_upload(upload, holder)
        raise
    finally:
        _stop(renewing, is_done)


def _stop(renewing: threading.Thread, is_done: threading.Event) -> None:
    is_done.set()
    renewing.join()


def _renew(app: Flask, upload: Upload, holder: str, is_done: threading.Event) -> None:
    while not is_done.wait(RENEW_SECONDS):
        try:
            with app.app_context(), transaction():
                if not parts.renew_hold(upload, holder):
                    return
        except Exception:
            # One that fails is made good by the next.
            log.exception("upload_hold_not_renewed")
