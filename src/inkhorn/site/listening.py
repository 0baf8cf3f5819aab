"""Puts together the pages of albums, shows and episodes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from inkhorn.core import settings
from inkhorn.core.days import full_date
from inkhorn.core.links import absolute
from inkhorn.core.paging import page_of
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Feed, Link, Meta, json_for_script, site_card
from inkhorn.media import queries, sounds
from inkhorn.media.models import Album, Asset, Episode, EpisodeKind, Listeners, Show, Track
from inkhorn.site.cards import paging
from inkhorn.site.meta import HIDDEN, list_meta
from inkhorn.site.pages import Picture, Source
from inkhorn.site.sound_pages import AlbumPage, Chapter, EpisodeEntry, EpisodePage, ShowPage, Song, Sound
from inkhorn.site.words import iso, local_day

EPISODES_A_PAGE = 20
RSS = "application/rss+xml"
# The drawing of a sound: 300 wide, 40 high.
WAVE_WIDTH, WAVE_HEIGHT = 300, 40
# Drawn where the loudness is not known: Ogg does not tell it, and of the others the runner draws it in a moment.
EVEN = (25,) * 100
SUMMARY_LETTERS = 300


def album_page(album: Album, *, notice: str = "", edit_address: str | None = None) -> AlbumPage:
    """The page of an album whose songs and cover are loaded; with a notice search engines are kept away."""
    tuned = settings.read(SiteSettings)
    day = album.released_on or (local_day(album.published_at, tuned.timezone) if album.published_at else None)
    count = ngettext("%(num)d song", "%(num)d songs", len(album.tracks))
    graph = {"@type": "MusicAlbum", "numTracks": len(album.tracks), "track": [_recording(track) for track in album.tracks]}
    if album.artist:
        graph["byArtist"] = {"@type": "MusicGroup", "name": album.artist}
    if day:
        graph["datePublished"] = day.isoformat()
    return AlbumPage(
        site=site_card(tuned),
        edit_address=edit_address,
        title=album.title,
        artist=album.artist,
        date=full_date(day, tuned.language) if day else "",
        datetime=day.isoformat() if day else "",
        count=_("%(songs)s, %(length)s", songs=count, length=_in_words(album.seconds)) if album.tracks else count,
        about=_about(album),
        paragraphs=sounds.about_in_words(album),
        cover=_cover(album.cover),
        songs=tuple(_song(track, number, album) for number, track in enumerate(album.tracks, 1)),
        address=album.path,
        notice=notice,
        meta=_meta(tuned, album, graph, _cover(album.cover), is_hidden=bool(notice)),
    )


def show_page(show: Show, number: int, *, is_member: bool, notice: str = "", edit_address: str | None = None) -> ShowPage:
    """One page of the episodes that this listener may hear; NotFound past the end."""
    tuned = settings.read(SiteSettings)
    found = page_of(sounds.open_episodes(show, is_member=is_member), number=number, size=EPISODES_A_PAGE, counted=True)
    turn = paging(number, max(1, -(-(found.total or 0) // EPISODES_A_PAGE)), show.path)
    graph = {"@type": "PodcastSeries", "webFeed": absolute(f"{show.path}feed.xml")}
    feed = feed_of(show)
    meta = _meta(tuned, show, graph, _cover(show.cover), is_hidden=bool(notice))
    if number > 1:
        meta = replace(meta, canonical=absolute(f"{show.path}page/{number}/"), title=f"{show.title}, {turn.label} | {tuned.title}")
    return ShowPage(
        site=site_card(tuned),
        edit_address=edit_address,
        title=show.title,
        author=show.author,
        count=ngettext("%(num)d episode", "%(num)d episodes", found.total or 0),
        about=_about(show),
        paragraphs=sounds.about_in_words(show),
        cover=_cover(show.cover),
        feed=feed,
        entries=tuple(_entry(episode, tuned) for episode in found.items),
        paging=turn,
        notice=notice,
        meta=replace(meta, feeds=(feed,) if feed else (), previous=turn.newer_address or "", next=turn.older_address or ""),
    )


def episode_page(episode: Episode, show: Show, *, notice: str = "", edit_address: str | None = None) -> EpisodePage:
    """The page of an episode; the show's cover is loaded."""
    tuned = settings.read(SiteSettings)
    sound = _sound(episode, episode.title, episode.asset)
    graph: dict[str, Any] = {
        "@type": "PodcastEpisode",
        "partOfSeries": {"@type": "PodcastSeries", "name": show.title, "url": absolute(show.path)},
        "associatedMedia": {"@type": "MediaObject", "contentUrl": absolute(episode.asset.path), "duration": sound.duration},
    }
    if episode.published_at:
        graph["datePublished"] = iso(episode.published_at)
    return EpisodePage(
        site=site_card(tuned),
        edit_address=edit_address,
        title=episode.title,
        show=Link(show.title, show.path),
        author=show.author,
        place=_place(episode),
        date=full_date(local_day(episode.published_at, tuned.timezone), tuned.language) if episode.published_at else "",
        datetime=iso(episode.published_at),
        about=_about(episode),
        paragraphs=sounds.about_in_words(episode),
        cover=_cover(show.cover),
        sound=sound,
        feed=feed_of(show),
        address=episode.path,
        notice=notice,
        meta=_meta(tuned, episode, graph, _cover(show.cover), is_hidden=bool(notice), trail=[Link(show.title, show.path)]),
    )


