"""Wall clocks of many places: minutes that do not exist, minutes that come twice, days too far away."""

from datetime import UTC, date, datetime, time

import pytest

from inkhorn.core.zones import BadLocalTime, known_zone, moment_at, zone_names


def test_a_wall_clock_minute_becomes_utc():
    assert moment_at(date(2026, 7, 1), time(9, 30), "Europe/Lisbon") == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


def test_a_minute_that_the_clocks_skip_is_refused_in_words():
    with pytest.raises(BadLocalTime, match="clocks of Europe/Berlin skip 02:30"):
        moment_at(date(2026, 3, 29), time(2, 30), "Europe/Berlin")


def test_of_a_minute_that_comes_twice_the_first_is_meant():
    assert moment_at(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "name"), [(date(1, 1, 1), "Asia/Tokyo"), (date(9999, 12, 31), "America/Los_Angeles")])
def test_a_day_outside_the_calendar_is_refused(day, name):
    with pytest.raises(BadLocalTime, match="too far away"):
        moment_at(day, time(23 if day.year > 1 else 0), name)


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\x00", "europe/berlin "])
def test_an_unknown_zone_is_utc(name):
    assert known_zone(name) == "UTC"


def test_people_choose_from_places():
    assert "Europe/Berlin" in zone_names()
    assert not [name for name in zone_names() if name.startswith("Etc/")]
    assert zone_names()[-1] == "UTC"
