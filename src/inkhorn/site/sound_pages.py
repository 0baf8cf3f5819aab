"""The public pages of sound: albums, shows and episodes, which are all that a theme may know of them."""

from dataclasses import dataclass

from markupsafe import Markup

from inkhorn.core.themes import Feed, Link, Page, told
from inkhorn.site.pages import Paging, Picture


@dataclass(frozen=True)
class Chapter:
    """A place in a sound."""

    title: str = told("What it is about.")
    time: str = told('When it begins, such as "2:14".')
    duration: str = told("The same as ISO 8601 duration.")
    address: str = told("The sound from there on.")


@dataclass(frozen=True, kw_only=True)
class Sound:
    """Something to play."""

    title: str = told("Its title.")
    address: str = told("Where the file stands, for the player.")
    content_type: str = told("Media type of the file.")
    length: str = told('How long it lasts, such as "4:12".')
    duration: str = told("The same as ISO 8601 duration.")
    wave: str = told(
        "Its loudness as the path of a drawing 300 wide and 40 high; even strokes where that is not known, as of Ogg.", default=""
    )
    chapters: tuple[Chapter, ...] = told("Places in it; may be empty.", default=())
    download_address: str = told("Where it is handed over under its original name.")
    download_label: str = told('Such as "Download the original, MP3, 8 MB".')


@dataclass(frozen=True, kw_only=True)
class Song(Sound):
    """A song of an album."""

    artist: str = told("Who plays, where that is not the album's artist; may be empty.", default="")


@dataclass(frozen=True, kw_only=True)
class AlbumPage(Page):
    """An album and its songs."""

    title: str = told("Its title.")
    artist: str = told("Who plays; may be empty.")
    date: str = told("When it came out, in words; may be empty.")
    datetime: str = told("The same as ISO 8601 date.")
    count: str = told("How many songs and how long together, in words.")
    about: Markup = told("What it is about, as HTML; may be empty.")
    paragraphs: tuple[str, ...] = told("The same as paragraphs of plain words; may be empty.")
    cover: Picture | None = told("Its cover.")
    songs: tuple[Song, ...] = told("Its songs in order.")
    address: str = told("Where it stands.")
    notice: str = told("What somebody who edits it should know; empty for listeners.", default="")


@dataclass(frozen=True, kw_only=True)
class EpisodeEntry:
    """An episode as its show lists it."""

    title: str = told("Its title.")
    address: str = told("Its page.")
    summary: str = told("Its first paragraph; may be empty.")
    when: str = told("The date in words.")
    datetime: str = told("The same as ISO 8601.")
    place: str = told('Such as "Season 2, episode 31", or "Trailer"; may be empty.')
    length: str = told('How long it lasts, such as "42:08".')
    duration: str = told("The same as ISO 8601 duration.")
    is_for_members: bool = told("Whether only members hear it.", default=False)


@dataclass(frozen=True, kw_only=True)
class ShowPage(Page):
    """A show and its episodes."""

    title: str = told("Its title.")
    author: str = told("Who makes it; may be empty.")
    count: str = told("How many episodes, in words.")
    about: Markup = told("What it is about, as HTML; may be empty.")
    paragraphs: tuple[str, ...] = told("The same as paragraphs of plain words; may be empty.")
    cover: Picture | None = told("Its cover.")
    feed: Feed | None = told("The feed for podcast programs; None where it is for members.")
    entries: tuple[EpisodeEntry, ...] = told("The episodes of this page, newest first.")
    paging: Paging = told("Where the list can be turned.")
    notice: str = told("What somebody who edits it should know; empty for listeners.", default="")


@dataclass(frozen=True, kw_only=True)
class EpisodePage(Page):
    """One episode of a show."""

    title: str = told("Its title.")
    show: Link = told("The show it belongs to.")
    author: str = told("Who makes the show; may be empty.")
    place: str = told('Such as "Season 2, episode 31", or "Trailer"; may be empty.')
    date: str = told("When it came out, in words; may be empty.")
    datetime: str = told("The same as ISO 8601; empty for a draft.")
    about: Markup = told("What it is about, as HTML; may be empty.")
    paragraphs: tuple[str, ...] = told("The same as paragraphs of plain words; may be empty.")
    cover: Picture | None = told("The show's cover.")
    sound: Sound = told("What is played.")
    feed: Feed | None = told("The show's feed; None where it is for members.")
    address: str = told("Where it stands.")
    notice: str = told("What somebody who edits it should know; empty for listeners.", default="")