def feed_of(show: Show) -> Feed | None:
    """The feed of a show that anybody may hear; what is for members has none."""
    return Feed(show.title, f"{show.path}feed.xml", RSS) if show.audience is Listeners.PUBLIC else None


def clock_time(seconds: float) -> str:
    """4:12, or 1:04:12."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def iso_duration(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + f"{whole % 60}S"


def wave_path(peaks: Sequence[int]) -> str:
    """One stroke for each step, standing on both sides of the middle; even ones where nobody knows how loud it is."""
    peaks = peaks or EVEN
    step = WAVE_WIDTH / len(peaks)
    parts = []
    for number, peak in enumerate(peaks):
        height = max(1.0, min(100, peak) / 100 * (WAVE_HEIGHT - 2))
        parts.append(f"M{(number + 0.5) * step:.1f} {(WAVE_HEIGHT - height) / 2:.1f}v{height:.1f}")
    return "".join(parts)


def _song(track: Track, number: int, album: Album) -> Song:
    title = track.title or _("Song %(number)d", number=number)
    shared = _sound(track, title, track.asset)
    artist = track.artist if track.artist != album.artist else ""
    return Song(**{name: getattr(shared, name) for name in shared.__dataclass_fields__}, artist=artist)


def _sound(heard: Track | Episode, title: str, asset: Asset) -> Sound:
    kind = asset.key.rpartition(".")[2].upper()
    megabytes = max(0.1, round(asset.size_bytes / 1_000_000, 1))
    size = f"{megabytes:.0f}" if megabytes >= 10 else f"{megabytes:.1f}"
    return Sound(
        title=title,
        address=asset.path,
        content_type=asset.content_type,
        length=clock_time(heard.seconds),
        duration=iso_duration(heard.seconds),
        wave=wave_path(heard.peaks),
        chapters=tuple(
            Chapter(
                title=each["title"] or _("Chapter %(number)d", number=number),
                time=clock_time(each["at"]),
                duration=iso_duration(each["at"]),
                address=f"{asset.path}#t={each['at']:g}",
            )
            for number, each in enumerate(heard.chapters, 1)
        ),
        download_address=f"{asset.path}?download",
        download_label=_("Download the original, %(kind)s, %(size)s MB", kind=kind, size=size),
    )


def _entry(episode: Episode, tuned: SiteSettings) -> EpisodeEntry:
    paragraphs = sounds.about_in_words(episode)
    summary = paragraphs[0] if paragraphs else ""
    day = local_day(episode.published_at, tuned.timezone) if episode.published_at else None
    return EpisodeEntry(
        title=episode.title,
        address=episode.path,
        summary=summary if len(summary) <= SUMMARY_LETTERS else summary[:SUMMARY_LETTERS].rsplit(" ", 1)[0] + "…",
        when=full_date(day, tuned.language) if day else "",
        datetime=iso(episode.published_at),
        place=_place(episode),
        length=clock_time(episode.seconds),
        duration=iso_duration(episode.seconds),
        is_for_members=episode.audience is Listeners.MEMBERS,
    )


def _place(episode: Episode) -> str:
    if episode.kind is EpisodeKind.TRAILER:
        return str(_("Trailer"))
    if episode.kind is EpisodeKind.BONUS:
        return str(_("Bonus"))
    if episode.season and episode.number:
        return str(_("Season %(season)d, episode %(number)d", season=episode.season, number=episode.number))
    return str(_("Episode %(number)d", number=episode.number)) if episode.number else ""


def _about(sound: Album | Show | Episode) -> Markup:
    return Markup(sounds.about_in_html(sound))  # noqa: S704 - the sanitiser was the last to touch it


def _in_words(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return str(ngettext("%(num)d second", "%(num)d seconds", round(seconds)))
    hours, rest = divmod(minutes, 60)
    told = [ngettext("%(num)d hour", "%(num)d hours", hours)] if hours else []
    return " ".join([*told, ngettext("%(num)d minute", "%(num)d minutes", rest)] if rest else told)


def _cover(asset: Asset | None) -> Picture | None:
    if asset is None:
        return None
    known = queries.picture_of(asset)
    return Picture(
        src=known.src,
        width=asset.width,
        height=asset.height,
        alt=asset.alt,
        sources=tuple(Source(each.content_type, each.srcset) for each in known.sources),
        blur=queries.blur_address(asset.blur),
    )


def _recording(track: Track) -> dict[str, Any]:
    return {"@type": "MusicRecording", "name": str(track), "duration": iso_duration(track.seconds), "url": absolute(track.asset.path)}


def _meta(
    tuned: SiteSettings,
    sound: Album | Show | Episode,
    graph: dict[str, Any],
    cover: Picture | None,
    *,
    is_hidden: bool,
    trail: Sequence[Link] = (),
) -> Meta:
    """The head of a page about something to hear, with what search engines ask of such."""
    description = " ".join(sounds.about_in_words(sound))[:SUMMARY_LETTERS]
    meta = list_meta(tuned, name=sound.title, address=sound.path, description=description, trail=trail)
    image = absolute(cover.src) if cover else ""
    graph |= {"name": sound.title, "url": absolute(sound.path)} | ({"image": image} if image else {})
    if description:
        graph["description"] = description
    return replace(
        meta,
        robots=HIDDEN if is_hidden or sound.audience is not Listeners.PUBLIC else meta.robots,
        image=image,
        image_alt=cover.alt if cover else "",
        json_ld=json_for_script({"@context": "https://schema.org", **graph}),
    )
