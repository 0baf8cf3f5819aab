"""Runs an import: a batch a transaction, so that killed at any time and run again it ends the same."""

import logging
from collections.abc import Iterable, Iterator

from sqlalchemy.exc import OperationalError

from inkhorn.accounts.models import User
from inkhorn.core.access import Actor
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError, Unavailable
from inkhorn.transfer.manuscript import ForeignAuthor, ForeignRedirect, Manuscript, Problem, Progress, Record, Source
from inkhorn.transfer.services.carrying import Item, carry, end_journey, weigh
from inkhorn.transfer.services.journey import Journey, Options, begin_journey, recall
from inkhorn.transfer.services.judging import Judged
from inkhorn.transfer.services.reporting import Report
from inkhorn.transfer.services.unpacking import Unpacked, unpack

log = logging.getLogger(__name__)

# Texts held at once; a batch of giants is cut short here.
MOST_CHARACTERS = 4_000_000


def run_import(source: Source, *, by: Actor, options: Options, progress: Progress | None = None) -> Report:
    """Carry a source over; InkhornError where nothing of it can be."""
    journey = begin_journey(source, by=by, options=options)
    total = source.count()
    done = 0
    for batch in batches(source.records(), options.batch):
        _carry_batch(journey, batch)
        done += sum(isinstance(record, Manuscript | Problem) for record in batch)
        if progress is not None:
            progress(done, total)
    with transaction():
        return end_journey(journey)


def batches(records: Iterable[Record], most: int) -> Iterator[list[Record]]:
    """Handfuls of so many manuscripts at most, and of a bounded size."""
    batch: list[Record] = []
    manuscripts = characters = 0
    for record in records:
        batch.append(record)
        if isinstance(record, Manuscript):
            manuscripts += 1
            characters += len(record.body)
        if manuscripts >= most or len(batch) >= 20 * most or characters > MOST_CHARACTERS:
            yield batch
            batch, manuscripts, characters = [], 0, 0
    if batch:
        yield batch


def _carry_batch(journey: Journey, batch: list[Record]) -> None:
    items = [weigh(journey, record) for record in batch]
    if journey.options.is_dry_run:
        for item in items:
            carry(journey, item, Unpacked())
        # Reads only: let go of the snapshot, or a long run would hold up the checkpoints.
        session().rollback()
        return
    to_write = [item.manuscript for item in items if isinstance(item, Judged) and item.is_to_be_written]
    with unpack(to_write, fetch_media=journey.options.fetch_media) as unpacked:
        try:
            _within_transaction(journey, items, unpacked)
        except (OperationalError, Unavailable):
            raise
        except Exception:
            log.exception("import_batch_failed")
            for item in items:
                _carry_alone(journey, item, unpacked)


def _within_transaction(journey: Journey, items: list[Item], unpacked: Unpacked) -> None:
    mark = journey.report.mark()
    try:
        with transaction():
            for item in items:
                carry(journey, item, unpacked)
    except BaseException:
        journey.report.rewind(mark)
        recall(journey)
        raise
    finally:
        _let_go()


def _let_go() -> None:
    """What was written is not needed again; a large source would fill the memory with it."""
    for held in list(session()):
        # Whoever acts may be among the people.
        if held in session() and not isinstance(held, User):
            session().expunge(held)


def _carry_alone(journey: Journey, item: Item, unpacked: Unpacked) -> None:
    """One item in a transaction of its own, so that one bad item costs itself alone."""
    try:
        _within_transaction(journey, [item], unpacked)
    except (OperationalError, Unavailable):
        raise
    except InkhornError as error:
        journey.report.note(Problem("lost", name_of(item), "refused", str(error)))
    except Exception as error:
        log.exception("import_item_failed")
        journey.report.note(
            Problem("lost", name_of(item), "failed", f"It could not be written ({type(error).__name__}); the log says more.")
        )


def name_of(item: Item) -> str:
    """What a person would look for."""
    match item:
        case Judged():
            return item.manuscript.key
        case ForeignAuthor():
            return item.name
        case ForeignRedirect():
            return item.path
        case Problem():
            return item.where
    return "site"
