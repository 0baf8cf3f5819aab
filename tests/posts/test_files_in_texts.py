"""A link to one of our own files, alone in its paragraph, is drawn as a file with its kind and size, or as a player."""

import pytest

from inkhorn.core import prose
from inkhorn.media.queries import resolve_files
from tests.factories.media import make_asset, wave_bytes
from tests.factories.posts import make_post


def test_a_document_is_a_card_with_kind_and_size(wren):
    plan = make_asset(b"%PDF-1.7" + b" " * 2_100_000, filename="Plan <b>.pdf", by=wren)
    html = make_post(by=wren, body=f"Before\n\n[The *plan*]({plan.path})\n\nAfter").html
    assert f'<p class="file"><a href="{plan.path}" download="Plan &lt;b&gt;.pdf">The <em>plan</em></a>' in html
    assert '<span class="file-facts">PDF, 2.1 MB</span>' in html


def test_sound_has_a_player_and_its_file(wren):
    sound = make_asset(wave_bytes(), filename="fog.wav", by=wren)
    html = make_post(by=wren, body=f"[Fog signal]({sound.path})").html
    assert f'<audio src="{sound.path}" preload="none" aria-label="fog.wav" controls="">' in html
    assert ">Fog signal</a>" in html


@pytest.mark.parametrize("text", ["See [the plan]({path}) today.", "[a]({path}) [b]({path})", "- [the plan]({path})", "# [x]({path})"])
def test_a_link_among_words_stays_a_link(wren, text):
    plan = make_asset(b"%PDF-1.7", filename="plan.pdf", by=wren)
    assert 'class="file"' not in make_post(by=wren, body=text.format(path=plan.path)).html


@pytest.mark.parametrize("address", ["https://example.org/media/2026/11/x.pdf", "/media/2026/11/none.pdf", "/about/", "javascript:x", "#a"])
def test_what_is_not_ours_stays_a_link(wren, address):
    assert 'class="file"' not in make_post(by=wren, body=f"[x]({address})").html


def test_a_hostile_name_is_text_and_rendering_again_changes_nothing(wren):
    asset = make_asset(b"%PDF-1.7", filename='"><script>alert(1)</script>.pdf', by=wren)
    html = prose.render(f"[{'<script>'}x]({asset.path})", resolve_files=resolve_files).html
    assert "<script" not in html
    assert prose.sanitise(html) == html
