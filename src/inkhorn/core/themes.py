"""Public pages: what each carries, and the fenced environment in which a theme draws it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import gettext as _
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core import clock, settings
from inkhorn.core.accent import DEFAULT, accent_css
from inkhorn.core.assets import asset
from inkhorn.core.config import config
from inkhorn.core.settings import MenuItem, SiteSettings

SHIPPED = Path(__file__).parents[1] / "themes"
SHIPPED_THEME = "quill"
RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he nqo ps sd syr ug ur yi".split())


def told(meaning: str, **options: Any) -> Any:
    """A field of a page with the line that docs/reference/theme.md says about it."""
    return field(metadata={"help": meaning}, **options)


@dataclass(frozen=True)
class Link:
    """Somewhere to go."""

    label: str = told("What the link says.")
    address: str = told("Where it leads; on this site it begins with a slash.")
    is_current: bool = told("Whether the reader is there already.", default=False)
    note: str = told("A quiet word beside it, such as a date; may be empty.", default="")


@dataclass(frozen=True)
class Feed:
    """A feed that readers may follow."""

    label: str = told("Its title.")
    address: str = told("Where it stands.")
    content_type: str = told("Its media type, for the link's type attribute.")


@dataclass(frozen=True, kw_only=True)
class SiteCard:
    """What every page says of the site."""

    name: str = told("The name in the masthead.")
    line: str = told("One line under the name; may be empty.")
    language: str = told("BCP 47 tag of the site's language.")
    direction: str = told('"ltr" or "rtl".')
    menu: tuple[Link, ...] = told("The main menu.")
    feeds: tuple[Feed, ...] = told("The site's own feeds.")
    year: int = told("The current year.")
    sign_in_address: str = told("Where one signs in.")
    search_address: str = told("Where one searches.", default="/search")
    theme: str = told("Name of the theme in use.")
    desk_address: str | None = told("The desk, for somebody who is signed in and works there; None for everybody else.")
    account_address: str | None = told("Their own account, for somebody who is signed in; None for everybody else.", default=None)
    following_address: str | None = told("What the authors publish whom they follow, for somebody who is signed in.", default=None)
    accent_address: str | None = told("A style sheet with the accent colour; None while it is the theme's own.")


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What the head of a page tells browsers, search engines and other sites."""

    title: str = told("The whole text of the title element; empty means the site's name.", default="")
    description: str = told("A sentence or two; may be empty.", default="")
    canonical: str = told("The page's full address; empty where it has none.", default="")
    robots: str = told('What search engines are asked, such as "noindex"; may be empty.', default="noindex")
    kind: str = told('Open Graph type, "website", "article" or "profile".', default="website")
    heading: str = told("The title without the site's name, for cards on other sites.", default="")
    locale: str = told("Open Graph locale, such as en_GB.", default="")
    image: str = told("Full address of the picture for cards on other sites; may be empty.", default="")
    image_alt: str = told("What that picture shows.", default="")
    published: str = told("ISO 8601 time of publication, for articles.", default="")
    modified: str = told("ISO 8601 time of the last change, for articles.", default="")
    tags: tuple[str, ...] = told("Names of the tags, for articles.", default=())
    json_ld: Markup = told("Structured data, ready to stand in a script element of type application/ld+json.", default=Markup(""))
    feeds: tuple[Feed, ...] = told("Feeds of this very page, such as a tag's.", default=())
    previous: str = told("Address of the page before this one in a list; may be empty.", default="")
    next: str = told("Address of the page after this one in a list; may be empty.", default="")


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every public page carries; each kind of page adds its own."""

    # The theme's template; None means the snake-cased name of the class without "Page".
    template: ClassVar[str | None] = None

    site: SiteCard = told("The site.", default_factory=lambda: site_card())  # noqa: PLW0108 - defined below
    meta: Meta = told("The head of the page.", default_factory=Meta)
    edit_address: str | None = told("Where this reader may edit what is shown; None for everybody else.", default=None)


@dataclass(frozen=True, kw_only=True)
class ErrorPage(Page):
    """Something could not be shown: what happened, and what to do."""

    status: int = told("The HTTP status.")
    heading: str = told("What happened, in a few words.")
    message: str = told("What it means and what to do.")
    nearest: tuple[Link, ...] = told("What is called like the address that was asked for; may be empty.", default=())
    suggestions: tuple[Link, ...] = told("Something else to read, where nothing is near; may be empty.", default=())


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for templates that strangers wrote: no underscores, no changing of lists, no names left undefined."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        # Most of a sandbox's price is this check; what a page carries is known to be harmless.
        if (_page_parts.get(type(obj)) or _is_page_part(type(obj))) and attribute[0] != "_":
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063 - Jinja's own signature
        if __obj is translate or __obj is asset:
            return __obj(*args)
        return super().call(__context, __obj, *args, **kwargs)


_page_parts: dict[type, bool] = {}


def _is_page_part(kind: type) -> bool:
    known = _page_parts.get(kind)
    if known is None:
        made = getattr(kind, "__dataclass_params__", None)
        known = _page_parts[kind] = made is not None and made.frozen and kind.__module__.startswith("inkhorn.")
    return known


def init_app(app: Flask) -> None:
    app.extensions["inkhorn.themes"] = {}
    app.extensions.setdefault("inkhorn.error_painter", paint_error)


def render_page(page: Page, status: int = 200) -> Response:
    """Draw the page with the theme in use, or with the shipped one where the theme has no such template."""
    environment = environment_of(page.site.theme)
    html = environment.get_template(template_of(type(page))).render(page=page)
    return Response(html, status=status, content_type="text/html; charset=utf-8")


def template_of(page: type[Page]) -> str:
    """PostPage is drawn by post.html, SignInPage by sign_in.html."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", page.__name__.removesuffix("Page")).lower()
    return page.template or f"{name}.html"


