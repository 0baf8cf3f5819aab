"""What the theme draws of accounts."""

from dataclasses import dataclass

from inkhorn.core.themes import Page, told


@dataclass(frozen=True, kw_only=True)
class SignInPage(Page):
    """The way in."""

    form_action: str = told("Where the form is sent.")
    csrf_token: str = told("Hidden token of the form; empty for somebody who is not signed in.", default="")
    email: str = told("The address as it was typed before; may be empty.", default="")
    error: str | None = told("Why the last try failed, as a sentence.", default=None)
    next: str | None = told("Where to go afterwards.", default=None)
    reason: str | None = told("Why the reader was led here, as a sentence.", default=None)
    is_remembering: bool = told("Whether the box to stay signed in is ticked.", default=False)
