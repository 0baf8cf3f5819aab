"""The first reading of an export: what later items refer to, gathered before any of them is handed over."""

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from inkhorn.transfer.manuscript import ForeignAuthor, ForeignSite, Problem
from inkhorn.transfer.wordpress.entries import Entry
from inkhorn.transfer.wordpress.stream import read_entries

KINDS = ("post", "page")
# Parts of WordPress's own machinery: never something an author wrote.
_MACHINERY = {"revision", "customize_changeset", "oembed_cache", "wp_global_styles", "wp_navigation", "wp_template", "wp_template_part"}
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Attachment:
    """A file that WordPress kept, with what was said about it."""

    id: str
    url: str
    parent: str
    # Below the uploads folder: "2008/06/canola2.jpg"; empty where the export does not say.
    stored_as: str = ""
    title: str = ""
    alt: str = ""
    caption: str = ""
    page: str = ""


@dataclass
class Survey:
    """What is known of an export before its posts are read."""

    site: ForeignSite
    # Host names under which the site answered, without "www.".
    hosts: frozenset[str] = frozenset()
    # The path below which the blog stands: "" or "/blog".
    root: str = ""
    authors: dict[str, ForeignAuthor] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    # Path of each published post and page by its number, and all of them for links in texts.
    paths: dict[str, str] = field(default_factory=dict)
    known_paths: set[str] = field(default_factory=set)
    manuscripts: int = 0
    totals: Counter[str] = field(default_factory=Counter)
    machinery: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    # Categories and tags by what they are and are called, until an item uses them.
    unused_terms: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    # Key of each author by the number that comments name them by.
    logins: dict[str, str] = field(default_factory=dict)

    def author_key(self, said: str) -> str | None:
        """The author whom an item names by login, address, display name or nice name."""
        said = said.strip()
        return said if said in self.authors else self.names.get(said.casefold())

    def own_path(self, url: str) -> str | None:
        """The path of an address on the site itself, percent-decoded; None for addresses elsewhere."""
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return None
        if parts.scheme and parts.scheme not in ("http", "https"):
            return None
        if parts.netloc and bare_host(parts.netloc) not in self.hosts:
            return None
        return unquote(parts.path) if parts.path.startswith("/") else None


def bare_host(netloc: str) -> str:
    return netloc.rpartition("@")[2].lower().removeprefix("www.")


