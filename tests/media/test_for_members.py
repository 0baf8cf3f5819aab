"""Files that are for members: a visitor finds nothing at their plain address, a member is led to one that is good for hours."""

from datetime import timedelta

import pytest

from inkhorn.core import clock as house_clock
from inkhorn.core.database import transaction
from inkhorn.media.models import Asset, Reach
from inkhorn.media.services import describe_asset
from inkhorn.media.services.signing import GOOD_FOR_SECONDS
from inkhorn.media.services.usage import note_usages
from tests.factories.media import make_asset, picture_bytes


@pytest.fixture
def kept(wren) -> Asset:
    asset = make_asset(picture_bytes(1500, 1000, quality=100), by=wren, drawn=True)
    with transaction():
        describe_asset(asset, by=wren, is_for_members=True)
    return asset


def test_who_may_not_read_what_is_for_members_finds_nothing_either(kept, signed_in, rhea):
    assert signed_in(rhea).get(kept.path).status_code == 404


def test_a_visitor_finds_nothing_not_even_a_smaller_version(kept, client):
    for path in (kept.path, *(each.path for each in kept.renditions), f"{kept.path}?pass=x", f"{kept.path}?pass="):
        assert client.get(path).status_code == 404


def test_a_member_is_led_to_an_address_that_is_good_for_hours_and_for_everybody(kept, signed_in, cast, client, monkeypatch):
    answer = signed_in(cast.mona).get(kept.path)
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(answer.location).status_code == 200
    assert client.get(answer.location).headers["Cache-Control"].startswith("private")
    part = client.get(answer.location, headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.data)) == (206, 10)
    later = house_clock.now() + timedelta(seconds=GOOD_FOR_SECONDS + 60)
    monkeypatch.setattr("itsdangerous.timed.time.time", later.timestamp)
    assert client.get(answer.location).status_code == 404


def test_an_address_is_good_for_its_own_file_only(kept, wren, signed_in, cast, client):
    other = make_asset(picture_bytes(90, 90), by=wren)
    with transaction():
        describe_asset(other, by=wren, is_for_members=True)
    query = signed_in(cast.mona).get(kept.path).location.partition("?")[2]
    assert client.get(f"{other.path}?{query}").status_code == 404
    assert client.get(f"{kept.renditions[0].path}?{query}").status_code == 200


def test_what_is_for_the_staff_is_not_for_members(wren, signed_in, cast, emil, client):
    asset = make_asset(by=wren)
    with transaction():
        note_usages("posts", 1, asset_ids=[asset.id], reach=Reach.STAFF)
    assert client.get(asset.path).status_code == 404
    assert signed_in(cast.mona).get(asset.path).status_code == 404
    assert signed_in(emil).get(asset.path).status_code == 302


def test_what_is_for_members_is_never_led_to_the_host_for_everybody(kept, app, monkeypatch, signed_in, cast):
    from dataclasses import replace

    config = replace(app.extensions["inkhorn.config"], media_url="https://media.example.org")
    monkeypatch.setitem(app.extensions, "inkhorn.config", config)
    browser = signed_in(cast.mona)
    answer = browser.get(kept.path)
    assert answer.location.startswith(f"{kept.path}?pass=")
    assert browser.get(answer.location).status_code == 200
