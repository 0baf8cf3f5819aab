"""R25: the same thing sent fifty times at once, or again after the line was cut; it is done once and answered alike."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.dice import tell, times
from tests.factories.media import picture_bytes
from tests.faults.lines import line_to
from tests.faults.pictures import upload
from tests.faults.writers import CUT_OFF, Program, ask
from tests.running import RunningSite

pytestmark = pytest.mark.slow

AT_ONCE = 50


def test_what_is_sent_again_after_the_line_was_cut_is_done_once(site: RunningSite, program: Program):
    rounds = times(5)
    site.start()
    with line_to(site.port, cuts=True) as line:
        for number in range(rounds):
            once, body = secrets.token_hex(8), {"title": f"Cut {number}", "body": "Words."}
            headers = {"Authorization": f"Bearer {program.key}", "Idempotency_Key": once}
            with pytest.raises(CUT_OFF):
                ask(line.port, "POST", "/api/v1/posts", body, **headers)
            first = ask(site.port, "POST", "/api/v1/posts", body, **headers)
            again = ask(site.port, "POST", "/api/v1/posts", body, **headers)
            assert (first.status, first.headers["idempotency-replayed"], again.body) == (201, "true", first.body)
            assert site.execute("SELECT count(*) FROM post WHERE title = %s", f"Cut {number}") == [(1,)]
            picture, sent = picture_bytes(40 + number, 30), secrets.token_hex(8)
            with pytest.raises(CUT_OFF):
                upload(line.port, program.key, picture, sent)
            assert upload(site.port, program.key, picture, sent).headers["idempotency-replayed"] == "true"
        assert line.handed_on >= 2 * rounds
    assert site.execute("SELECT count(*) FROM asset") == [(rounds,)]
    tell(rounds, rounds, "cut lines, each with a post and an upload sent again; none was doubled")
    assert site.stop() == 0


def test_what_is_sent_fifty_times_at_once_is_done_once(site: RunningSite, program: Program):
    rounds = times(2)
    site.start()
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        for number in range(rounds):
            once, body = secrets.token_hex(8), {"title": f"Crowd {number}", "body": "Words."}
            sent = [crowd.submit(program.send_as_allowed, "POST", "/posts", body, Idempotency_Key=once) for _ in range(AT_ONCE)]
            answers = [each.result() for each in sent]
            assert {answer.status for answer in answers} <= {201, 503}, {answer.status for answer in answers}
            assert len({answer.body for answer in answers if answer.status == 201}) == 1
            assert site.execute("SELECT count(*) FROM post WHERE title = %s", f"Crowd {number}") == [(1,)]
    tell(rounds, rounds, f"requests sent {AT_ONCE} times at once; each was done once and answered alike")
    assert site.stop() == 0