def environment_of(theme: str) -> Environment:
    """The environment of one theme, made once; its templates see the shipped theme's and no other."""
    kept: dict[str, Environment] = current_app.extensions["inkhorn.themes"]
    if theme not in kept:
        kept[theme] = make_environment(theme_folder(theme), is_watching=config().is_development)
    return kept[theme]


def make_environment(folder: Path | None, *, is_watching: bool = False) -> Environment:
    shipped = FileSystemLoader(SHIPPED / SHIPPED_THEME / "templates")
    loaders: list[BaseLoader] = [PrefixLoader({SHIPPED_THEME: shipped}), shipped]
    if folder is not None:
        loaders.insert(1, FileSystemLoader(folder / "templates"))
    environment = ThemeEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=is_watching,
        cache_size=100,
    )
    environment.globals |= {"_": translate, "asset": asset}
    for name in ("lipsum", "namespace", "cycler", "joiner", "dict"):
        environment.globals.pop(name, None)
    return environment


def theme_folder(theme: str) -> Path | None:
    """The folder of an installed theme; None for the shipped one and for one that is not there."""
    if theme == SHIPPED_THEME or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", theme):
        return None
    folder = config().data / "themes" / theme
    return folder if (folder / "theme.toml").is_file() else None


def theme_names() -> list[str]:
    """The themes that can be chosen, the shipped one first."""
    folder = config().data / "themes"
    own = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [SHIPPED_THEME, *(name for name in own if theme_folder(name) is not None)]


def translate(text: str) -> str:
    # Pages are written in the site's language, never in the visitor's, so that they can be kept; English is the only one so far.
    return text


def site_card(tuned: SiteSettings | None = None) -> SiteCard:
    """The site as this request should see it; whoever has read the settings already hands them over."""
    tuned = tuned or settings.read(SiteSettings)
    current_app.extensions["inkhorn.last_settings"] = tuned
    path = request.path if has_request_context() else "/"
    card = _site_card(tuned, clock.now().year)
    if any(item.address == path for item in tuned.menu):
        card = replace(card, menu=tuple(replace(link, is_current=link.address == path) for link in card.menu))
    if has_request_context() and getattr(g, "actor", None) is not None and g.actor.is_signed_in:
        desk = "/desk/" if g.actor.may("desk.open") else None
        card = replace(card, desk_address=desk, account_address="/account/", following_address="/following/")
    return card


