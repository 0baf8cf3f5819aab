"""The thread under a post, and the sheets on which comments are written, as a theme knows them."""

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from inkhorn.accounts.pages import Hidden, SheetField, SheetPage
from inkhorn.core.themes import Feed, Link, Page, told


@dataclass(frozen=True, kw_only=True)
class CommentAct:
    """A button under a comment, with a form of its own."""

    label: str = told("The words on the button.")
    about: str = told("What follows those words for whoever does not see where the button stands.")
    address: str = told("Where its form is sent.")
    is_on: bool | None = told("Whether it is pressed already; None for a button that is not held down.", default=None)


@dataclass(frozen=True, kw_only=True)
class CommentCard:
    """One comment, with the replies that hang on it."""

    number: int = told("Its number; it stands at the anchor comment-<number>.")
    address: str = told("Where it stands, whatever page of the thread that is.")
    name: str = told("Who wrote it; of one that was taken away, that it was; of one that waits, nobody's name.")
    profile: str | None = told("The page of an author of this site; None for everybody else.", default=None)
    initials: str = told("One or two letters, for a drawn portrait.", default="")
    hue: int = told("A number from 0 to 5 that is the same for a name everywhere, to colour the portrait.", default=0)
    portrait: str | None = told("Address of a square picture of 320 pixels; None where initials stand in.", default=None)
    portrait_small: str | None = told("The same at 160 pixels.", default=None)
    is_author: bool = told("Whether an author of the post wrote it.", default=False)
    is_pinned: bool = told("Whether it stands before the others.", default=False)
    is_gone: bool = told("Whether it was taken away or waits for others to read it, and only its place is kept.", default=False)
    is_waiting: bool = told("Whether it waits for a moderator, and only its writer and moderators see it.", default=False)
    when: str = told("How long ago, or the day, in words.")
    datetime: str = told("The same as ISO 8601.")
    edited: str = told("That it was edited, in words; empty where it was not.", default="")
    html: Markup = told("Its words, safe and finished.")
    likes: str = told("How many like it, in words; empty for none.", default="")
    answer_address: str | None = told("Where it is answered; None where nobody may.", default=None)
    ways: tuple[Link, ...] = told("Where else it leads: to be edited or reported.", default=())
    acts: tuple[CommentAct, ...] = told("What this reader may do with it at the press of a button.", default=())
    replies: tuple["CommentCard", ...] = told("What answers it, in order.", default=())


@dataclass(frozen=True, kw_only=True)
class Ping:
    """Another site that speaks of the post."""

    name: str = told("How it calls itself.")
    address: str | None = told("The page there; None where it may not be led to.")
    when: str = told("How long ago, or the day, in words.")
    datetime: str = told("The same as ISO 8601.")


@dataclass(frozen=True, kw_only=True)
class CommentForm:
    """Where a comment is written, under the thread."""

    action: str = told("Where it is sent.")
    hidden: tuple[Hidden, ...] = told("Values that go with it unseen.")
    body: SheetField = told("The field for the words.")
    fields: tuple[SheetField, ...] = told("Name and address, of a guest; empty for whoever is signed in.")
    wants_replies: SheetField | None = told("The box for being told of replies; None for whoever wants no such letters at all.")
    hint: str = told("What becomes of a comment, under the button; may be empty.", default="")
    sign_in_address: str = told("Where a guest signs in instead; empty for whoever has.", default="")
    sheet_address: str = told("Where the script fetches what the form asks of robots; empty for whoever is signed in.", default="")


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The comments under a post."""

    title: str = told("How many comments, in words.")
    line: str = told("Whether it is open and until when; may be empty.")
    feed: Feed | None = told("The feed of these comments; None where not everybody may read them.")
    live_address: str = told("Where the script asks for the thread as it is now.")
    stream_address: str = told(
        "Where the script is told that the thread has changed, as server-sent events; empty where it asks now and then."
    )
    comments: tuple[CommentCard, ...] = told("The threads of this page, in order.")
    token: str = told("What goes with each button's form of somebody who is signed in, as csrf_token; empty for a visitor.", default="")
    paging: str = told('Such as "Page 2 of 3"; empty where there is one page.', default="")
    earlier_address: str | None = told("The page before this one.", default=None)
    later_address: str | None = told("The page after this one.", default=None)
    pings: tuple[Ping, ...] = told("Other sites that speak of the post.", default=())
    form: CommentForm | None = told("Where one writes; None where this reader may not.", default=None)
    sign_in_address: str = told("Where a visitor signs in to write, where guests may not; else empty.", default="")
    scripts: tuple[str, ...] = told("Static files of the house that bring the thread to life.", default=())


@dataclass(frozen=True, kw_only=True)
class ThreadPage(Page):
    """The thread alone, as the script puts it in place of the one on the page."""

    thread: Thread = told("The thread.")


@dataclass(frozen=True, kw_only=True)
class CommentPage(SheetPage):
    """Where a comment is answered, mended, looked over before it is sent, edited or reported."""

    template: ClassVar[str | None] = "comment.html"

    answered: CommentCard | None = told("The comment that this is about; None for one that begins a thread.", default=None)
    preview: Markup = told("How what was written will look; may be empty.", default=Markup(""))
