"""What somebody may do with an album, a show or an episode, and the doors through which an edge gets one."""

from collections.abc import Callable
from typing import Any, TypeVar

from inkhorn.core import clock
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import is_writing, session
from inkhorn.core.errors import NotFound
from inkhorn.media.models import Album, Episode, Listeners, Show
from inkhorn.media.sounds import with_cover, with_tracks

LARGEST_ID = 2**31 - 1

Sound = Album | Show | Episode
SoundQuestion = Callable[[Actor, Any], bool]
Kept = TypeVar("Kept", Album, Show, Episode)


def can_edit_sound(actor: Actor, sound: Sound) -> bool:
    """Whoever began it, and those who edit everyone's; an episode is edited by whoever edits its show."""
    owned = sound.show if isinstance(sound, Episode) else sound
    is_own = actor.id is not None and owned.created_by_id == actor.id
    return actor.may("sound.edit_any") or (is_own and actor.may("media.upload"))


def can_publish_sound(actor: Actor, sound: Sound) -> bool:
    return can_edit_sound(actor, sound) and (actor.may("sound.edit_any") or actor.may("posts.publish"))


def can_hear_sound(actor: Actor, sound: Sound) -> bool:
    """The rule of sounds.is_open() for one that is at hand."""
    return is_out_for(sound, is_member=actor.may("members.read"))


def is_out_for(sound: Sound, *, is_member: bool) -> bool:
    """Whether anybody may hear it, or a member."""
    if isinstance(sound, Episode) and not is_out_for(sound.show, is_member=is_member):
        return False
    is_due = sound.is_published and sound.published_at is not None and sound.published_at <= clock.now()
    return is_due and (sound.audience is Listeners.PUBLIC or is_member)


def get_album_for(actor: Actor, album_id: int, *, can: SoundQuestion = can_edit_sound) -> Album:
    """The album with its songs; NotFound for strangers, Forbidden for those who may edit it and not do that."""
    return _admitted(actor, _row(Album, album_id, *with_tracks()), can)


def get_show_for(actor: Actor, show_id: int, *, can: SoundQuestion = can_edit_sound) -> Show:
    return _admitted(actor, _row(Show, show_id, *with_cover(Show)), can)


def get_episode_for(actor: Actor, episode_id: int, *, can: SoundQuestion = can_edit_sound) -> Episode:
    return _admitted(actor, _row(Episode, episode_id), can)


def _row(kind: type[Kept], number: int, *options: Any) -> Kept | None:
    # Inside a transaction the row is held, so that of two changes at once the second sees what the first did.
    held: dict[str, Any] = {"with_for_update": {"of": kind}, "populate_existing": True} if is_writing() else {}
    return session().get(kind, number, options=options, **held) if 0 < number <= LARGEST_ID else None


def _admitted(actor: Actor, sound: Kept | None, can: SoundQuestion) -> Kept:
    if sound is None or not can_edit_sound(actor, sound):
        raise NotFound("There is no such sound, or it is not yours to change.")
    if not can(actor, sound):
        raise Forbidden("You may change this, but not do that with it. Ask an editor.")
    return sound
