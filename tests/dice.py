"""How often a fault is tried, the seed of its chances, and the line that tells of both: INKHORN_TEST_KILLS=200 INKHORN_TEST_SEED=7 ask for them."""

import json
import os
import random
from pathlib import Path

SEED = int(os.environ.get("INKHORN_TEST_SEED") or random.SystemRandom().randrange(10**9))
# A file that `make faults` reads afterwards.
BOOK = os.environ.get("INKHORN_TEST_BOOK")


def times(usual: int) -> int:
    """How often it is tried: as usual, unless the environment asks for the long form."""
    return int(os.environ.get("INKHORN_TEST_KILLS") or usual)


def dice() -> random.Random:
    return random.Random(SEED)


def tell(done: int, of: int, what: str) -> None:
    """Say how many of them went well, for whoever reads what a test printed and for the table of `make faults`."""
    line = {"test": os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0], "done": done, "of": of, "what": what, "seed": SEED}
    print(f"{done} of {of} {what}, seed {SEED}")
    if BOOK:
        with Path(BOOK).open("a", encoding="utf-8") as book:
            book.write(json.dumps(line) + "\n")
