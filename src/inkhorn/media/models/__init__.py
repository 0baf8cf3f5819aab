"""Uploaded files and what was made from them; songs and episodes."""

from inkhorn.media.models.sound import Album, Episode, EpisodeKind, Listeners, Show, SoundAddress, State, Track
from inkhorn.media.models.uploads import (
    PORTRAIT,
    Asset,
    AssetTag,
    Avatar,
    FormerName,
    Kind,
    Reach,
    Rendition,
    StoreMark,
    Upload,
    UploadPart,
    Usage,
)

__all__ = [
    "PORTRAIT",
    "Album",
    "Asset",
    "AssetTag",
    "Avatar",
    "Episode",
    "EpisodeKind",
    "FormerName",
    "Kind",
    "Listeners",
    "Reach",
    "Rendition",
    "Show",
    "SoundAddress",
    "State",
    "StoreMark",
    "Track",
    "Upload",
    "UploadPart",
    "Usage",
]
