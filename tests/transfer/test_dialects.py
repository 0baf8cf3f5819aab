"""Each generator's folder: what is a post, where it was served, what it says of itself."""

from pathlib import Path

import pytest

from inkhorn.core.errors import Invalid
from inkhorn.transfer.manuscript import ForeignRedirect
from inkhorn.transfer.markdown.source import markdown_source
from tests.transfer.folders import PIXEL, authors, manuscripts, only, opened, problems, records, write_files


def test_zola_takes_date_and_address_from_the_path(tmp_path: Path):
    text = "+++\npath = '2019/05/15/Four-Tides'\ntitle = 'Four tides'\nauthors = ['Ada Reed']\naliases = ['2019/05/15/Four-Tides.html']\n+++\nWords.\n"
    found = records(tmp_path, {"content/four.md": text, "content/_index.md": "+++\ntitle = 'Home'\n+++\n"})
    manuscript = only(found)
    assert manuscript.old_paths == ["/2019/05/15/Four-Tides/", "/2019/05/15/Four-Tides.html"]
    assert f"{manuscript.published_at:%Y-%m-%d}" == "2019-05-15"
    assert (authors(found), problems(found)) == (["Ada Reed"], {"section-page"})


def test_zola_names_languages_by_the_files_ending(tmp_path: Path):
    text = "+++\ntitle = 'Marée'\ndate = 2020-01-02\n+++\nMots.\n"
    manuscript = only(records(tmp_path, {"content/blog/tide.fr.md": text}, "zola"))
    assert (manuscript.language, manuscript.old_paths) == ("fr", ["/fr/blog/tide/"])


def test_hugo_bundles_take_their_featured_picture_as_cover(tmp_path: Path):
    text = """
        ---
        title: "Tide"
        date: 2024-01-26T23:22:46+02:00
        authors: ["Ada Reed <areed>", "Ben"]
        resources:
          - name: featuredImage
            src: sea.png
            params: {description: "The sea"}
        ---
        Words.
    """
    files: dict[str, str | bytes] = {
        "content/posts/Tide_One/index.md": text,
        "content/posts/Tide_One/sea.png": PIXEL,
        "content/_index.md": "---\n---\n",
    }
    found = records(tmp_path, files)
    manuscript = only(found)
    assert (manuscript.cover, manuscript.cover_alt, len(manuscript.files)) == ("sea.png", "The sea", 1)
    assert manuscript.old_paths == ["/posts/tide_one/", "/posts/Tide_One/"]
    assert f"{manuscript.published_at:%Y-%m-%dT%H:%M}" == "2024-01-26T21:22"
    assert manuscript.author_keys == ["areed", "Ben"]


def test_hugo_permalinks_of_the_settings_are_followed(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "hugo.toml": "title = 'Tides'\nbaseURL = 'https://example.org/'\n[permalinks]\nposts = '/:year/:month/:slug/'\n",
        "content/posts/ebb.md": "---\ntitle: Ebb\ndate: 2020-03-04\n---\nWords.",
        "content/about.md": "---\ntitle: About\n---\nWords.",
        "content/README.md": "Not for readers.",
    }
    found = records(tmp_path, files)
    assert [(made.kind, made.old_paths) for made in manuscripts(found)] == [("page", ["/about/"]), ("post", ["/2020/03/ebb/"])]
    assert "not-content" in problems(found)


def test_jekyll_takes_the_date_from_the_files_name(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "_config.yml": "title: Tides\npermalink: pretty\n",
        "_posts/2014-03-19-hello-sea.md": "---\ntitle: Hello sea\ncategories: tide moon\nredirect_from: /old/\n---\n[x]({% post_url 2014-03-19-hello-sea %})",
        "_drafts/later.md": "---\ntitle: Later\n---\nWords.",
        "index.html": "---\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}",
    }
    found = records(tmp_path, files)
    draft, post = manuscripts(found)
    assert (draft.status, draft.old_paths) == ("draft", [])
    assert post.old_paths == ["/tide/moon/2014/03/19/hello-sea/", "/old/"]
    assert [tag.name for tag in post.tags] == ["tide", "moon"]
    assert post.body == "[x](/tide/moon/2014/03/19/hello-sea/)\n"
    assert "template" in problems(found)


def test_jekyll_bodies_of_html_become_markdown(tmp_path: Path):
    text = "---\ntitle: Hi\nauthor:\n  login: areed\n  display_name: Ada Reed\n---\n<p>Some <strong>bold</strong> words.</p>\n"
    found = records(tmp_path, {"_posts/2014-03-19-hi.html": text})
    assert only(found).body == "Some **bold** words.\n"
    assert authors(found) == ["Ada Reed"]


def test_jekyll_languages_in_folders_keep_their_addresses(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "_articles/legal.md": "---\ntitle: Legal\nlang: en\n---\nA.",
        "_articles/ar/legal.md": "---\ntitle: قانون\nlang: ar\n---\nB.",
    }
    english, arabic = manuscripts(records(tmp_path, files))
    assert (english.path, english.published_at) == (None, None)
    assert (arabic.path, arabic.language, arabic.kind) == ("/ar/legal/", "ar", "post")


