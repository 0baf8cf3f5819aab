"""What keeps robots out: work that counts once, patience for whoever has no script, and no word that is not signed."""

import base64
import json

import altcha
import pytest
from sqlalchemy import func, select

from inkhorn.accounts.tasks import clearing
from inkhorn.core import captcha, limits
from inkhorn.core.captcha import NotHuman, SpentPuzzle, check, make_challenge, spend
from inkhorn.core.database import session, transaction
from tests.puzzles import drawn, worked

pytestmark = pytest.mark.usefixtures("database", "cheap")


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that costs a test little."""
    monkeypatch.setattr(captcha, "COST", 50)


def judge(fields: dict[str, str], form: str = "join") -> str:
    return check(form, fields, address="192.0.2.7")


def altered(answer: str, **changes: object) -> str:
    """The proof with other parameters in its challenge."""
    told = json.loads(base64.b64decode(answer))
    told["challenge"]["parameters"].update(changes)
    return base64.b64encode(json.dumps(told).encode()).decode()


def test_work_that_was_done_is_taken():
    assert len(judge(worked("join"))) == 64


def test_the_answer_lies_within_bounds():
    for _ in range(5):
        solution = altcha.solve_challenge(altcha.Challenge.from_dict(make_challenge("join")))
        assert captcha.LEAST_STEPS <= solution.counter < captcha.MOST_STEPS


def test_a_proof_counts_once():
    fields = worked("join")
    with transaction():
        spend(judge(fields))
    with pytest.raises(NotHuman, match="sent before"), transaction():
        spend(judge(fields | {"waiting": drawn("join", once="b")}))


def test_a_proof_dressed_otherwise_is_the_same_proof():
    fields = worked("join")
    told = json.loads(base64.b64decode(fields["puzzle"]))
    dressed = base64.b64encode(json.dumps({**told, "solution": told["solution"] | {"time": 3}}, indent=3).encode()).decode()
    assert dressed != fields["puzzle"]
    assert judge(fields | {"puzzle": dressed}) == judge(fields)


def test_a_proof_is_free_again_where_the_act_failed():
    proof = judge(worked("join"))
    with pytest.raises(RuntimeError), transaction():
        spend(proof)
        raise RuntimeError
    with transaction():
        spend(proof)


def test_work_for_another_form_is_refused():
    with pytest.raises(NotHuman, match="another one"):
        judge(worked("join") | {"puzzle": worked("forgotten")["puzzle"]})


def test_work_that_is_too_old_is_refused(clock):
    fields = worked("join")
    clock.forward(minutes=19)
    assert judge(fields)
    clock.forward(minutes=2)
    with pytest.raises(NotHuman, match="too long"):
        judge(fields)


@pytest.mark.parametrize("changes", [{"cost": 1}, {"keyPrefix": ""}, {"data": {"form": "join", "until": 2**40}}, {"keySignature": "00"}])
def test_work_that_somebody_made_easier_is_refused(changes):
    fields = worked("join")
    with pytest.raises(NotHuman, match="does not hold"):
        judge(fields | {"puzzle": altered(fields["puzzle"], **changes)})


def test_a_guess_is_no_work():
    challenge = make_challenge("join")
    guess = {"challenge": challenge, "solution": {"counter": 60, "derivedKey": challenge["parameters"]["keyPrefix"] + "0" * 32}}
    with pytest.raises(NotHuman, match="does not hold"):
        judge({"waiting": drawn("join"), "puzzle": base64.b64encode(json.dumps(guess).encode()).decode()})


GARBAGE = [
    *("x", "é", "\x00", "e30=", "W10=", "MQ==", "bnVsbA==", "x" * 9000, "=" * 50),
    base64.b64encode(b"[" * 5000).decode(),
    base64.b64encode(b'{"challenge": [], "solution": []}').decode(),
    base64.b64encode(b'{"challenge": {"parameters": {}}, "solution": {}}').decode(),
    base64.b64encode(b'{"challenge": "a", "solution": 1e999}').decode(),
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_in_words(answer):
    with pytest.raises(NotHuman):
        judge({"waiting": drawn("join"), "puzzle": answer})


@pytest.mark.parametrize("kind", [1, None, [], {}, True, "x", -1, 1e400])
@pytest.mark.parametrize("field", ["counter", "derivedKey"])
def test_a_solution_of_another_kind_is_refused(field, kind):
    fields = worked("join")
    told = json.loads(base64.b64decode(fields["puzzle"]))
    told["solution"] |= {"derivedKey": "00", field: kind}
    with pytest.raises(NotHuman):
        judge(fields | {"puzzle": base64.b64encode(json.dumps(told).encode()).decode()})


def test_a_field_that_people_do_not_see_betrays_robots():
    with pytest.raises(NotHuman, match="stay empty"):
        judge(worked("join") | {captcha.TRAP: "https://buy.example"})


def test_nobody_fills_a_form_in_at_once():
    with pytest.raises(NotHuman, match="faster than a person"):
        judge(worked("join") | {"waiting": drawn("join", seconds_ago=1)})


@pytest.mark.parametrize("waiting", ["", "forged", "\x00", "é", "x" * 9000])
def test_a_form_that_was_never_drawn_is_refused(waiting):
    with pytest.raises(NotHuman, match="open for too long"):
        judge(worked("join") | {"waiting": waiting})


def test_a_form_that_was_open_for_hours_is_refused(clock):
    with pytest.raises(NotHuman, match="open for too long"):
        judge(worked("join") | {"waiting": drawn("join", seconds_ago=captcha.SHEET_LIFE_SECONDS + 1)})


def test_a_sheet_of_another_form_is_refused():
    with pytest.raises(NotHuman, match="open for too long"):
        judge(worked("join") | {"waiting": drawn("forgotten")})


def test_whoever_has_no_script_waits(clock):
    with pytest.raises(NotHuman, match="Wait 11 more"):
        judge({"waiting": drawn("join", seconds_ago=10)})
    assert judge({"waiting": drawn("join", seconds_ago=21)})


def test_patience_counts_once_too():
    fields = {"waiting": drawn("join")}
    with transaction():
        spend(judge(fields))
    with pytest.raises(NotHuman, match="sent before"), transaction():
        spend(judge(fields))


def test_patience_is_not_for_crowds():
    for number in range(10):
        judge({"waiting": drawn("join", once=str(number))})
    with pytest.raises(limits.TooMany):
        judge({"waiting": drawn("join", once="eleventh")})


def test_whoever_mends_a_field_waits_no_second_time(clock):
    first = captcha.sign_sheet("join")
    clock.forward(seconds=30)
    assert captcha.sign_sheet("join", again=first) == first
    assert captcha.sign_sheet("forgotten", again=first) != first
    assert captcha.sign_sheet("join", again="forged") != "forged"
    clock.forward(seconds=captcha.SHEET_LIFE_SECONDS / 2)
    assert captcha.sign_sheet("join", again=first) != first


def test_spent_proofs_are_forgotten_when_nobody_could_show_them_again(clock):
    with transaction():
        spend("a" * 64)
    clock.forward(seconds=captcha.SHEET_LIFE_SECONDS - 1)
    clearing.forget_old_sessions()
    assert session().scalar(select(func.count()).select_from(SpentPuzzle)) == 1
    clock.forward(seconds=2)
    clearing.forget_old_sessions()
    assert session().scalar(select(func.count()).select_from(SpentPuzzle)) == 0
