"""Programs that write posts over HTTP without pause, and note in a witness ledger what they asked and what they were told."""

import http.client
import json
import secrets
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.programs.keys import make_personal_key
from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, transaction
from tests.running import RunningSite
from tests.team import make_team
from tests.witness import Ledger

PASSWORD = "kelp tide moon lantern"
PATIENCE_SECONDS = 60
# What a connection looks like whose other end was killed: before the answer, in its head, or in its body.
CUT_OFF = (OSError, ValueError, http.client.HTTPException)
WORDS = ("posts.write", "posts.publish", "posts.edit_any", "media.upload")
SETTINGS = {"INKHORN_CAPTCHA": "none"}


def make_key(data: Path, settings: dict[str, str] | None = None, *, role: str = "editor") -> str:
    """A site with one person at its desk, and the key of a program that may do whatever they may."""
    told = SETTINGS | (settings or {})
    make_team(data, told, ("emil@example.org", "Emil Norrby", role), password=PASSWORD)
    with create_app(load_config(data=data, environ=told)).app_context():
        person = Person(user_by_email("emil@example.org"))
        with transaction():
            key = make_personal_key(person.user, name="Writer", permissions=WORDS, by=person).text
        db.session.close()
        db.engine.dispose()
    return key


@dataclass
class Answer:
    """What came back whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_kind_refusal(self) -> bool:
        """A refusal that a person can act on: not ours to blame, or later, and in words."""
        words = self.body.decode(errors="replace")
        if "Traceback" in words or len(words) < 20:
            return False
        return 400 <= self.status < 500 or self.status == 507 or (self.status == 503 and "retry-after" in self.headers)


def ask(port: int, method: str, path: str, body: Any = None, *, seconds: float = PATIENCE_SECONDS, **headers: str) -> Answer:
    """One request over a connection of its own."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    if not isinstance(body, bytes | None):
        body, told = json.dumps(body).encode(), {"Content-Type": "application/json"} | told
    try:
        line.request(method, path, body, told)
        answer = line.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        line.close()


@dataclass
class Program:
    """Whoever holds the key, at the site's API."""

    site: RunningSite
    key: str

    def send(self, method: str, path: str, body: Any = None, *, seconds: float = PATIENCE_SECONDS, **headers: str) -> Answer:
        return ask(self.site.port, method, f"/api/v1{path}", body, seconds=seconds, Authorization=f"Bearer {self.key}", **headers)

    def send_as_allowed(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Whoever wrote as much as they may waits, as they were told, and sends it again."""
        while (answer := self.send(method, path, body, **headers)).status == 429:
            time.sleep(min(float(answer.headers["retry-after"]), PATIENCE_SECONDS))
        return answer

    def insist(
        self, method: str, path: str, body: Any, ledger: Ledger, what: str, *, over: threading.Event | None = None, **headers: str
    ) -> Answer | None:
        """Send it under one Idempotency-Key until it is answered; None where it was given up, or all is over and it may not write yet."""
        over = over or threading.Event()
        once, until = secrets.token_hex(12), time.monotonic() + 5 * PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                answer = self.send(method, path, body, Idempotency_Key=once, **headers)
            except CUT_OFF:
                ledger.note("cut off", what)
                time.sleep(0.02)
                continue
            if answer.status == 429:
                # A program that wrote as much as it may waits, as it was told.
                if over.wait(min(float(answer.headers["retry-after"]), PATIENCE_SECONDS)):
                    return None
                until += PATIENCE_SECONDS
                continue
            if answer.status < 500:
                return answer
            ledger.note(
                "refused", what, status=answer.status, kind=answer.is_kind_refusal, words=answer.body[:300].decode(errors="replace")
            )
            time.sleep(0.2)
        ledger.note("given up", what)
        return None


@dataclass
class Writers:
    """Threads that each write a post, change it, publish it and begin anew."""

    program: Program
    ledger: Ledger
    many: int = 4
    statuses: Counter[int] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def start(self) -> "Writers":
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(self.many)]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Nothing new; what is under way is sent until it is answered, unless it would have to wait for its turn."""
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS * 10)
        assert not any(thread.is_alive() for thread in self._threads)
        assert self.failures == []

    def _run(self, writer: int) -> None:
        number = 0
        try:
            while not self._over.is_set():
                self._write(f"{writer}-{number}")
                number += 1
        except BaseException as error:
            self.failures.append(error)

    def _write(self, what: str) -> None:
        self.ledger.note("asked", what)
        made = self._step("POST", "/posts", {"title": f"Post {what}", "body": f"The words of {what}."}, what)
        if made is None:
            return
        assert made.status == 201, made.body
        number = made.json["data"]["id"]
        self.ledger.note("acknowledged", what, number=number)
        self.ledger.note("change asked", what)
        changed = self._step("PATCH", f"/posts/{number}", {"body": f"Other words of {what}."}, what, If_Match=made.headers["etag"])
        if changed is None:
            return
        assert changed.status == 200, changed.body
        self.ledger.note("changed", what)
        self.ledger.note("publishing asked", what)
        published = self._step("POST", f"/posts/{number}/publish", None, what, If_Match=changed.headers["etag"])
        if published is not None:
            assert published.status == 200, published.body
            self.ledger.note("published", what)

    def _step(self, method: str, path: str, body: Any, what: str, **headers: str) -> Answer | None:
        answer = self.program.insist(method, path, body, self.ledger, what, over=self._over, **headers)
        if answer is not None:
            self.statuses[answer.status] += 1
        return answer


