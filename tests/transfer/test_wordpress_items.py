"""Items of an export as manuscripts: state, date, slug, words, authors, old addresses."""

from datetime import UTC, datetime

import pytest

from inkhorn.transfer.manuscript import ForeignAuthor, ForeignRedirect, Manuscript, Problem
from inkhorn.transfer.wordpress.entries import UnreadableExport
from inkhorn.transfer.wordpress.source import wordpress_source
from tests.transfer.wxr import HEAD, attachment, export, item


def manuscripts(tmp_path, *items, **options):
    return [record for record in wordpress_source(export(tmp_path, *items), **options).records() if isinstance(record, Manuscript)]


def only(tmp_path, *items, **options) -> Manuscript:
    (made,) = manuscripts(tmp_path, *items, **options)
    return made


def whats(made: Manuscript) -> set[tuple[str, str]]:
    return {(problem.severity, problem.what) for problem in made.problems}


def general(tmp_path, *items) -> dict[str, Problem]:
    return {record.what: record for record in wordpress_source(export(tmp_path, *items)).records() if isinstance(record, Problem)}


@pytest.mark.parametrize(
    ("said", "password", "expected", "is_reported"),
    [
        ("publish", "", "published", False),
        ("future", "", "scheduled", False),
        ("draft", "", "draft", False),
        ("trash", "", "trashed", False),
        ("pending", "", "draft", True),
        ("private", "", "draft", True),
        ("publish", "enter", "draft", True),
        ("approved-by-plugin", "", "draft", True),
    ],
)
def test_states_find_their_equals(tmp_path, said, password, expected, is_reported):
    made = only(tmp_path, item(status=said, post_password=password))
    assert made.status == expected
    assert (("changed", "state") in whats(made)) is is_reported


def test_a_sticky_post_is_featured(tmp_path):
    assert only(tmp_path, item(is_sticky="1")).is_featured


def test_dates_prefer_gmt_and_report_a_guess(tmp_path):
    certain, feed, guessed, absent = manuscripts(
        tmp_path,
        item(post_id="1"),
        item(post_id="2", post_date_gmt="0000-00-00 00:00:00", pubDate="Fri, 01 May 2020 14:00:00 +0200"),
        item(post_id="3", post_date_gmt="0000-00-00 00:00:00"),
        item(post_id="4", post_date_gmt="", post_date="0000-00-00 00:00:00", pubDate="Mon, 30 Nov -0001 00:00:00 +0000"),
    )
    assert certain.published_at == feed.published_at == datetime(2020, 5, 1, 12, tzinfo=UTC)
    assert guessed.published_at == datetime(2020, 5, 1, 14, tzinfo=UTC)
    assert absent.published_at is None
    assert [("changed", "date") in whats(made) for made in (certain, feed, guessed, absent)] == [False, False, True, True]


def test_titles_slugs_and_excerpts_are_read_as_people_see_them(tmp_path):
    made = only(
        tmp_path,
        item(
            title="Salt &amp; <em>sea</em> &#8211; again",
            post_name="%e6%b5%b7-%F0%9F%8C%8A",
            more="<excerpt:encoded><![CDATA[<p>Short &amp; sweet</p>]]></excerpt:encoded>",
        ),
    )
    assert (made.title, made.slug, made.excerpt) == ("Salt & sea – again", "海-🌊", "Short & sweet")


def test_an_item_without_number_or_slug_keeps_one_key(tmp_path):
    bare = {"post_id": "", "post_name": ""}
    first = manuscripts(tmp_path, item(title="One", **bare), item(title="Two", **bare), item(title="One", **bare))
    assert [made.key for made in first] == [
        made.key for made in manuscripts(tmp_path, *[item(title=name, **bare) for name in ("One", "Two", "One")])
    ]
    assert len({made.key for made in first}) == 3
    assert first[0].slug is None


def test_every_old_address_is_kept(tmp_path):
    made = only(
        tmp_path,
        item(
            link="https://www.harbour.example/2020/05/a-post/",
            guid="https://harbour.example/?p=7",
            meta={"_wp_old_slug": "first-name"},
        ),
    )
    assert made.old_paths == ["/2020/05/a-post/", "/2020/05/first-name/", "/?p=7"]


