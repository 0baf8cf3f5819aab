"""The audit log: who did what, when and from where, and the same as a file."""

from flask import g, request
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.settings import AccountSettings
from inkhorn.admin import trail
from inkhorn.admin.exports import AUDIT_COLUMNS, WRITERS, attached, entry_rows
from inkhorn.admin.forms import ButtonForm
from inkhorn.admin.views.room import asked_number, bp, fresh, list_address
from inkhorn.core import audit, audit_pruning, limits, settings
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page

# What an export is asked by, besides its kind.
FILTERS = ("search", "actor", "action", "span", "since", "until", "about")


@bp.get("/audit")
@open_to(holds("audit.see"))
def list_entries() -> BaseResponse:
    wanted = trail.asked()
    page = trail.page_of_trail(wanted, before=asked_number("before"), after=asked_number("after"))
    return show_desk_page(
        "admin/list_entries.html",
        page=page,
        people=trail.people_in(page.entries),
        actors=trail.offered_actors(),
        actions=audit.declared_actions(),
        rooms=trail.rooms(),
        room_words=trail.ROOMS,
        spans=trail.SPANS,
        chosen={name: request.args.get(name, "") for name in FILTERS},
        days=settings.read(AccountSettings).audit_days,
        farthest=audit.FARTHEST,
        is_pruned=audit_pruning.may_prune(),
        subject_of=trail.subject_of,
        changes_in=trail.changes_in,
        facts_in=trail.facts_in,
        address=list_address,
    )


@bp.post("/audit/export")
@open_to(holds("audit.see"))
@fresh
def export_entries() -> BaseResponse:
    ButtonForm.accepted()
    wanted = trail.asked()
    kind = "jsonl" if request.form.get("kind") == "jsonl" else "csv"
    limits.spend(limits.EXPORT, str(g.actor.id))
    with transaction():
        asked = {name: value for name in FILTERS if (value := request.form.get(name, "")[:200])}
        audit.record(g.actor, "audit.exported", None, kind=kind, filters=asked)
    return attached(kind, "audit", WRITERS[kind](AUDIT_COLUMNS, entry_rows(wanted)))
