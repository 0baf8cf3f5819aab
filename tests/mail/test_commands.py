"""inkhorn mail: the server tried with every step told, and letters seen to from a shell."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from inkhorn.core import audit
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from inkhorn.core.mail.commands import mail
from inkhorn.core.mail.letters import LetterState
from inkhorn.core.mail.sending import ServerAway
from tests.mail.conftest import deliver, kept, the_letter, write
from tests.sinks import make_certificate, running_sink


def run(*words):
    done = CliRunner().invoke(mail, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def in_state(state, to="rhea@example.org", **more):
    write(to, purpose=to)
    with transaction():
        letter = kept()[-1]
        letter.state = state
        for name, value in more.items():
            setattr(letter, name, value)
    return letter


def noted():
    return [entry.action for entry in session().scalars(audit.entries(audit.Wanted(action="mail.")))]


def test_a_test_letter_leaves_now_and_every_step_is_told(database, configured, tmp_path):
    with running_sink(security="starttls", certificate=make_certificate(tmp_path), password="oakum") as sink:
        configured(**sink.settings, mail_from="inkhorn@slowferry.example")
        told = run("test", "ida@example.org").splitlines()
    assert [line.split(" ")[0] for line in told] == ["Calling", "127.0.0.1", "The", "It", "It", "It", "It"]
    assert told[-1] == "It took the letter: 250 kept."
    assert [each.to for each in sink.received] == ["ida@example.org"]
    assert kept() == []
    assert noted() == ["mail.tested"]


def test_a_letter_that_is_not_taken_says_why(posting):
    posting.refused = {"nobody@example.org"}
    with pytest.raises(Conflict, match=r"did not take the letter: 550 5.1.1"):
        run("test", "nobody@example.org")


def test_a_server_that_wants_it_later_is_no_reason_to_worry(posting):
    posting.mode = "tired"
    with pytest.raises(Conflict, match="tried again by themselves"):
        run("test", "ida@example.org")


def test_a_server_that_relays_nothing_tells_what_to_set(posting):
    posting.mode = "refuses relaying"
    with pytest.raises(Conflict, match=r"Relay access denied\. It does not let us send there: see whether smtp_username"):
        run("test", "ida@example.org")


def test_a_server_that_is_away_is_told(posting):
    posting.stop()
    with pytest.raises(ServerAway, match="cannot be reached"):
        run("test", "ida@example.org")


def test_without_a_server_there_is_nothing_to_try(database):
    with pytest.raises(Conflict, match="Set smtp_host"):
        run("test", "ida@example.org")


def test_the_list_shows_what_waits_and_why_but_never_what_it_says(posting):
    posting.refused = {"nobody@example.org"}
    write("nobody@example.org", purpose="1")
    deliver()
    write("rhea@example.org", purpose="2")
    told = run("list")
    assert "refused" in told
    assert "550 5.1.1 no such mailbox" in told
    assert "1 waiting, 0 uncertain, 1 failed." in told
    assert "If you can read it" not in told + run("list", "--json")


def test_a_script_gets_json_of_the_states_it_asks_for(database):
    in_state(LetterState.UNCERTAIN)
    in_state(LetterState.SENT, "wren@example.org")
    (told,) = json.loads(run("list", "--json", "--state", "uncertain"))
    assert (told["to"], told["state"], told["attempts"]) == ("rhea@example.org", "uncertain", 0)


def test_letters_are_sent_again_by_number_or_by_what_became_of_them(database):
    first = in_state(LetterState.UNCERTAIN)
    in_state(LetterState.REFUSED, "a@example.org")
    in_state(LetterState.GIVEN_UP, "b@example.org")
    assert f"Letter {first.id} to rhea@example.org leaves now." in run("retry", str(first.id))
    assert [each["to"] for each in json.loads(run("retry", "--failed", "--json"))] == ["b@example.org", "a@example.org"]
    assert {each.state for each in kept()} == {LetterState.WAITING}
    assert noted() == ["mail.resent"] * 3


def test_the_uncertain_are_sent_again_only_when_asked_for(database):
    in_state(LetterState.UNCERTAIN)
    run("retry", "--uncertain")
    assert the_letter().state is LetterState.WAITING


def test_an_uncertain_letter_is_settled(database):
    letter = in_state(LetterState.UNCERTAIN)
    assert "is settled" in run("settle", str(letter.id))
    assert (the_letter().state, noted()) == (LetterState.SENT, ["mail.settled"])


def test_what_failed_is_put_away_at_once(database):
    for state in LetterState:
        in_state(state, f"{state.value}@example.org", content=None)
    run("settle", "--failed")
    assert {each.to_address.partition("@")[0] for each in kept() if each.state is LetterState.PUT_AWAY} == {
        "refused",
        "given_up",
        "put_away",
    }
    assert (noted(), "There is no letter" in run("settle", "--failed")) == (["mail.put_away"] * 2, True)


def test_what_waits_is_tried_now(database, clock):
    in_state(LetterState.WAITING, next_at=clock.tomorrow())
    run("retry", "--waiting")
    assert the_letter().next_at == clock.now


def test_what_a_server_answers_cannot_move_the_cursor(database):
    letter = in_state(
        LetterState.REFUSED,
        to_address="\x1b]0;owned\x07\x9b1m@example.org",
        answer="550 \x1b[2J\x1b[31mno\r\n\x9b1m",
        subject="\x1b[8m\u202egone",
    )
    told = run("list") + run("settle", str(letter.id))
    assert not set("\x1b\x07\x9b\r\u202e") & set(told)
    assert "550 [2J[31mno" in told


def test_one_that_cannot_be_sent_again_keeps_nobody_back(database, clock):
    in_state(LetterState.REFUSED, "a@example.org")
    in_state(LetterState.GIVEN_UP, "worthless@example.org", expires_at=clock.now - timedelta(minutes=1))
    in_state(LetterState.REFUSED, "gone@example.org", content=None)
    in_state(LetterState.REFUSED, "b@example.org")
    told = run("retry", "--failed")
    assert "2 more cannot be sent again" in told
    assert [each.to_address for each in kept() if each.state is LetterState.WAITING] == ["a@example.org", "b@example.org"]


def test_those_named_are_tried_to_the_last_and_the_exit_code_tells(database):
    gone, good = (in_state(LetterState.REFUSED, to, content=content) for to, content in (("a@example.org", None), ("b@example.org", b"x")))
    done = CliRunner().invoke(mail, ["retry", str(gone.id), "99", str(good.id)])
    assert (done.exit_code, kept()[1].state) == (1, LetterState.WAITING)
    assert f"Letter {gone.id}: What this letter said is no longer kept." in done.output
    assert "Letter 99: There is no such letter here." in done.output


@pytest.mark.parametrize("verb", ["retry", "settle"])
def test_a_letter_there_is_not_is_named(database, verb):
    done = CliRunner().invoke(mail, [verb, "99"])
    assert (done.exit_code, done.output) == (1, "Letter 99: There is no such letter here.\n")


@pytest.mark.parametrize("verb", ["retry", "settle"])
def test_without_numbers_nothing_is_done(database, verb):
    assert CliRunner().invoke(mail, [verb]).exit_code == 2
