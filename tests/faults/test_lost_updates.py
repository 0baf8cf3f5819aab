"""R24: many programs change one version at once; one does, the others are told, and nothing is overwritten in silence."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.dice import dice, tell, times
from tests.faults.writers import PATIENCE_SECONDS, Answer, Program
from tests.running import RunningSite

pytestmark = pytest.mark.slow


def test_of_many_who_change_one_version_one_does(site: RunningSite, program: Program):
    rounds, chance, answered = times(15), dice(), Counter[int]()
    site.start()
    made = program.send("POST", "/posts", {"title": "Tide", "body": "Before."})
    address, etag = made.headers["location"].removeprefix("/api/v1"), made.headers["etag"]
    with ThreadPoolExecutor(20) as crowd:
        for number in range(rounds):

            def change(who: int, etag: str = etag, number: int = number) -> tuple[int, str, str]:
                body = f"Number {number} by {who}."
                answer = until_judged(program, address, body, etag)
                return answer.status, answer.headers.get("etag", ""), body

            answers = list(crowd.map(change, range(chance.randint(2, 20))))
            answered.update(status for status, _etag, _body in answers)
            ((_status, etag, body),) = [each for each in answers if each[0] == 200]
            assert {status for status, _etag, _body in answers} <= {200, 412}, answers
            assert program.send_as_allowed("GET", address).json["data"]["body"] == body
    assert program.send_as_allowed("PATCH", address, {"body": "Without a word."}).status == 428
    assert site.execute("SELECT count(*) FROM audit_entry WHERE action = 'posts.revised'") == [(rounds,)]
    tell(rounds, rounds, f"rounds of up to 20 at once, {answered[200]} kept and {answered[412]} told; none overwrote another")
    assert site.stop() == 0


def until_judged(program: Program, address: str, body: str, etag: str) -> Answer:
    """Whoever was told that the site is busy and nothing was changed sends it again, as one does."""
    until = time.monotonic() + 5 * PATIENCE_SECONDS
    while True:
        answer = program.send_as_allowed("PATCH", address, {"body": body}, If_Match=etag)
        if answer.status != 503 or not answer.is_kind_refusal or time.monotonic() > until:
            return answer
        time.sleep(0.2)
