"""Libraries bring others along wherever those are installed; a site that starts does without the ones that it does not use through them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def leaving_out(*names: str) -> Iterator[None]:
    """To what is imported in the block these packages are not installed; whoever wants one afterwards gets it as ever."""
    left_out = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(left_out))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in left_out:
            sys.modules.pop(name, None)
