"""What the desk says of times."""

from datetime import timedelta

import pytest

from inkhorn.core.desk import ago


@pytest.mark.parametrize(
    ("passed", "says"),
    [
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(minutes=8), "8 minutes ago"),
        (timedelta(days=2), ""),
        (timedelta(hours=-1), ""),
    ],
)
def test_what_happened_today_is_told_by_how_long_ago(app, clock, passed, says):
    with app.test_request_context():
        assert ago(clock.now - passed, clock.now) == says