def plain(text: str) -> str:
    """Text without tags and entities on one line, as titles and names are shown."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def survey_export(file: Path, *, is_head_only: bool = False) -> Survey:
    """Read the export once; with is_head_only, no further than its first item."""
    frame: dict[str, str] = {}
    survey = Survey(ForeignSite())
    is_framed = False
    for entry in read_entries(file):
        if isinstance(entry, Problem):
            survey.problems.append(entry)
        elif entry.tag != "item":
            _note_frame(survey, entry, frame)
        else:
            if not is_framed:
                _settle_frame(survey, frame, file)
                is_framed = True
            if is_head_only:
                return survey
            _note_item(survey, entry)
    if not is_framed:
        _settle_frame(survey, frame, file)
    survey.problems += _machinery_problems(survey)
    return survey


def _note_frame(survey: Survey, entry: Entry, frame: dict[str, str]) -> None:
    if entry.tag == "wp:author":
        _add_author(survey, entry)
    elif entry.tag == "wp:category":
        _note_category(survey, entry)
    elif entry.tag == "wp:tag":
        slug = unquote(entry.get("wp:tag_slug"))
        survey.descriptions[slug] = plain(entry.get("wp:tag_description"))
        _note_term(survey, "post_tag", plain(entry.get("wp:tag_name")) or slug)
    elif entry.text:
        frame.setdefault(entry.tag, entry.text)


def _add_author(survey: Survey, entry: Entry) -> None:
    login, email = entry.get("wp:author_login"), entry.get("wp:author_email")
    full = f"{entry.get('wp:author_first_name')} {entry.get('wp:author_last_name')}".strip()
    name = plain(entry.get("wp:author_display_name")) or plain(full) or login
    key = login or email or name
    if not key or key in survey.authors:
        return
    if number := entry.get("wp:author_id"):
        survey.logins.setdefault(number, key)
    survey.authors[key] = ForeignAuthor(key, name or key, email or None)
    for said in (key, email, name, re.sub(r"[^\w-]+", "-", login.lower()).strip("-")):
        if said:
            survey.names.setdefault(said.casefold(), key)


def _note_category(survey: Survey, entry: Entry) -> None:
    slug, name = unquote(entry.get("wp:category_nicename")), plain(entry.get("wp:cat_name"))
    survey.descriptions[slug] = plain(entry.get("wp:category_description"))
    _note_term(survey, "category", name or slug)
    if parent := unquote(entry.get("wp:category_parent")):
        why = f"The category “{name or slug}” stood below “{parent}”; tags stand side by side."
        survey.problems.append(Problem("changed", f"category {slug}", "category-parent", why))


def _note_term(survey: Survey, domain: str, name: str) -> None:
    survey.unused_terms[domain, name.casefold()] = name


def _settle_frame(survey: Survey, frame: dict[str, str], file: Path) -> None:
    url = frame.get("wp:base_blog_url") or frame.get("link") or frame.get("wp:base_site_url") or ""
    # The site address of a hosted blog is its host's own, so it counts only where nothing else is said.
    known = [frame[tag] for tag in ("wp:base_blog_url", "link") if frame.get(tag)] or [url]
    survey.hosts = frozenset(bare_host(urlsplit(address).netloc) for address in known if "//" in address) - {""}
    survey.root = unquote(urlsplit(url).path).rstrip("/")
    survey.site = ForeignSite(
        title=plain(frame.get("title", "")) or None,
        description=plain(frame.get("description", "")) or None,
        language=frame.get("language") or None,
        url=url.rstrip("/") or None,
    )
    version = frame.get("wp:wxr_version", "")
    if not re.fullmatch(r"1\.\d+", version):
        said = f"It says “{version[:20]}”" if version else "It does not say"
        why = f"{said} which version of the format it has; it was read as version 1.2."
        survey.problems.append(Problem("kept", file.name, "version", why))


def _note_item(survey: Survey, entry: Entry) -> None:
    kind, number = entry.get("wp:post_type") or "post", entry.get("wp:post_id")
    survey.totals[kind] += 1
    if kind not in KINDS:
        survey.totals["comments elsewhere"] += len(entry.comments)
    creator = creator_of(entry)
    if creator and kind not in _MACHINERY and survey.author_key(creator) is None:
        survey.authors[creator] = ForeignAuthor(creator, plain(creator) or creator)
    if kind in KINDS:
        survey.manuscripts += 1
        for term in entry.terms:
            survey.unused_terms.pop((term.domain, plain(term.name).casefold() or unquote(term.slug)), None)
        path = survey.own_path(entry.get("link"))
        if number and path and not urlsplit(entry.get("link")).query and entry.get("wp:status") == "publish":
            survey.paths[number] = path
            survey.known_paths.add(path)
    elif kind == "attachment":
        _note_attachment(survey, entry, number)
    elif kind in _MACHINERY:
        survey.machinery[kind] += 1
    elif kind != "nav_menu_item":
        where = f"item {number} “{plain(entry.get('title'))[:80]}”"
        survey.problems.append(Problem("lost", where, f"type:{kind[:40]}", f"There is no place for entries of the type “{kind[:40]}”."))


def creator_of(entry: Entry) -> str:
    return entry.get("dc:creator") or entry.get("wp:author")


def _note_attachment(survey: Survey, entry: Entry, number: str) -> None:
    url, parent = entry.get("wp:attachment_url") or entry.get("guid"), entry.get("wp:post_parent")
    number = number or url
    if not url:
        why = "The attachment has no address, so its file cannot be found."
        survey.problems.append(Problem("lost", f"attachment {number}", "attachment", why))
        return
    survey.attachments[number] = Attachment(
        id=number,
        url=url,
        parent=parent if parent != "0" else "",
        stored_as=entry.first_meta("_wp_attached_file").removeprefix("/"),
        title=plain(entry.get("title")),
        alt=plain(entry.first_meta("_wp_attachment_image_alt")),
        caption=plain(entry.get("excerpt:encoded")) or plain(entry.get("content:encoded")),
        page=survey.own_path(entry.get("link")) or "",
    )
    if parent and parent != "0":
        survey.children.setdefault(parent, []).append(number)


def _machinery_problems(survey: Survey) -> list[Problem]:
    problems = [
        Problem("lost", kind, f"type:{kind}", f"{count} entries of WordPress's own machinery were left out.")
        for kind, count in sorted(survey.machinery.items())
    ]
    if count := survey.totals["nav_menu_item"]:
        why = f"{count} entries of menus were not carried over; set the menu in the site's settings."
        problems.append(Problem("waiting", "menus", "menu", why))
    if count := survey.totals["comments elsewhere"]:
        why = f"{count} comments under attachments and other entries that are no posts or pages were left out."
        problems.append(Problem("lost", "comments", "comments", why))
    if survey.unused_terms:
        names = ", ".join(sorted(survey.unused_terms.values(), key=str.casefold))
        why = f"{len(survey.unused_terms)} categories and tags that no post or page uses were left out: {names[:2000]}."
        problems.append(Problem("lost", "categories and tags", "unused-tag", why))
    return problems
