"""The audit log, to be read; the background work, to be seen, tried again and given up."""

from flask import Response, g

from inkhorn.api.answers import answer_list, answer_nothing, once
from inkhorn.api.asking import asked_list, asked_nothing
from inkhorn.api.lists import only_row, show_page, show_row, told_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources.work import ENTRY, JOB, wanted_of
from inkhorn.api.room import many, one
from inkhorn.api.shapes import dump
from inkhorn.api.v1.surface import bp
from inkhorn.core import audit, job_board
from inkhorn.core.access import holds, open_to


@bp.operation("GET", "/audit", "list_audit")
@open_to(holds("audit.see"))
@bp.answers(many(ENTRY), parameters=parameters_of(ENTRY), tag="audit")
def list_audit() -> Response:
    asked = asked_list(ENTRY, g.actor)
    place = {} if asked.after is None else {"before" if asked.is_falling else "after": asked.after[1]}
    if asked.after is None and not asked.is_falling:
        place = {"after": 0}
    seen = audit.look(wanted_of(asked), many=asked.size + 1, **place)
    rows = seen.entries[: asked.size]
    onward = rows[-1].id if len(seen.entries) > asked.size else seen.until
    cursor = asked.cursor_after(onward, onward) if onward is not None else None
    return answer_list([dump(ENTRY, row, None, asked.names) for row in rows], cursor)


@bp.operation("GET", "/audit/<int:number>", "get_audit_entry")
@open_to(holds("audit.see"))
@bp.answers(one(ENTRY), parameters=parameters_of_one(ENTRY), tag="audit")
def get_audit_entry(number: int) -> Response:
    return show_row(ENTRY, only_row(audit.entry_numbered(number), "entry"), f"/api/v1/audit/{number}")


@bp.operation("GET", "/jobs", "list_jobs")
@open_to(holds("jobs.see"))
@bp.answers(many(JOB), parameters=parameters_of(JOB), tag="jobs")
def list_jobs() -> Response:
    is_dead = asked_list(JOB, g.actor).facts.get("state") == "dead"
    return show_page(JOB, job_board.jobs_that(is_dead=is_dead), as_objects=True)


@bp.operation("GET", "/jobs/<int:job_id>", "get_job")
@open_to(holds("jobs.see"))
@bp.answers(one(JOB), parameters=parameters_of_one(JOB), tag="jobs")
def get_job(job_id: int) -> Response:
    return show_row(JOB, job_board.job_numbered(job_id), f"/api/v1/jobs/{job_id}")


# Work changes by itself from one second to the next, so no version is asked for; the verbs refuse what is running.
@bp.operation("POST", "/jobs/<int:job_id>/retry", "retry_job")
@open_to(holds("jobs.see"))
@bp.answers(one(JOB), tag="jobs", writes=True, wants_version=False)
def retry_job(job_id: int) -> Response:
    asked_nothing()

    def work() -> Response:
        row = job_board.retry_job(job_id, by=g.actor)
        return told_row(JOB, row, f"/api/v1/jobs/{row.id}")

    return once(work)


@bp.operation("DELETE", "/jobs/<int:job_id>", "forget_job")
@open_to(holds("jobs.see"))
@bp.answers(None, 204, tag="jobs", writes=True, wants_version=False)
def forget_job(job_id: int) -> Response:
    asked_nothing()

    def work() -> Response:
        job_board.forget_job(job_id, by=g.actor)
        return answer_nothing()

    return once(work)
