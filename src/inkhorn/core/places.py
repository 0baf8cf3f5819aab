"""Places that are few, such as threads for large files: so many in all, and for each network address no more than its share."""

import ipaddress
import threading
from collections import Counter

from inkhorn.core.limits import place_of

# As what ::1 is counted by.
_LOOPBACK_NETWORK = place_of("::1")
# Of all places the part that one address may hold.
SHARE = 4


class Places:
    """Counts who holds a place; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most, self._of_one = most, max(1, most // SHARE)
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, address: str) -> bool:
        """A place for whoever asks from there; False where all are taken, or that address has its share."""
        with self._lock:
            if self._held.total() >= self._most or (self._held[address] >= self._of_one and not _is_shared(address)):
                return False
            self._held[address] += 1
            return True

    def leave(self, address: str) -> None:
        """Give a place back."""
        with self._lock:
            self._held[address] -= 1
            if self._held[address] <= 0:
                del self._held[address]

    @property
    def held(self) -> int:
        return self._held.total()


def _is_shared(address: str) -> bool:
    """Whether it stands for a proxy of this machine that does not tell for whom it asks; then all have the same."""
    if address == _LOOPBACK_NETWORK:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        # A network of IPv6, or nothing that is known.
        return not address
