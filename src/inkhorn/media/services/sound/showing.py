"""Which uploads albums, shows and episodes play or show, and whom they are handed to because of that."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.media.audio.verdicts import Heard
from inkhorn.media.models import Album, Asset, Episode, Listeners, Reach, Show, Track, Usage
from inkhorn.media.queries import NAME_IN_PATH, Use
from inkhorn.media.services.usage import forget_usages, note_usages, set_reach
from inkhorn.media.sound_policies import can_edit_sound

# In each of the rooms.
MOST_TOLD = 50
LONGEST_DOUBT = 300

Sound = Album | Show | Episode
ROOMS: dict[type[Any], str] = {Album: "albums", Show: "shows", Episode: "episodes"}


def note_shown(sound: Sound) -> None:
    """Say anew what it plays and shows and who may hear it; a show says it for its episodes, which are heard by nobody else."""
    session().flush()
    if isinstance(sound, Episode):
        # Whoever changes whom the show is for at this moment is waited for, so that neither misses the other.
        session().refresh(sound.show, with_for_update={"read": True, "of": Show})
    named = NAME_IN_PATH.findall(sound.about_html or "")
    note_usages(ROOMS[type(sound)], sound.id, uuids=named, asset_ids=_assets(sound), reach=_reach(sound))
    if isinstance(sound, Show):
        for episode in session().scalars(select(Episode).where(Episode.show_id == sound.id)):
            set_reach("episodes", episode.id, _reach(episode))


def forget_shown(sound: Sound) -> None:
    """It is about to go: nothing is shown by it any more."""
    forget_usages(ROOMS[type(sound)], [sound.id])
    if isinstance(sound, Show):
        forget_usages("episodes", list(session().scalars(select(Episode.id).where(Episode.show_id == sound.id))))


def uses_of(asset: Asset, actor: Actor) -> list[Use]:
    """Where albums, shows and episodes play or show an upload; without a title and an address for whom they are not theirs to change."""
    found: list[Use] = []
    for kind, room in ROOMS.items():
        shown = select(Usage.noun_id).where(Usage.asset_id == asset.id, Usage.room == room)
        sounds: Sequence[Any] = session().scalars(select(kind).where(kind.id.in_(shown)).order_by(kind.id).limit(MOST_TOLD)).unique().all()
        for sound in sounds:
            is_theirs = can_edit_sound(actor, sound)
            found.append(Use(room, sound.title if is_theirs else "", f"/desk/media/{room}/{sound.id}" if is_theirs else None))
    return found


def listen_anew(asset_id: int, heard: Heard) -> None:
    """Say of every song and episode of a file what its new bytes say; names that people gave stay."""
    for sound in _playing(asset_id):
        sound.seconds, sound.chapters, sound.doubt = heard.seconds, heard.chapters, heard.doubt[:LONGEST_DOUBT]
    session().flush()


def keep_wave(asset_id: int, peaks: list[int]) -> None:
    """Let every song and episode of a file be drawn so."""
    for sound in _playing(asset_id):
        sound.peaks = peaks
    session().flush()


def _playing(asset_id: int) -> list[Track | Episode]:
    tracks = session().scalars(select(Track).where(Track.asset_id == asset_id)).all()
    episodes = session().scalars(select(Episode).where(Episode.asset_id == asset_id)).all()
    return [*tracks, *episodes]


def _assets(sound: Sound) -> list[int]:
    if isinstance(sound, Episode):
        return [sound.asset_id]
    tracks = [track.asset_id for track in sound.tracks] if isinstance(sound, Album) else []
    return [*tracks, sound.cover_id] if sound.cover_id else tracks


def _reach(sound: Sound) -> Reach:
    """Like a post's: what is for members stays theirs when it is withdrawn; a draft for everybody holds nothing back."""
    whole: list[Sound] = [sound, sound.show] if isinstance(sound, Episode) else [sound]
    if any(each.audience is Listeners.MEMBERS for each in whole):
        return Reach.MEMBERS
    return Reach.PUBLIC if all(each.is_published for each in whole) else Reach.NOBODY
