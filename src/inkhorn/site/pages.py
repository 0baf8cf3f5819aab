"""The public pages: one frozen dataclass each, which is all that a theme may know."""

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from inkhorn.accounts.pages import Hidden
from inkhorn.comments.pages.shapes import Thread
from inkhorn.core.themes import Feed, Link, Page, told


@dataclass(frozen=True)
class Source:
    """One set of smaller or lighter versions of a picture."""

    content_type: str = told("Media type of the versions.")
    srcset: str = told("Their addresses and widths, ready for the srcset attribute.")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A cover picture."""

    src: str = told("Its address.")
    width: int | None = told("Width in pixels; None where it is unknown.", default=None)
    height: int | None = told("Height in pixels; None where it is unknown.", default=None)
    alt: str = told("What it shows; may be empty.", default="")
    caption: str = told("The words under it; may be empty.", default="")
    sources: tuple[Source, ...] = told("Versions for narrow screens and newer browsers.", default=())
    blur: str = told(
        "A few pixels of it as a data: address, to be shown enlarged until it has come; empty where there are none.", default=""
    )
    across: int = told("Where the eye should fall when it is cut, in tenths from the left edge to the right one.", default=5)
    down: int = told("The same from the upper edge to the lower one.", default=5)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A post as lists show it."""

    title: str = told("The title, or the first words of a post that has none.")
    address: str = told("Where the post stands.")
    summary: str = told("Its excerpt.")
    when: str = told("The date in words, without the year if it is this year's.")
    datetime: str = told("The same as ISO 8601.")
    reading: str = told("Reading time in words.")
    authors: tuple[Link, ...] = told("Who wrote it.")
    is_for_members: bool = told("Whether only members see it, here and at its own address.", default=False)
    kicker: Link | None = told("The series it belongs to, or its first tag.")
    cover: Picture | None = told("Its picture.")
    language: str | None = told("Language tag, where it is not the site's.")
    direction: str | None = told('"ltr" or "rtl", where the language is not the site\'s.')


@dataclass(frozen=True, kw_only=True)
class Paging:
    """Where a list can be turned."""

    label: str = told('Such as "Page 2 of 14".')
    newer_address: str | None = told("The page before this one.")
    older_address: str | None = told("The page after this one.")


@dataclass(frozen=True, kw_only=True)
class Person:
    """An author."""

    name: str = told("The name.")
    address: str = told("The author's own page here.")
    initials: str = told("One or two letters, for a drawn portrait.")
    hue: int = told("A number from 0 to 5 that is the same for a name everywhere, to colour the portrait.")
    portrait: str | None = told("Address of a square picture of 320 pixels; None where initials stand in.")
    portrait_small: str | None = told("The same at 160 pixels, for small places.", default=None)
    bio: str = told("A few words about the author; may be empty.")
    website: str | None = told("The author's own site.")
    website_label: str = told("That site without scheme and slash.")
    links: tuple[Link, ...] = told("Other places that are the author's; only on the author's own page.", default=())


@dataclass(frozen=True, kw_only=True)
class FollowBox:
    """How the one who looks may follow the author."""

    is_following: bool = told("Whether this reader follows the author already.")
    label: str = told("The words on the button or link.")
    address: str = told("Where the button's form is sent; empty for a visitor, who signs in first.", default="")
    sign_in_address: str = told("Where a visitor signs in to follow; empty for whoever has.", default="")
    hidden: tuple[Hidden, ...] = told("Values that go with the form unseen, its token among them.", default=())


@dataclass(frozen=True, kw_only=True)
class SeriesBox:
    """The series a post belongs to, as the post's page shows it."""

    title: str = told("Its title.")
    address: str = told("Its page.")
    position: str = told('Such as "Part 2 of 4".')
    first: int = told("Number of the first part listed; long series show the neighbourhood only.")
    parts: tuple[Link, ...] = told("The parts in order; the present one is current.")


@dataclass(frozen=True)
class Heading:
    """An entry in a table of contents."""

    text: str = told("The heading's words.")
    address: str = told("Its anchor, such as #tides.")


@dataclass(frozen=True, kw_only=True)
class Reading(Page):
    """What a post and a standalone page share."""

    title: str = told("The title; may be empty for a short note.")
    name: str = told("The title, or the first words where there is none; never empty.")
    is_long: bool = told("Whether the title has more than ninety letters and should be set smaller.")
    standfirst: str = told("The author's own excerpt; empty where there is none.")
    html: Markup = told("The text, safe and finished.")
    has_initial: bool = told("Whether the text begins with a letter that may be set large.")
    has_code: bool = told("Whether the text holds highlighted code.")
    cover: Picture | None = told("The picture above the text.")
    contents: tuple[Heading, ...] = told("Table of contents; empty for short texts.")
    language: str | None = told("Language tag, where it is not the site's.")
    direction: str | None = told('"ltr" or "rtl", where the language is not the site\'s.')
    notice: str = told("What its author should know, such as that this is a preview; empty for readers.")
    thread: Thread | None = told("The comments; None where there are none and none can be written.", default=None)


@dataclass(frozen=True, kw_only=True)
class PostPage(Reading):
    """One post."""

    address: str = told("Where it stands.")
    kicker: Link | None = told("Its first tag.")
    authors: tuple[Person, ...] = told("Who wrote it.")
    date: str = told("Day of publication in words.")
    datetime: str = told("The same as ISO 8601; empty for a draft.")
    reading: str = told("Reading time in words.")
    tags: tuple[Link, ...] = told("Its tags.")
    series: SeriesBox | None = told("The series it belongs to.")
    older: Link | None = told("The post before it in time.")
    newer: Link | None = told("The post after it in time.")


