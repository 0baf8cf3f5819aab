"""The operator's commands about letters: try the server, list what waits or failed, decide about it."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import Select

from inkhorn.core import audit
from inkhorn.core.access import Actor, House, open_to, operator
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.mail import deciding, letters, trying
from inkhorn.core.mail.assembling import on_one_line
from inkhorn.core.mail.deciding import FAILED
from inkhorn.core.mail.delivering import hurry
from inkhorn.core.mail.letters import LONGEST_ANSWER, LONGEST_SUBJECT, Letter, LetterState


@click.group("mail")
def mail() -> None:
    """Try the mail server, and see to letters that wait, failed or may have arrived."""


@mail.command("test")
@click.argument("address")
@open_to(operator)
def test_mail(address: str) -> None:
    """Hand a test letter for ADDRESS to the mail server now and tell each step; exit code 1 if it is not taken."""
    with transaction():
        audit.record(House(), "mail.tested", None, to=address)
    trying.try_server(address, by=House(), tell=click.echo)


@mail.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice([each.value for each in LetterState]), help="Only these; may be given twice."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON list for scripts.")
@open_to(operator)
def list_letters(states: tuple[str, ...], limit: int, *, as_json: bool) -> None:
    """Letters, the newest first; what they say is never shown."""
    found = session().scalars(letters.letters(*map(LetterState, states)).limit(limit)).all()
    if as_json:
        click.echo(json.dumps([_told(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        click.echo(
            f"{each.id:>8}  {each.state.value:<9}  {each.created_at:%Y-%m-%d %H:%M}  {each.attempts}  {_shown(each.to_address)}  {_shown(each.subject)}"
        )
        if each.answer and each.state is not LetterState.SENT:
            click.echo(f"          {on_one_line(each.answer, LONGEST_ANSWER)}")
    counts = letters.letter_counts()
    click.echo(f"{counts.waiting} waiting, {counts.uncertain} uncertain, {counts.failed} failed.")


@mail.command("retry")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--failed", is_flag=True, help="All that were refused or given up and whose words are still kept.")
@click.option("--waiting", is_flag=True, help="All that wait for their next try; they are tried now.")
@click.option("--uncertain", is_flag=True, help="All that may have arrived; some people may then get the same letter again.")
@click.option("--json", "as_json", is_flag=True)
@open_to(operator)
def retry_letters(numbers: tuple[int, ...], *, failed: bool, waiting: bool, uncertain: bool, as_json: bool) -> None:
    """Send letters NUMBERS again, as the same letters, or now if they wait; exit code 1 if one of them cannot be."""
    asked = ((failed, FAILED), (waiting, (LetterState.WAITING,)), (uncertain, (LetterState.UNCERTAIN,)))
    states = [state for is_asked, those in asked if is_asked for state in those]
    chosen = [*numbers, *(_numbers(deciding.resendable_letters(*states)) if states else ())]
    refused = _act_on(chosen, deciding.resend_letter, "leaves now", is_bulk=bool(states), as_json=as_json)
    with transaction():
        hurry()
    if states and (gone := deciding.worthless_count(*states)):
        click.echo(f"{gone} more cannot be sent again: what they said is no longer kept, or worth nothing by now.", err=True)
    if refused:
        sys.exit(1)


@mail.command("settle")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--failed", is_flag=True, help="All that were refused or given up.")
@click.option("--json", "as_json", is_flag=True)
@open_to(operator)
def settle_letters(numbers: tuple[int, ...], *, failed: bool, as_json: bool) -> None:
    """Note that the uncertain letters NUMBERS arrived, or put away those that failed; what they said is forgotten."""
    chosen = [*numbers, *(_numbers(letters.letters(*FAILED)) if failed else ())]
    if _act_on(chosen, deciding.settle_letter, "is settled", is_bulk=failed, as_json=as_json):
        sys.exit(1)


def _act_on(chosen: list[int], verb: Callable[..., None], done: str, *, is_bulk: bool = False, as_json: bool) -> int:
    """Decide about each by itself, telling of it; how many could not be decided so."""
    if not chosen and not is_bulk:
        raise click.UsageError("Name letters by their numbers; inkhorn mail list shows them.")
    by: Actor = House()
    told, refused = [], 0
    for number in dict.fromkeys(chosen):
        try:
            with transaction():
                letter = letters.get_letter(number)
                verb(letter, by=by)
        except InkhornError as error:
            # One that cannot be helped must not keep the others back.
            refused += 1
            click.echo(f"Letter {number}: {error}", err=True)
            continue
        told.append(_told(letter))
        if not as_json:
            click.echo(f"Letter {letter.id} to {_shown(letter.to_address)} {done}.")
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif not chosen:
        click.echo("There is no letter of that kind.")
    return refused


def _shown(text: str) -> str:
    """What others wrote, without what could move or colour a terminal."""
    return on_one_line(text, LONGEST_SUBJECT)


def _numbers(chosen: Select[Letter]) -> list[int]:
    return list(session().scalars(chosen.with_only_columns(Letter.id)))


def _told(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "to": letter.to_address,
        "subject": letter.subject,
        "kind": letter.kind,
        "state": letter.state.value,
        "attempts": letter.attempts,
        "answer": letter.answer,
        "message_id": letter.message_id,
        **{
            name: moment.isoformat() if (moment := getattr(letter, name)) else None
            for name in ("created_at", "next_at", "tried_at", "sent_at")
        },
    }


GROUPS: tuple[click.Command, ...] = (mail,)