def test_a_page_answers_to_its_number_and_a_draft_to_nothing(tmp_path):
    page, draft = manuscripts(
        tmp_path, item(post_type="page", link="https://harbour.example/?page_id=7"), item(post_id="8", status="draft")
    )
    assert set(page.old_paths) == {"/?page_id=7", "/?p=7"}
    assert draft.old_paths == []


def test_tags_keep_categories_and_name_what_has_no_equal(tmp_path):
    terms = (
        '<category domain="category" nicename="sea"><![CDATA[Sea &amp; sand]]></category><category><![CDATA[Sea &amp; sand]]></category>'
        '<category domain="post_tag" nicename="caf%c3%a9">Café</category><category domain="post_format" nicename="post-format-aside">Aside</category>'
    )
    made = only(tmp_path, item(more=terms))
    assert [(tag.name, tag.slug) for tag in made.tags] == [("Sea & sand", "sea"), ("Café", "café")]
    assert ("lost", "post-format") in whats(made)


def test_undeclared_creators_become_authors(tmp_path):
    source = wordpress_source(export(tmp_path, item(), item(post_id="8", creator="Nobody Declared")))
    records = list(source.records())
    assert [(author.key, author.name, author.email) for author in records if isinstance(author, ForeignAuthor)] == [
        ("ines", "Inês Vale", "ines@harbour.example"),
        ("Nobody Declared", "Nobody Declared", None),
    ]
    assert [made.author_keys for made in records if isinstance(made, Manuscript)] == [["ines"], ["Nobody Declared"]]


def test_several_authors_come_from_the_terms_of_their_plugin(tmp_path):
    terms = '<category domain="author" nicename="cap-ines">Inês Vale</category><category domain="author" nicename="ola">Ola</category>'
    assert only(
        tmp_path, item(more=terms), item(post_id="8", post_type="attachment", attachment_url="/a.png", creator="ola")
    ).author_keys == ["ines", "ola"]


def test_menus_are_named_as_waiting(tmp_path):
    items = [item(), item(post_id="9", post_type="nav_menu_item")]
    assert {problem.what: problem.severity for problem in general(tmp_path, *items).values()}["menu"] == "waiting"


def test_entries_of_other_types_are_named_one_by_one(tmp_path):
    problem = general(tmp_path, item(post_type="product", title="A boat"))["type:product"]
    assert (problem.severity, problem.where) == ("lost", "item 7 “A boat”")


def test_feeds_and_pages_of_files_lead_on(tmp_path):
    photo = attachment("9", "https://harbour.example/wp-content/uploads/a.png", parent="7").replace(
        "<title>", "<link>https://harbour.example/2020/05/a-post/a/</link><title>"
    )
    source = wordpress_source(export(tmp_path, item(link="https://harbour.example/2020/05/a-post/"), photo))
    leads = {record.path: record.target for record in source.records() if isinstance(record, ForeignRedirect)}
    assert leads["/feed/"] == "/feed.xml"
    assert leads["/2020/05/a-post/a/"] == "/2020/05/a-post/"


def test_search_words_of_plugins_are_kept_unless_they_are_patterns(tmp_path):
    made = only(tmp_path, item(meta={"_yoast_wpseo_title": "%%title%% %%sep%%", "_yoast_wpseo_metadesc": "About the sea"}))
    assert (made.meta_title, made.meta_description) == (None, "About the sea")


def test_the_source_is_named_for_its_site_and_knows_its_count(tmp_path):
    source = wordpress_source(export(tmp_path, item(), item(post_id="8", post_type="page")))
    assert (source.name, source.dialect, source.count()) == ("wordpress:https://harbour.example", "wordpress", 2)


def test_a_missing_version_is_read_and_reported(tmp_path):
    file = export(tmp_path, item(), head=HEAD.replace("<wp:wxr_version>1.2</wp:wxr_version>", ""))
    assert "version" in {record.what for record in wordpress_source(file).records() if isinstance(record, Problem)}


def test_a_media_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(UnreadableExport, match="is not a folder"):
        wordpress_source(export(tmp_path), media=tmp_path / "absent")