@dataclass(frozen=True, kw_only=True)
class StandalonePage(Reading):
    """A page that stands alone, such as About."""

    template: ClassVar[str | None] = "page.html"

    address: str = told("Where it stands.")


@dataclass(frozen=True, kw_only=True)
class HomePage(Page):
    """The front page, and the older pages behind it."""

    is_front: bool = told("Whether this is the first page, with masthead and lead.")
    lead: Entry | None = told("The story given the whole width; only on the first page.")
    list_title: str = told("Heading of the list.")
    entries: tuple[Entry, ...] = told("The posts of this page, newest first.")
    paging: Paging = told("Where the list can be turned.")


@dataclass(frozen=True, kw_only=True)
class TagPage(Page):
    """The posts that share a tag."""

    name: str = told("The tag.")
    description: str = told("What it is about; may be empty.")
    count: str = told("How many posts, in words.")
    feed: Feed = told("The tag's own feed.")
    entries: tuple[Entry, ...] = told("The posts of this page, newest first.")
    paging: Paging = told("Where the list can be turned.")


@dataclass(frozen=True, kw_only=True)
class AuthorPage(Page):
    """An author and their posts."""

    person: Person = told("The author.")
    count: str = told("How many posts since when, in words.")
    list_title: str = told("Heading of the list.")
    feed: Feed = told("The author's own feed.")
    follow: FollowBox | None = told("How to follow the author; None for the author.", default=None)
    entries: tuple[Entry, ...] = told("The posts of this page, newest first.")
    paging: Paging = told("Where the list can be turned.")


@dataclass(frozen=True, kw_only=True)
class FollowingPage(Page):
    """The authors somebody follows and what they publish; one person's own, shown to nobody else."""

    count: str = told("How many authors, in words; empty where there are none.")
    people: tuple[Person, ...] = told("The authors, by name.")
    feed: Feed | None = told("The feed of it all at an address that nobody can guess; None until one was asked for.")
    feed_label: str = told("The words on the button that makes such an address, or another one.")
    feed_action: str = told("Where that button's form is sent.")
    hidden: tuple[Hidden, ...] = told("Values that go with the form unseen, its token among them.")
    list_title: str = told("Heading of the list.")
    entries: tuple[Entry, ...] = told("The posts of this page, newest first.")
    paging: Paging = told("Where the list can be turned.")


@dataclass(frozen=True, kw_only=True)
class SeriesPage(Page):
    """A series in its own order."""

    title: str = told("Its title.")
    description: str = told("What it is about; may be empty.")
    count: str = told("How many parts, in words.")
    first: int = told("Number of the first part on this page.")
    entries: tuple[Entry, ...] = told("The parts of this page, in order.")
    paging: Paging = told("Where the series can be turned; what is older here is the later parts.")


@dataclass(frozen=True, kw_only=True)
class Day:
    """A line of the archive."""

    number: int = told("Day of the month.")
    datetime: str = told("The date as ISO 8601.")
    title: str = told("The post's title.")
    address: str = told("Where it stands.")
    authors: str = told("Who wrote it.")


@dataclass(frozen=True)
class Month:
    """A month of the archive."""

    name: str = told("Its name.")
    days: tuple[Day, ...] = told("Its posts, newest first.")


@dataclass(frozen=True)
class Year:
    """A year of the archive."""

    number: int = told("The year.")
    count: str = told("How many posts, in words.")
    months: tuple[Month, ...] = told("Its months on this page, latest first.")


@dataclass(frozen=True, kw_only=True)
class ArchivePage(Page):
    """Every post by year and month."""

    line: str = told("How much there is, in words.")
    jumps: tuple[Link, ...] = told("A link to each year.")
    years: tuple[Year, ...] = told("The years on this page, latest first.")
    paging: Paging = told("Where the list can be turned.")


@dataclass(frozen=True, kw_only=True)
class Result:
    """A post or page that was found."""

    title: Markup = told("The title with what was looked for in mark elements; safe.")
    address: str = told("Where it stands.")
    excerpt: Markup = told("The piece of the text that holds what was looked for, in mark elements; safe, may be empty.")
    place: str = told('Where the words stand, such as "in the title"; may be empty.')
    when: str = told("The date in words, without the year if it is this year's.")
    datetime: str = told("The same as ISO 8601.")
    authors: tuple[Link, ...] = told("Who wrote it.")
    is_for_members: bool = told("Whether only members see it, here and at its own address.", default=False)
    language: str | None = told("Language tag, where it is not the site's.")
    direction: str | None = told('"ltr" or "rtl", where the language is not the site\'s.')


@dataclass(frozen=True, kw_only=True)
class SearchPage(Page):
    """What was found for some words, or the field to look for something."""

    action: str = told("Where the form of the search field is sent, by GET, with the words as q.")
    query: str = told("What was looked for; empty before anything was.")
    longest: int = told("How many characters the field takes.")
    count: str = told("How much was found, in words; empty where nothing was.")
    results: tuple[Result, ...] = told("What was found on this page, the best first.")
    paging: Paging = told("Where the list can be turned; what is older here comes later.")
    is_vain: bool = told("Whether something was looked for and nothing found.")
    meant: Link | None = told("What may have been meant, and does find something.", default=None)
    suggestions: tuple[Link, ...] = told("Something else to read, where nothing was found.", default=())
