"""A site at rest: nobody serves it and nobody works for it while the block runs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from inkhorn.core.config import Config
from inkhorn.core.runner import take_lock
from inkhorn.core.starting import lock_folder


@contextmanager
def at_rest(config: Config) -> Iterator[None]:
    """While no site and no runner works on the data folder; StartRefused or RunnerBusy where one does."""
    with ExitStack() as held:
        if config.data.is_dir():
            held.enter_context(lock_folder(config))
            runner, _family = take_lock(config.data, is_needed=True)
            if runner is not None:
                held.enter_context(runner)
        yield
