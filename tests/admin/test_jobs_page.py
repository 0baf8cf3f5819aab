"""The jobs page: failures with cause and remedy, the queue, the clock; another try and giving up, noted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from inkhorn.admin.words import JOBS, cause_of, job_words, remedy_for, span_words
from inkhorn.core import clock as clocks
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, Periodic, registered_jobs
from tests.admin.conftest import noted, press, told

ERROR = "ValueError: The picture has 212 million points.\nTraceback (most recent call last):\n  secret path"


def make_job(name="media.make_renditions", **more):
    values = {"args": {"asset_id": 7}, "run_at": clocks.now(), "attempts": 4, "max_attempts": 4} | more
    with transaction():
        row = JobRow(name=name, **values)
        session().add(row)
    return row


def failed(**more):
    return make_job(**({"is_dead": True, "error": ERROR} | more))


def rows():
    session().expire_all()
    return session().scalars(select(JobRow).order_by(JobRow.id)).all()


def test_a_failure_says_what_failed_why_and_what_helps(browser):
    failed()
    page = told(browser.get("/admin/jobs"))
    assert "0 running, 0 waiting, 1 failed." in page
    assert "Make the sizes of a picture ValueError: The picture has 212 million points. Retry it once the cause is mended" in page


def test_the_queue_and_the_clock_are_shown(browser, clock):
    make_job("posts.empty_trash", attempts=0)
    make_job("mail.forget_words", lease_until=clock.now + timedelta(seconds=20), owner="here/1")
    with transaction():
        session().add(Periodic(name="posts.release_due_posts", last_at=clock.now - timedelta(minutes=9)))
    page = told(browser.get("/admin/jobs"))
    assert "1 running, 1 waiting, 0 failed." in page
    assert "Empty the trash of 30 days ago Waiting" in page
    assert "Forget what old letters said Running" in page
    assert "Publish what is due 10 seconds missed" in page
    assert "The worker is silent. It was last heard of 9 minutes ago" in page


def test_a_failed_job_is_tried_again(browser, ada):
    row = failed()
    assert press(browser, f"/admin/jobs/{row.id}/retry").status_code == 303
    assert [(each.is_dead, each.attempts, each.error) for each in rows()] == [(False, 0, None)]
    assert [(entry.actor_id, entry.subject_id) for entry in noted("jobs.retried")] == [(ada.id, row.id)]


def test_a_failed_job_is_discarded(browser, ada):
    row = failed()
    assert press(browser, f"/admin/jobs/{row.id}/forget").status_code == 303
    assert rows() == []
    assert [(entry.actor_id, entry.details) for entry in noted("jobs.forgotten")] == [(ada.id, {"error": ERROR.split("\n", maxsplit=1)[0]})]


def test_all_that_failed_is_tried_again_with_one_button(browser):
    for _ in range(3):
        failed()
    make_job(attempts=2)
    assert "Retry all 3" in told(browser.get("/admin/jobs"))
    press(browser, "/admin/jobs/retry")
    assert [row.attempts for row in rows() if not row.is_dead] == [0, 0, 0, 2]
    assert len(noted("jobs.retried")) == 3


@pytest.mark.parametrize("verb", ["retry", "forget"])
def test_a_running_job_is_left_alone(browser, verb):
    row = make_job(lease_until=clocks.now() + timedelta(seconds=20), owner="here/1")
    assert press(browser, f"/admin/jobs/{row.id}/{verb}").status_code == 409
    assert (len(rows()), noted("jobs.")) == (1, [])


@pytest.mark.parametrize("verb", ["retry", "forget"])
@pytest.mark.parametrize("number", ["999", "0", "99999999999999999999"])
def test_a_job_there_is_not(browser, verb, number):
    assert press(browser, f"/admin/jobs/{number}/{verb}").status_code == 404


def test_a_button_pressed_twice_does_it_once(browser):
    row = failed()
    assert [press(browser, f"/admin/jobs/{row.id}/forget").status_code for _ in range(2)] == [303, 404]
    assert len(noted("jobs.forgotten")) == 1


def test_hostile_errors_are_text(browser):
    failed(name="<b>odd</b>", error="<script>alert(1)</script>", args={"<i>": "</dd><script>"})
    page = browser.get("/admin/jobs").text
    assert "<script>alert" not in page
    assert "<b>odd" not in page
    assert "</dd><script>" not in page


@pytest.mark.parametrize("who", ["emil", "wren", "rhea"])
def test_nobody_else_sees_jobs(signed_in, cast, who, database):
    row = failed()
    other = signed_in(getattr(cast, who))
    assert other.get("/admin/jobs").status_code == 403
    assert [other.post(f"/admin/jobs/{page}").status_code for page in ("retry", f"{row.id}/retry", f"{row.id}/forget")] == [403] * 3
    assert len(rows()) == 1


def test_many_jobs_ask_no_more_than_few(browser, queries):
    for _ in range(40):
        failed()
        make_job()
    browser.get("/admin/jobs")
    queries.clear()
    assert browser.get("/admin/jobs").status_code == 200
    # One of them counts the comments that wait, beside their place in the rail.
    assert len(queries) <= 9
    assert browser.get("/admin/jobs?page=2").status_code == 200


def test_every_job_is_called_something(app):
    assert {name for name in registered_jobs() if not name.startswith("tests.")} - set(JOBS) == set()


@pytest.mark.parametrize(
    ("error", "helps"),
    [
        ("It took longer than its limit of 300 seconds and was stopped.", "less busy"),
        ("The worker that ran this job was killed 3 times, so", "too little memory"),
        ("This version of Inkhorn knows no job named x.", "another version"),
        ("OSError: [Errno 28] No space left on device", "Make room"),
        ("OperationalError: database is locked", "Retry it"),
        ("ValueError: odd", "once the cause is mended"),
        (None, "once the cause is mended"),
    ],
)
def test_a_remedy_fits_its_cause(app, error, helps):
    with app.test_request_context():
        assert helps in remedy_for(error)


def test_words_for_what_has_none(app):
    with app.test_request_context():
        assert (job_words("webhooks.send"), cause_of(None), cause_of(ERROR)) == ("webhooks.send", "", ERROR.split("\n", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "second"),
        (10, "10 seconds"),
        (60, "minute"),
        (90, "90 seconds"),
        (3600, "hour"),
        (21_600, "6 hours"),
        (86_400, "day"),
        (172_800, "2 days"),
    ],
)
def test_how_often_in_words(app, seconds, words):
    with app.test_request_context():
        assert span_words(timedelta(seconds=seconds)) == words
