"""The backups that there are, and whether one is overdue; made, sealed and restored at the shell alone."""

from werkzeug.wrappers import Response as BaseResponse

from inkhorn.admin.views.room import bp
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError
from inkhorn.transfer.services.keeping.shelf import Backups, backups_of

MOST_SHOWN = 50


@bp.get("/backups")
@open_to(holds("jobs.see"))
def list_backups() -> BaseResponse:
    fault, told = "", Backups("", [], newest=None, is_late=False)
    try:
        told = backups_of(config())
    except InkhornError as error:
        fault = str(error)
    loaded = config()
    return show_desk_page("admin/list_backups.html", told=told, shown=told.found[:MOST_SHOWN], fault=fault, every=loaded.backup_every_hours)