def test_eleventy_keeps_both_addresses_a_dated_post_may_have_had(tmp_path: Path):
    files: dict[str, str | bytes] = {
        ".eleventy.js": "module.exports = {};",
        "content/posts/2015-06-11-tide.md": "---\ntitle: Tide\ntags: [posts, sea]\nauthors:\n- ada-reed\n---\nWords.",
        "content/about.md": "---\ntitle: About\n---\nWords.",
    }
    page, post = manuscripts(records(tmp_path, files))
    assert post.old_paths == ["/2015/06/11/tide/", "/posts/tide/"]
    assert ([tag.name for tag in post.tags], page.kind) == (["sea"], "page")


def test_eleventy_bylines_of_one_sentence_are_parted(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "src/blog/a.md": "---\ntitle: A\ndate: 2020-01-02\nauthor: 'Ada Reed ([@ada](https://e.org)), Tide Reader'\navatars: ['ada-reed']\n---\nWords."
    }
    found = records(tmp_path, files, "eleventy")
    assert (authors(found), only(found).old_paths) == (["Ada Reed"], ["/blog/a/"])
    assert "byline" in problems(found)


def test_pelican_reads_lines_that_are_not_yaml(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "content/2011-11-17-ebb.md": "---\ntitle: Ebb: a memoir\ndate: 2011-11-17\nauthor: Ada Reed (ada@example.org)\nslug: ebb\n---\nSee [it](/2011/11/ebb.html).",
        "content/2012-flood.md": "title: Flood: again\ndate: 2012-01-02\ntags:\nslug: flood\n\nWords.",
        "drafts/later.md": "title: TBD\ndate: 2014-11-18\nslug: later-tides\n\nWords.",
        "content/pages/404.md": "---\nstatus: hidden\ntitle: Oops\n---\nGone.",
    }
    found = records(tmp_path, files)
    ebb, flood, later = manuscripts(found)
    assert (ebb.title, flood.title, later.title, later.status) == ("Ebb: a memoir", "Flood: again", "Later tides", "draft")
    assert ebb.old_paths == ["/2011/11/ebb.html", "/ebb.html"]
    assert {"front-matter", "error-page", "no-title"} <= problems(found)


def test_lektor_records_give_their_names_to_posts(tmp_path: Path):
    entry = "title: Ebb\n---\ncategories:\n\nsea\n---\nauthor: areed\n---\nseries: tides\n---\npub_date: 2019-06-24\n---\nbody:\n\nWords.\n"
    files: dict[str, str | bytes] = {
        "content/blog/entries/ebb tide/contents.lr": entry,
        "content/blog/authors/areed/contents.lr": "username: areed\n---\nname: Ada Reed\n---\nabout: Reads tides.\n",
        "content/blog/categories/sea/contents.lr": "name: The sea\n",
        "content/blog/series/tides/contents.lr": "name: All tides\n",
        "content/blog/contents.lr": "_model: redirect\n---\ntarget: /blog/entries/\n",
    }
    found = records(tmp_path, files)
    manuscript = only(found)
    assert ([tag.name for tag in manuscript.tags], manuscript.series, authors(found)) == (["The sea"], "All tides", ["Ada Reed"])
    assert manuscript.old_paths == ["/blog/entries/ebb tide/"]
    assert any(getattr(record, "target", None) == "/blog/entries/" for record in found)


def test_the_head_of_a_section_leads_to_the_list_of_posts(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "content/news/_index.md": "---\ntitle: News\n---\n",
        "content/news/a.md": "---\ntitle: A\ndate: 2020-01-02\n---\nSee [all](@/news/a.md).",
    }
    found = records(tmp_path, files, "hugo")
    assert [(record.path, record.target) for record in found if isinstance(record, ForeignRedirect)] == [("/news/", "/archive/")]
    assert only(found).body == "See [all](/news/a/).\n"


def test_a_folder_with_no_text_in_it_is_refused_in_a_sentence(tmp_path: Path):
    with pytest.raises(Invalid, match="holds no Markdown"):
        markdown_source(tmp_path)
    with pytest.raises(Invalid, match="There is no folder"):
        markdown_source(tmp_path / "nowhere")


def test_an_unknown_dialect_is_refused_with_those_there_are(tmp_path: Path):
    with pytest.raises(Invalid, match="eleventy, hugo, jekyll"):
        markdown_source(write_files(tmp_path, {"a.md": "Words."}), dialect="wordstar")


def test_formats_that_are_not_read_are_named(tmp_path: Path):
    found = records(tmp_path, {"a.md": "---\ntitle: A\ndate: 2020-01-02\n---\nWords.", "b.rst": "Words"}, "hugo")
    assert "format" in problems(found)


def test_ordinary_folder_names_take_their_parents_too(tmp_path: Path):
    assert opened(tmp_path / "tides" / "content", {"a.md": "---\ntitle: A\n---\n"}).name == "markdown:tides/content"
