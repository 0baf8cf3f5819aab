"""What the theme draws of accounts: sheets, each a short form with a sentence above it and ways beside it."""

from dataclasses import dataclass

from inkhorn.core.themes import Link, Page, told


@dataclass(frozen=True, kw_only=True)
class SheetField:
    """One field of a sheet."""

    name: str = told("Name under which it is sent; also its id.")
    label: str = told("The words above it.")
    kind: str = told('"text", "email", "password", "code" for six digits, "tick" for a box, or "area" for several lines.', default="text")
    value: str = told("What was typed before; may be empty.", default="")
    is_ticked: bool = told("Whether a box is ticked.", default=False)
    autocomplete: str = told("What a browser or password manager may fill in.", default="")
    hint: str = told("A line under the field; may be empty.", default="")
    error: str = told("What is wrong with what was typed; may be empty.", default="")
    is_required: bool = told("Whether it must be filled in.", default=True)
    longest: int | None = told("Most characters it takes.", default=None)
    is_first: bool = told("Whether the caret should stand in it.", default=False)
    is_fixed: bool = told("Whether it is shown and cannot be changed here.", default=False)
    aside: Link | None = told("A link beside the label, such as to a forgotten password.", default=None)


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A value that goes with the form unseen."""

    name: str = told("Name under which it is sent.")
    value: str = told("The value.")


@dataclass(frozen=True, kw_only=True)
class Way:
    """Another way to reach the same end: a button with a form of its own."""

    label: str = told("The words on the button.")
    address: str = told("Where its form is sent.")
    kind: str = told(
        'What it is: "passkey", "mail", "provider" or "plain"; a passkey needs the script of the house and is hidden without it.',
        default="plain",
    )
    hidden: tuple[Hidden, ...] = told("Values that go with it.", default=())


@dataclass(frozen=True, kw_only=True)
class Puzzle:
    """What keeps robots out of an open form."""

    kind: str = told('"proof-of-work", the provider "turnstile", "hcaptcha" or "recaptcha", or "none".')
    waiting: str = told("Signed moment at which the sheet was drawn: who has no script waits instead of working.")
    address: str = told("Where the script of the house fetches the work, or the provider's script; empty for none.", default="")
    widget: str = told("Class by which the provider's script finds its place; empty for the proof of work.", default="")
    site_key: str = told("The provider's public key; empty for the proof of work.", default="")
    waiting_words: str = told("What somebody without a script is told; empty for none.", default="")
    working_words: str = told("What is said where the work takes so long that it is felt; empty for a provider.", default="")


@dataclass(frozen=True, kw_only=True)
class SheetPage(Page):
    """A short form, or a few words and where to go from here. Every page of accounts is one; sheet.html draws them all."""

    name: str = told("Which sheet it is, such as sign_in.", default="sheet")
    heading: str = told("The heading.")
    lead: str = told("A sentence under it; may be empty.", default="")
    notice: str = told("Good news above the form; may be empty.", default="")
    error: str = told("What went wrong, as a sentence, where it belongs to no field; may be empty.", default="")
    form_action: str = told("Where the form is sent; empty where there is none.", default="")
    hidden: tuple[Hidden, ...] = told("Values that go with the form unseen, its token among them.", default=())
    fields: tuple[SheetField, ...] = told("The fields, in order.", default=())
    puzzle: Puzzle | None = told("What the form asks of robots; None where it asks nothing.", default=None)
    submit: str = told("The words on the button.", default="")
    ways: tuple[Way, ...] = told("Other ways, under the form.", default=())
    links: tuple[Link, ...] = told("Where else one may want to go, under everything.", default=())
    scripts: tuple[str, ...] = told("Static files of the house that bring passkeys and puzzles to life.", default=())


@dataclass(frozen=True, kw_only=True)
class SignInPage(SheetPage):
    """The way in."""


@dataclass(frozen=True, kw_only=True)
class SecondFactorPage(SheetPage):
    """Where the second factor is shown."""


@dataclass(frozen=True, kw_only=True)
class JoinPage(SheetPage):
    """Where an account is asked for."""


@dataclass(frozen=True, kw_only=True)
class ConfirmPage(SheetPage):
    """Where the six digits of a letter are typed, or its link is confirmed."""


@dataclass(frozen=True, kw_only=True)
class ForgottenPage(SheetPage):
    """Where a new password, or a link to sign in, is asked for."""


@dataclass(frozen=True, kw_only=True)
class NewPasswordPage(SheetPage):
    """Where a new password is chosen."""


@dataclass(frozen=True, kw_only=True)
class InvitationPage(SheetPage):
    """Where an invitation is accepted."""

    inviter: str = told("Who sent it; empty where nobody did by name.", default="")
    message: str = told("What they wrote, as plain text with line breaks; may be empty.", default="")


@dataclass(frozen=True, kw_only=True)
class NoticePage(SheetPage):
    """Something was done, or cannot be: a few words and where to go."""