@lru_cache(maxsize=16)
def _site_card(tuned: SiteSettings, year: int) -> SiteCard:
    menu = tuned.menu or (MenuItem(label=_("Archive"), address="/archive/"),)
    return SiteCard(
        name=tuned.title,
        line=tuned.description,
        language=tuned.language,
        direction=direction_of(tuned.language),
        menu=tuple(Link(item.label, item.address) for item in menu if is_safe_address(item.address)),
        feeds=(
            Feed(f"{tuned.title} (RSS)", "/feed.xml", "application/rss+xml"),
            Feed(f"{tuned.title} (Atom)", "/atom.xml", "application/atom+xml"),
            Feed(f"{tuned.title} (JSON)", "/feed.json", "application/feed+json"),
        ),
        year=year,
        sign_in_address="/sign-in",
        theme=tuned.theme,
        desk_address=None,
        accent_address=None if tuned.accent.lower() == DEFAULT else f"/theme/accent.css?v={accent_version(tuned)}",
    )


def accent_version(tuned: SiteSettings | None = None) -> str:
    """By what the address of that style sheet changes with the colour."""
    return (tuned or settings.read(SiteSettings)).accent.lstrip("#").lower()


def accent_sheet() -> str:
    """The style sheet behind SiteCard.accent_address."""
    return accent_css(settings.read(SiteSettings).accent)


def direction_of(language: str) -> str:
    return "rtl" if language.lower().split("-")[0] in RIGHT_TO_LEFT else "ltr"


def is_safe_address(address: str) -> bool:
    """Whether a link may lead there: this site, the web or a letter, but never a script."""
    return bool(re.match(r"(/(?![/\\])|#|https?://|mailto:)", address, re.IGNORECASE))


def json_for_script(value: Any) -> Markup:
    """JSON that can stand in a script element whatever people wrote in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for raw, escaped in _SCRIPT_ESCAPES:
        text = text.replace(raw, escaped)
    return Markup(text)  # noqa: S704 - every character that could end the element is escaped above


_SCRIPT_ESCAPES = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))

# Rooms above offer something else to read; core knows no posts.
Suggest = Callable[[], tuple[Link, ...]]
Near = Callable[[str], tuple[Link, ...]]


def paint_error(status: int, message: str) -> Response:
    """The error as a page of the site."""
    suggest: Suggest | None = current_app.extensions.get("inkhorn.suggestions")
    near: Near | None = current_app.extensions.get("inkhorn.nearest")
    nearest = near(request.path) if near and status == 404 else ()
    heading, advice = error_words(status)
    page = ErrorPage(
        site=_site_without_fail(),
        status=status,
        heading=heading,
        message=message if status in _SPEAKING and message else advice,
        nearest=nearest,
        suggestions=suggest() if suggest and not nearest and status in (404, 410) else (),
    )
    return render_page(page, status)


def _site_without_fail() -> SiteCard:
    # The page that says the database is away must not need it.
    try:
        return site_card()
    except SQLAlchemyError:
        return site_card(current_app.extensions.get("inkhorn.last_settings", SiteSettings()))


# The statuses whose own message is ours and says more than the general words.
_SPEAKING = frozenset((400, 403, 409, 410, 422, 429, 503))


def error_words(status: int) -> tuple[str, str]:
    """What happened and what to do, for every status that a person may meet."""
    words = {
        400: (_("This request could not be read"), _("Something in it was not as it should be. Go back and try again.")),
        403: (_("This is not open to you"), _("Your account may not do this. Ask an administrator if you should.")),
        404: (_("There is nothing at this address"), _("The page may have moved, or the link may have lost a letter on the way.")),
        405: (
            _("That cannot be done here"),
            _("This address does not answer to what was asked of it. Go back and use the page's own buttons."),
        ),
        409: (
            _("Somebody was faster"),
            _("What you were changing has changed meanwhile. Go back, look at it again and repeat your change."),
        ),
        410: (_("This has been taken down"), _("What stood at this address has been removed by its author and will not come back.")),
        413: (_("That is too large"), _("The site takes smaller files and texts only. Make it smaller, or send it in parts.")),
        422: (_("Something in the form needs mending"), _("Go back, correct it and send it again.")),
        429: (_("That was a little fast"), _("Too many requests came from your address. Wait a minute, then try again.")),
        500: (_("Something broke on our side"), _("It has been noted. Try again in a few minutes; nothing you read is lost.")),
        503: (_("The site is busy"), _("It cannot answer this just now. Try again in a moment.")),
    }
    if status not in words:
        return words[500] if status > 500 else words[400]
    return words[status]
