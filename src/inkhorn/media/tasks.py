"""Work on uploads that happens outside the request."""

import logging
from datetime import timedelta

from inkhorn.core import clock
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.jobs import forget_failures, is_stopping, job
from inkhorn.media import services
from inkhorn.media.models import Album, Asset, Episode, Show
from inkhorn.media.services import parts
from inkhorn.media.services.sound import showing
from inkhorn.media.services.sound.settling import touch
from inkhorn.media.services.sound.tracks import again
from inkhorn.media.sounds import sounds_due

log = logging.getLogger(__name__)

# Of one run; the next takes the rest.
MOST_BLURRED = 500
RELEASED = (Album, Show, Episode)


def _apart(asset_id: int) -> Asset | None:
    """An upload to work on while nobody waits for the database, and no old snapshot of it is held; None where it is gone."""
    asset = session().get(Asset, asset_id)
    if asset is not None:
        session().expunge(asset)
    session().rollback()
    return asset


@job("media.make_renditions", max_attempts=4, time_limit=600)
def make_renditions(asset_id: int) -> None:
    """Draw the smaller versions of a picture; a second run replaces those of the first."""
    if (asset := _apart(asset_id)) is None:
        return
    drawings = services.draw_renditions(asset)
    with transaction():
        if (asset := session().get(Asset, asset_id)) is not None:
            services.keep_renditions(asset, drawings)


@job("media.blur_pictures", every=timedelta(hours=1), max_attempts=1, time_limit=900)
def blur_pictures() -> None:
    """Draw pictures in a few pixels that were kept before such were made, some at a time."""
    for asset_id in services.unblurred(MOST_BLURRED):
        if is_stopping():
            return
        _blur(asset_id)


def _blur(asset_id: int) -> None:
    if (asset := _apart(asset_id)) is None:
        return
    blur = services.draw_blur(asset)
    with transaction():
        if (asset := session().get(Asset, asset_id)) is not None:
            services.keep_blur(asset, blur)


@job("media.show_due_sounds", every=timedelta(seconds=10))
def show_due_sounds() -> None:
    """Have pages drawn anew once the hour has come for which an album, a show or an episode was promised: nobody changes anything then."""
    now = clock.now()
    if not any(session().scalar(sounds_due(kind, now).with_only_columns(kind.id).limit(1)) for kind in RELEASED):
        return
    with transaction():
        for kind in RELEASED:
            for sound in session().scalars(sounds_due(kind, now)).unique().all():
                touch(sound)


@job("media.listen_anew", max_attempts=4, time_limit=600)
def listen_anew(asset_id: int) -> None:
    """Read a sound again that was replaced, for the songs and episodes that play it."""
    if (asset := _apart(asset_id)) is None:
        return
    with again(asset) as incoming:
        heard, peaks = incoming.heard(), incoming.drawn()
    with transaction():
        showing.listen_anew(asset_id, heard)
        showing.keep_wave(asset_id, peaks)


@job("media.draw_wave", max_attempts=4, time_limit=600)
def draw_wave(asset_id: int) -> None:
    """Draw how loud a sound is, for the songs and episodes that play it."""
    if (asset := _apart(asset_id)) is None:
        return
    with again(asset) as incoming:
        peaks = incoming.drawn()
    with transaction():
        showing.keep_wave(asset_id, peaks)


@job("media.discard_parts", max_attempts=4, time_limit=600)
def discard_parts(uuid: str) -> None:
    """Delete the parts of an upload that was finished, stopped or refused; what this leaves the sweep takes a day later."""
    parts.discard_parts(uuid)


@job("media.sweep_orphans", every=timedelta(hours=1), max_attempts=1)
def sweep_orphans() -> None:
    """Delete files that no upload speaks of, and what work that was killed left behind."""
    with transaction():
        services.sweep_uploads()
    try:
        services.sweep_leftovers()
        found = services.find_orphans()
    except InkhornError as refusal:
        log.error("media_sweep_refused", extra={"reason": str(refusal)})
        with transaction():
            forget_failures("media.sweep_orphans")
        raise
    with transaction():
        mark = services.count_sweep(found.own)
    services.delete_orphans(found, mark)


@job("media.purge_trash", every=timedelta(hours=6))
def purge_trash() -> None:
    """Remove for good what has lain in the trash for thirty days, some at a time."""
    while True:
        with transaction():
            went = services.purge_trash()
        if not went or is_stopping():
            return
