"""The audit log and the jobs by program."""

import pytest

from inkhorn.core import clock, jobs
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.replays import forget_replays
from tests.factories.posts import make_post


@pytest.mark.parametrize("who", ["vic", "rhea", "wren", "emil"])
def test_neither_is_for_those_who_only_write(program, who: str):
    for address in ("/audit", "/audit/1", "/jobs", "/jobs/1"):
        assert program(who).get(address).status_code == (401 if who == "vic" else 403)


def test_the_log_is_read_page_by_page_and_by_what_it_says(program, wren):
    for number in range(3):
        make_post(by=wren, title=f"Post {number}")
    ada = program("ada")
    found = ada.get(f"/audit?filter[actor]={wren.id}&filter[action]=posts.drafted&page[size]=2").json
    assert [each["subject_label"] for each in found["data"]] == ["Post 2", "Post 1"]
    rest = ada.get(found["links"]["next"].removeprefix("/api/v1")).json
    assert [each["subject_label"] for each in rest["data"]] == ["Post 0"]
    assert rest["links"]["next"] is None
    rising = ada.data(f"/audit?sort=id&filter[actor]={wren.id}&filter[action]=posts.")
    assert [each["subject_label"] for each in rising] == ["Post 0", "Post 1", "Post 2"]
    assert ada.data(f"/audit/{rising[0]['id']}")["action"] == "posts.drafted"


def test_the_log_is_not_written_by_program(program):
    assert program("ada").post("/audit", {}).status_code == 405
    assert program("ada").send("DELETE", "/audit/1").status_code == 405


@pytest.fixture
def job(database) -> JobRow:
    with transaction():
        number = jobs.enqueue(forget_replays)
        row = session().get_one(JobRow, number)
        row.is_dead, row.error = True, "Traceback\n  secret line\nValueError: the last line"
    return row


def test_a_job_set_aside_is_seen_and_tried_again(program, job):
    ada = program("ada")
    told = ada.data("/jobs?filter[state]=dead")
    assert [(each["id"], each["state"], each["error"]) for each in told] == [(job.id, "dead", "ValueError: the last line")]
    assert ada.data("/jobs") == []
    assert ada.post(f"/jobs/{job.id}/retry").json["data"]["state"] == "waiting"
    assert [each["id"] for each in ada.data("/jobs")] == [job.id]


def test_a_running_job_is_left_alone(program, job):
    ada = program("ada")
    with transaction():
        session().get_one(JobRow, job.id).lease_until = clock.now().replace(year=2999)
    assert ada.post(f"/jobs/{job.id}/retry").status_code == 409
    assert ada.send("DELETE", f"/jobs/{job.id}").status_code == 409


def test_a_job_is_given_up(program, job):
    assert program("ada").send("DELETE", f"/jobs/{job.id}").status_code == 204
    assert program("ada").get(f"/jobs/{job.id}").status_code == 404
