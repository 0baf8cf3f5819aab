"""What the head of a page says to search engines and to other sites: Open Graph and structured data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inkhorn.core.days import locale_of
from inkhorn.core.links import absolute
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Feed, Link, Meta, json_for_script

HIDDEN = "noindex"
# Large previews are what a publication wants of search engines.
SHOWN = "max-image-preview:large"


@dataclass(frozen=True, kw_only=True)
class Article:
    """What structured data says of a post; addresses are root-relative."""

    name: str
    address: str
    description: str
    canonical: str | None
    title: str | None
    language: str
    authors: Sequence[Link]
    tags: Sequence[Link]
    image: str
    image_alt: str
    published: str
    modified: str
    words: int
    is_page: bool


def article_meta(tuned: SiteSettings, article: Article, *, is_hidden: bool = False) -> Meta:
    canonical = article.canonical or absolute(article.address)
    image = absolute(article.image) if article.image else ""
    return Meta(
        title=f"{article.title or article.name} | {tuned.title}",
        heading=article.title or article.name,
        description=article.description,
        canonical=canonical,
        robots=HIDDEN if is_hidden or tuned.hidden_from_search else SHOWN,
        kind="website" if article.is_page else "article",
        locale=str(locale_of(article.language)),
        image=image,
        image_alt=article.image_alt if image else "",
        published="" if article.is_page else article.published,
        modified="" if article.is_page else article.modified,
        tags=tuple(tag.label for tag in article.tags),
        json_ld=json_for_script(_article_graph(tuned, article, canonical, image)),
    )


def list_meta(
    tuned: SiteSettings,
    *,
    name: str,
    address: str,
    description: str = "",
    kind: str = "website",
    feeds: tuple[Feed, ...] = (),
    previous: str | None = None,
    following: str | None = None,
    trail: Sequence[Link] = (),
) -> Meta:
    """The head of a list; without a name it is the site's own front page."""
    canonical = absolute(address)
    title = f"{name} | {tuned.title}" if name else " | ".join(part for part in (tuned.title, tuned.description) if part)
    if name:
        graph = [_breadcrumbs(tuned, [*trail, Link(name, address)])]
    else:
        graph = [
            {"@type": "WebSite", "name": tuned.title, "url": canonical, "description": tuned.description, "inLanguage": tuned.language}
        ]
    return Meta(
        title=title,
        heading=name or tuned.title,
        description=description or tuned.description,
        canonical=canonical,
        robots=HIDDEN if tuned.hidden_from_search else SHOWN,
        kind=kind,
        locale=str(locale_of(tuned.language)),
        json_ld=json_for_script({"@context": "https://schema.org", "@graph": graph}),
        feeds=feeds,
        previous=previous or "",
        next=following or "",
    )


def _article_graph(tuned: SiteSettings, article: Article, canonical: str, image: str) -> dict[str, Any]:
    publisher = {"@type": "Organization", "name": tuned.title, "url": absolute("/")}
    main: dict[str, Any] = {
        "@type": "WebPage" if article.is_page else "BlogPosting",
        "name" if article.is_page else "headline": article.name,
        "url": absolute(article.address),
        "mainEntityOfPage": canonical,
        "inLanguage": article.language,
        "publisher": publisher,
    }
    if article.description:
        main["description"] = article.description
    if image:
        main["image"] = image
    if article.published:
        main["datePublished"] = article.published
        main["dateModified"] = article.modified or article.published
    if not article.is_page:
        main["author"] = [{"@type": "Person", "name": who.label, "url": absolute(who.address)} for who in article.authors]
        main["wordCount"] = article.words
        if article.tags:
            main["keywords"] = ", ".join(tag.label for tag in article.tags)
    trail = [*article.tags[:1], Link(article.name, article.address)]
    return {"@context": "https://schema.org", "@graph": [main, _breadcrumbs(tuned, trail)]}


def _breadcrumbs(tuned: SiteSettings, trail: Sequence[Link]) -> dict[str, Any]:
    steps = [Link(tuned.title, "/"), *trail]
    items = [
        {"@type": "ListItem", "position": number, "name": step.label, "item": absolute(step.address)}
        for number, step in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