def judge(site: RunningSite, ledger: Ledger) -> int:
    """What the ledger says against what the database has; how many acknowledged writes are there."""
    rows = site.execute("SELECT id, title, status, body FROM post WHERE title LIKE 'Post %%-%%'")
    stored = {title.removeprefix("Post "): (number, status, body) for number, title, status, body in rows}
    assert len(stored) == len(rows), "something that was sent again was stored again"
    asked, acknowledged = ledger.told("asked"), ledger.told("acknowledged")
    assert set(stored) <= set(asked)
    assert {what: line["number"] for what, line in acknowledged.items()} == {
        what: number for what, (number, _status, _body) in stored.items() if what in acknowledged
    }
    may_change, changed = ledger.told("change asked"), ledger.told("changed")
    may_publish, published = ledger.told("publishing asked"), ledger.told("published")
    for what, (_number, status, body) in stored.items():
        assert body in {f"The words of {what}."} | ({f"Other words of {what}."} if what in may_change else set()), what
        assert what not in changed or body == f"Other words of {what}.", what
        assert status in {"draft"} | ({"published"} if what in may_publish else set()), what
        assert what not in published or status == "published", what
    refused = ledger.told("refused")
    assert [line for line in refused.values() if not line["kind"]] == []
    assert not ledger.told("given up"), ledger.count()
    judge_what_follows(site, stored)
    return len(acknowledged) + len(changed) + len(published)


def judge_what_follows(site: RunningSite, stored: dict[str, tuple[Any, ...]]) -> None:
    """One line of the audit log for each beginning and each publication, and a sound database."""
    for action, wanted in (("posts.drafted", stored), ("posts.published", [each for each in stored.values() if each[1] == "published"])):
        (number,) = site.execute("SELECT count(*) FROM audit_entry WHERE action = %s", action)[0]
        assert number == len(wanted), action
    if "INKHORN_DATABASE_URL" not in site.environment:
        assert site.execute("PRAGMA integrity_check") == [("ok",)]
        assert site.execute("PRAGMA foreign_key_check") == []


LEFT = "SELECT name, attempts, error FROM job WHERE (name LIKE 'search.%%' OR name LIKE 'media.make%%')"


def settle(site: RunningSite) -> None:
    """Wait until nothing is left to do but what the timetable will ask for again."""
    until = time.monotonic() + PATIENCE_SECONDS * 4
    while (left := site.execute(f"{LEFT} AND NOT is_dead")) != []:
        assert time.monotonic() < until, left
        time.sleep(0.2)
    # Whatever ended its worker again and again is set aside as it should be; nothing else is.
    aside = site.execute(f"{LEFT} AND is_dead")
    assert [each for each in aside if "was killed" not in each[-1]] == []


def until_answering(site: RunningSite, path: str = "/") -> float:
    """How long it took until somebody was let in."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_SECONDS:
        with suppress(*CUT_OFF):
            if ask(site.port, "GET", path, seconds=10).status == 200:
                return time.monotonic() - began
        time.sleep(0.05)
    raise TimeoutError(site.log[-3000:])
