"""Raw records, to look at and to take away."""

import json
from datetime import datetime
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.admin import records
from inkhorn.admin.exports import attached, csv_lines, plain
from inkhorn.admin.forms import ButtonForm
from inkhorn.admin.records import Table, UnknownColumn
from inkhorn.admin.views.room import asked_page, asked_words, bp, fresh, list_address
from inkhorn.core import audit, limits
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page

# What the address of a list may hold besides filters.
OTHERS = ("search", "sort", "page", "csrf_token")


@bp.get("/records/<table>")
@open_to(holds("records.see"))
def list_records(table: str) -> BaseResponse:
    chosen = records.table_named(table)
    search, sort, filters = asked_words(), request.args.get("sort", ""), _filters(chosen)
    found = records.records(chosen, by=g.actor, search=search, sort=sort, filters=filters)
    return show_desk_page(
        "admin/list_records.html",
        name=table,
        table=chosen,
        tables=records.TABLES,
        found=records.page_of_records(found, number=asked_page()),
        search=search,
        sort=sort or chosen.sorts[0],
        filters=filters,
        as_cell=as_cell,
        address=list_address,
    )


@bp.post("/records/<table>/export")
@open_to(holds("records.see"))
@fresh
def export_records(table: str) -> BaseResponse:
    chosen = records.table_named(table)
    ButtonForm.accepted()
    search, filters = asked_words(), _filters(chosen)
    rows = records.all_records(chosen, by=g.actor, search=search, sort=request.form.get("sort", ""), filters=filters)
    limits.spend(limits.EXPORT, str(g.actor.id))
    with transaction():
        audit.record(g.actor, "records.exported", None, table=table, search=search, filters=filters)
    return attached("csv", table, csv_lines(chosen.columns, rows))


def as_cell(value: Any) -> str:
    """A value on one line, as a person reads it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    told = plain(value)
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


def _filters(table: Table) -> dict[str, str]:
    """What is filtered by; whatever else the address holds is refused, so that no column that is hidden can be asked about."""
    given = {name: value for name, value in request.values.items() if name not in OTHERS}
    if unknown := [name for name in given if name not in table.choices]:
        raise UnknownColumn(unknown[0])
    return {name: value for name, value in given.items() if value}
