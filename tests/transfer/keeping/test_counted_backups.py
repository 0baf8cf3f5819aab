"""The timetable goes by whole backups of its own site, whatever else stands at the same place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from inkhorn.transfer.services.keeping.making import Wishes
from inkhorn.transfer.services.keeping.shelf import shelf_of
from inkhorn.transfer.services.keeping.watching import look_at_backups
from inkhorn.transfer.tasks import keep_up
from tests.conftest import config_for

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAILY = {"backup_every_hours": 24}


def test_partial_foreign_and_future_ones_neither_count_nor_go(site, clock, tmp_path):
    config = config_for(site.data, backup_to=str(tmp_path / "shelf"), backup_keep_daily=1, backup_keep_weekly=0, **DAILY)
    other = replace(config, secret_key="another secret that is long enough for anybody")
    shelf = shelf_of(config)
    strange = []
    for kind, moment, wishes in (
        (config, NOON, Wishes(has_media=False)),
        (other, NOON, Wishes()),
        (config, NOON + timedelta(days=900), Wishes()),
    ):
        clock.set(moment)
        strange.append(shelf.keep(kind, wishes).path.name)
    assert strange[0].endswith("-partial.tar")
    clock.set(NOON + timedelta(minutes=1))
    assert look_at_backups(config).is_wrong
    for _day in range(3):
        assert keep_up(config, shelf)
        clock.forward(days=1)
    found = [each.name for each in shelf.backups()]
    assert set(strange) < set(found)
    assert len(found) == len(strange) + 1


def test_a_site_knows_its_backups_again_after_its_key_was_changed(site, clock, tmp_path):
    config = config_for(site.data, backup_to=str(tmp_path / "shelf"), **DAILY)
    clock.set(NOON)
    assert keep_up(config, shelf_of(config))
    turned = replace(config, secret_key="another secret that is long enough for anybody", previous_secret_keys=config.secret_key)
    assert not keep_up(turned, shelf_of(turned))
