"""What leaves an entry on the ground floor and in the owner's room."""

from datetime import timedelta

from inkhorn.core import audit, audit_pruning, clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail.letters import LetterState
from tests.audit.stage import Act, Deed, Stage
from tests.frozen import at
from tests.mail.conftest import kept, write


def _letter(stage: Stage, verb: str, state: LetterState = LetterState.UNCERTAIN) -> Deed:
    write()
    with transaction():
        (letter,) = kept()
        letter.state = state
    return stage.presses("ada", f"/admin/mail/{letter.id}/{verb}")


def _job(stage: Stage, verb: str) -> Deed:
    with transaction():
        row = JobRow(name="posts.empty_trash", args={}, run_at=clock.now(), max_attempts=1, is_dead=True)
        session().add(row)
    return stage.presses("ada", f"/admin/jobs/{row.id}/{verb}")


def _prune(_stage: Stage) -> Deed:
    with at(clock.now() - timedelta(days=400)), transaction():
        for _ in range(2):
            audit.record(House(), "posts.purged")
    return lambda: audit_pruning.prune(clock.now() - timedelta(days=365), by=House())


def _settings(stage: Stage) -> Deed:
    page = stage.browser("ada").get("/admin/settings/posts").text
    drawn = page.split('name="drawn" value="')[1].split('"')[0]
    return stage.presses("ada", "/admin/settings/posts", drawn=drawn, permalink="/{year}/{slug}/", excerpt_words="30")


ACTS: dict[str, Act] = {
    "audit.exported": lambda stage: stage.presses("ada", "/admin/audit/export"),
    "audit.pruned": _prune,
    "jobs.forgotten": lambda stage: _job(stage, "forget"),
    "jobs.retried": lambda stage: _job(stage, "retry"),
    "mail.put_away": lambda stage: _letter(stage, "settle", LetterState.REFUSED),
    "mail.resent": lambda stage: _letter(stage, "resend"),
    "mail.settled": lambda stage: _letter(stage, "settle"),
    "mail.tested": lambda stage: stage.presses("ada", "/admin/mail/test", address="ida@example.org"),
    "records.exported": lambda stage: stage.presses("ada", "/admin/records/users/export"),
    "settings.changed": _settings,
}
