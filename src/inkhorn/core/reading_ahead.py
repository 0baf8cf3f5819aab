"""What a parent reads before it forks."""

import mimetypes

from inkhorn.core import settings
from inkhorn.core.clock import now
from inkhorn.core.database import end_read
from inkhorn.core.days import full_date


def read_ahead() -> None:
    """Read what libraries read at the first page, so that those forked from this process share it: 5 MB each (29 November 2026)."""
    mimetypes.init()
    full_date(now().date(), settings.read(settings.SiteSettings).language)
    # No connection to the database may be shared.
    end_read()
