"""Builds the documentation site from the papers: `python docs/build.py [FOLDER]`; into build/docs unless told otherwise."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.cmd.build import build_main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# What stands beside the house's door has a page in the site as well.
PAPERS = {name: f"project/{name.lower()}" for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "NOTICES.md")}
# Shown by its title in one list, so that a new decision stands there without anybody adding it.
GATHERED = "decisions"
FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
LINK = re.compile(r"(!?)\[((?:`[^`]*`|[^\[\]`])*)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")
LISTED = re.compile(r"^(?:-|\d+\.) (?:\*\*)?\[(?:`[^`]*`|[^\[\]`])*\]\((?![a-z]+:|#|\.\./index)([^)#\s]+\.md)\)", re.MULTILINE)

MENDED = {
    '<aside class="sidebar-drawer"': '<aside aria-label="All pages" class="sidebar-drawer"',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<div id="search-results">': '<h1>Search</h1>\n<div id="search-results">',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}


def sources() -> dict[str, Path]:
    """Every page of the site by its name there, with the paper it is made from."""
    own = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md"))}
    return own | {page: ROOT / name for name, page in PAPERS.items()}


def page_text(page: str, source: Path) -> str:
    """A paper as the site wants it: links lead to pages, what only the repository has is named without a link, an index becomes a tree."""
    text = "\n".join(_lines_rewritten(page, source))
    if page.endswith("index.md"):
        text += _tree(LISTED.findall(text), page)
    return text


def _lines_rewritten(page: str, source: Path) -> Iterator[str]:
    fence = ""
    for line in source.read_text(encoding="utf-8").splitlines():
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        yield line if fence or mark else LINK.sub(lambda link: _rewritten(link, page, source), line)


def _rewritten(link: re.Match[str], page: str, source: Path) -> str:
    is_picture, label, target, anchor = link[1], link[2], link[3], link[4] or ""
    path = Path(os.path.normpath(source.parent / target))
    if path.is_relative_to(DOCS) and path.is_file():
        wanted = path.relative_to(DOCS).as_posix()
    elif path.is_relative_to(ROOT) and path.relative_to(ROOT).as_posix() in PAPERS:
        wanted = PAPERS[path.relative_to(ROOT).as_posix()]
    else:
        return label
    return f"{is_picture}[{label}]({os.path.relpath(wanted, Path(page).parent)}{anchor})"


def _tree(listed: list[str], page: str) -> str:
    """The tree of contents of an index: what begins the items of its lists, in that order."""
    if page == f"{GATHERED}/index.md":
        return "\n\n```{toctree}\n:glob:\n:maxdepth: 1\n[0-9]*\n```\n"
    return "\n\n```{toctree}\n:hidden:\n" + "".join(f"{each.removesuffix('.md')}\n" for each in listed) + "```\n"


def stage(folder: Path) -> None:
    """Lay the pages and what they show into an empty folder, as the builder of the site reads them."""
    for page, source in sources().items():
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / page).write_text(page_text(page, source) + "\n", encoding="utf-8")
    shutil.copytree(DOCS / "pictures", folder / "pictures")


def finish(folder: Path) -> None:
    """What the theme leaves undone: its two asides get names, and what scrolls sideways can be reached by keyboard."""
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for wanting, mended in MENDED.items():
            text = text.replace(wanting, mended)
        path.write_text(text, encoding="utf-8")


def build(to: Path) -> int:
    """Build the whole site anew; 0, or another number after the builder has told what is wrong."""
    with TemporaryDirectory() as work:
        staged = Path(work) / "pages"
        staged.mkdir()
        stage(staged)
        made = Path(work) / "site"
        # Nothing is taken from an earlier run, so that what is gone from the papers is gone from the site.
        code = build_main(
            ["-q", "-W", "--keep-going", "-n", "-b", "html", "-c", str(DOCS), "-d", str(Path(work) / "trees"), str(staged), str(made)]
        )
        if code == 0:
            finish(made)
            shutil.rmtree(to, ignore_errors=True)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made, to)
    return code


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "docs"
    failed = build(place)
    sys.stdout.write(f"The documentation stands in {place}/index.html\n" if not failed else "")
    sys.exit(failed)
