"""Background work: what failed and why, what waits, and what comes by the clock."""

import json

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.admin.forms import ButtonForm
from inkhorn.admin.views.room import asked_page, bp, list_address
from inkhorn.admin.words import cause_of, job_words, remedy_for, span_words
from inkhorn.core import clock, job_board
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError
from inkhorn.core.paging import page_of

PAGE_SIZE = 25
MOST_SHOWN = 50
MOST_AT_ONCE = 500


@bp.get("/jobs")
@open_to(holds("jobs.see"))
def list_jobs() -> BaseResponse:
    return show_desk_page(
        "admin/list_jobs.html",
        failed=session().scalars(job_board.dead_jobs().limit(MOST_SHOWN)).all(),
        queue=page_of(job_board.waiting_jobs(), number=asked_page(), size=PAGE_SIZE),
        counts=job_board.job_counts(),
        running=job_board.running_count(),
        timetable=job_board.timetable(),
        silent_since=job_board.silent_since(),
        job_words=job_words,
        cause_of=cause_of,
        remedy_for=remedy_for,
        span_words=span_words,
        as_json=lambda args: json.dumps(args, ensure_ascii=False),
        is_running=lambda row: row.lease_until is not None and row.lease_until >= clock.now(),
        address=list_address,
    )


@bp.post("/jobs/<int:job_id>/retry")
@open_to(holds("jobs.see"))
def retry_job(job_id: int) -> BaseResponse:
    ButtonForm.accepted()
    with transaction():
        row = job_board.retry_job(job_id, by=g.actor)
    flash(_("“%(job)s” is back in the queue.", job=job_words(row.name)))
    return redirect(url_for("admin.list_jobs"), code=303)


@bp.post("/jobs/<int:job_id>/forget")
@open_to(holds("jobs.see"))
def forget_job(job_id: int) -> BaseResponse:
    ButtonForm.accepted()
    with transaction():
        job_board.forget_job(job_id, by=g.actor)
    flash(_("Discarded."))
    return redirect(url_for("admin.list_jobs"), code=303)


@bp.post("/jobs/retry")
@open_to(holds("jobs.see"))
def retry_jobs() -> BaseResponse:
    ButtonForm.accepted()
    chosen = [row.id for row in session().scalars(job_board.dead_jobs().limit(MOST_AT_ONCE))]
    done = 0
    for job_id in chosen:
        try:
            with transaction():
                job_board.retry_job(job_id, by=g.actor)
            done += 1
        except InkhornError:
            # Somebody else was faster.
            continue
    flash(_("%(number)s jobs are back in the queue.", number=done) if done != 1 else _("One job is back in the queue."))
    return redirect(url_for("admin.list_jobs"), code=303)
