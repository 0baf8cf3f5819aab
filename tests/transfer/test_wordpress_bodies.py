"""Bodies and files of an export: blocks, shortcodes, uploads."""

import pytest

from inkhorn.transfer.manuscript import ForeignSite
from inkhorn.transfer.wordpress.bodies import body_of
from inkhorn.transfer.wordpress.survey import Survey
from tests.growth import assert_grows_evenly
from tests.transfer.test_wordpress_items import only, whats
from tests.transfer.wxr import attachment, item

UPLOADS = "https://harbour.example/wp-content/uploads"


def body(tmp_path, text, *others):
    return only(tmp_path, item(text), *others)


def test_classic_paragraphs_become_markdown(tmp_path):
    assert body(tmp_path, "One line\n\nAnother <strong>line</strong>").body.strip() == "One line\n\nAnother **line**"


def test_block_marks_are_removed_and_silent_blocks_named(tmp_path):
    text = '<!-- wp:paragraph {"a":{"b":1}} -->\n<p>Words</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:latest-posts /-->\n<!-- wp:spacer -->\n<!-- /wp:spacer -->'
    made = body(tmp_path, text)
    assert made.body.strip() == "Words"
    assert [problem.why for problem in made.problems if problem.what == "block"] == [
        "Blocks that WordPress fills when the page is shown were left out: latest-posts."
    ]


def test_page_breaks_are_joined_and_reported(tmp_path):
    made = body(tmp_path, "One\n<!--nextpage-->\nTwo\n<!--more-->\nThree")
    assert "<!--" not in made.body
    assert ("changed", "page-breaks") in whats(made)


def test_a_caption_becomes_a_figure(tmp_path):
    made = body(
        tmp_path,
        f'[caption id="a_1" align="left" width="300"]<a href="/x"><img src="{UPLOADS}/a.png" alt="A boat" /></a> Off <em>to sea</em>[/caption]',
    )
    assert "[caption" not in made.body
    assert "to sea" in made.body


def test_a_gallery_shows_its_files(tmp_path):
    files = [attachment("11", f"{UPLOADS}/a.png", alt="A boat", caption="Leaving"), attachment("12", f"{UPLOADS}/b.png")]
    made = body(tmp_path, '[gallery ids="11,12,13"]', *files)
    assert f"{UPLOADS}/a.png" in made.body
    assert "Leaving" in made.body
    assert {("changed", "gallery"), ("lost", "gallery")} <= whats(made)


def test_a_gallery_without_numbers_shows_the_files_of_its_post(tmp_path):
    assert f"{UPLOADS}/a.png" in body(tmp_path, "[gallery]", attachment("11", f"{UPLOADS}/a.png", parent="7")).body


@pytest.mark.parametrize(
    "text",
    [
        "[embed]https://tube.example/v/1[/embed]",
        "before\n\nhttps://tube.example/v/1\n\nafter",
        '[video src="https://tube.example/v/1"][/video]',
        "[audio https://tube.example/v/1]",
        '<!-- wp:embed -->\n<figure class="wp-block-embed is-type-video"><div class="wp-block-embed__wrapper">\nhttps://tube.example/v/1\n</div></figure>\n<!-- /wp:embed -->',
    ],
)
def test_embeds_and_players_become_links(tmp_path, text):
    made = body(tmp_path, text)
    assert "https://tube.example/v/1" in made.body
    assert "[embed" not in made.body
    assert "[audio" not in made.body
    assert ("changed", "embed") in whats(made)


def test_code_keeps_every_character(tmp_path):
    made = body(tmp_path, '[sourcecode language="python"]\nif a < b:\n\n    print("[x]")\n[/sourcecode]')
    assert '```python\nif a < b:\n\n    print("[x]")\n```' in made.body


def test_unknown_shortcodes_stay_visible_and_are_reported(tmp_path):
    made = body(tmp_path, 'See [contact-form-7 id="1" title="Write"] and [sic] and [1].')
    assert "contact-form-7" in made.body
    assert [problem.why for problem in made.problems if problem.what == "shortcode"] == [
        "The shortcode [contact-form-7] is not known here and stays in the text as it was (1 times)."
    ]


def test_escaped_shortcodes_are_text(tmp_path):
    assert "gallery" in body(tmp_path, "Write [[gallery]] to get one.").body


def test_links_to_other_posts_stay_on_the_site(tmp_path):
    target = item(post_id="9", post_type="attachment", attachment_url="/x.png")
    made = only(tmp_path, item('<a href="https://harbour.example/2020/a/#b">here</a>', link="https://harbour.example/2020/a/"), target)
    assert "(/2020/a/#b)" in made.body


def test_uploads_are_found_below_the_media_folder(tmp_path):
    place = tmp_path / "site" / "2020" / "05"
    place.mkdir(parents=True)
    (place / "a boat.png").write_bytes(b"png")
    text = f'<img src="{UPLOADS}/2020/05/a%20boat-300x200.png" alt="Boat"> <a href="{UPLOADS}/2020/05/a%20boat.png">large</a>'
    (file,) = only(tmp_path, item(text), media=tmp_path / "site").files
    assert file.path == place / "a boat.png"
    assert len(file.references) == 2


def test_uploads_cannot_lead_out_of_the_media_folder(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    text = f'<a href="{UPLOADS}/../../secret.txt">a</a> <a href="{UPLOADS}/%2e%2e/secret.txt">b</a>'
    assert only(tmp_path, item(text), media=tmp_path / "site").files == []


def test_files_out_of_reach_are_fetched_only_when_asked(tmp_path):
    text = f'<img src="{UPLOADS}/a.png" alt="">'
    made = only(tmp_path, item(text))
    assert made.files == []
    assert ("lost", "missing-file") in whats(made)
    assert [file.url for file in only(tmp_path, item(text), fetch_media=True).files] == [f"{UPLOADS}/a.png"]


def test_pictures_of_others_are_left_where_they_are(tmp_path):
    made = only(tmp_path, item('<img src="https://other.example/wp-content/uploads/a.png" alt="a">'), fetch_media=True)
    assert (made.files, made.problems) == ([], [])


def test_the_cover_brings_its_description(tmp_path):
    cover = attachment("11", f"{UPLOADS}/a.png", alt="A boat")
    made = only(tmp_path, item(meta={"_thumbnail_id": "11"}), cover, fetch_media=True)
    assert (made.cover, made.cover_alt) == (f"{UPLOADS}/a.png", "A boat")
    assert made.cover in made.files[0].references


def test_files_named_inside_raw_html_are_found(tmp_path):
    text = f'<table><tr><td><table><tr><td><img src="{UPLOADS}/a.png" alt="a"></td></tr></table></td></tr></table>'
    assert [file.url for file in only(tmp_path, item(text), fetch_media=True).files] == [f"{UPLOADS}/a.png"]


def test_a_long_run_of_blanks_is_walked_once():
    def walk(blanks):
        body_of("<!-- wp:paragraph -->a" + " " * blanks + "b", number="1", where="post 1", survey=Survey(ForeignSite()))

    assert_grows_evenly(walk, 100_000)
