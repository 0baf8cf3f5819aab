"""How often things may be tried: counts that every process shares, and that never let more through because a store is away."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2s

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.strategies import FixedWindowRateLimiter

from inkhorn.core import clock
from inkhorn.core.config import Config
from inkhorn.core.errors import InkhornError
from inkhorn.core.limit_stores import SCHEME, HouseStorage
from limits import RateLimitItem, parse_many

# Whoever has an IPv6 address has all of its /64.
IPV6_NETWORK_BITS = 64


@dataclass(frozen=True)
class Limit:
    """How often something may be done for each key, as "10 per 5 minutes; 50 per day"; every window must have room."""

    name: str
    rates: str

    @property
    def windows(self) -> tuple[RateLimitItem, ...]:
        return _windows(self.rates)


# Every limit of the house. Those of the doors are what the largest index of Python packages asks of its own (2026):
# a right answer gives its try back, so that they bound guessing and not use.
SIGN_IN_ACCOUNT = Limit("sign_in.account", "10 per 5 minutes")
SIGN_IN_PLACE = Limit("sign_in.place", "10 per 5 minutes; 100 per hour")
SIGN_IN_ALL = Limit("sign_in.all", "1000 per 5 minutes")
SECOND_FACTOR = Limit("second_factor", "5 per 5 minutes; 20 per hour; 50 per day")
PROOF = Limit("proof", "10 per 5 minutes; 50 per day")
MAIL_CODE = Limit("mail_code", "5 per 1 hour")
PASSKEY_PLACE = Limit("passkey.place", "60 per 5 minutes")
PROVIDER_PLACE = Limit("provider.place", "60 per 5 minutes")
RESET_ACCOUNT = Limit("reset.account", "5 per day")
RESET_PLACE = Limit("reset.place", "20 per hour")
LINK_ACCOUNT = Limit("link.account", "5 per hour")
LINK_PLACE = Limit("link.place", "20 per hour")
JOIN_ADDRESS = Limit("join.address", "5 per day")
JOIN_PLACE = Limit("join.place", "10 per hour")
JOIN_ALL = Limit("join.all", "300 per hour")
CONFIRM_AGAIN = Limit("confirm_again", "4 per hour")
CONFIRM_AGAIN_ADDRESS = Limit("confirm_again.address", "5 per day")
NEW_EMAIL = Limit("new_email", "2 per day")
USERNAME = Limit("username", "5 per day")
INVITE = Limit("invite", "500 per day")
INVITE_ADDRESS = Limit("invite.address", "5 per day")
CHALLENGE_PLACE = Limit("challenge.place", "60 per 10 minutes")
EXPORT = Limit("export", "10 per hour")
PORTRAIT = Limit("portrait", "10 per hour")
FETCH = Limit("fetch", "60 per hour")
WITHOUT_SCRIPT_PLACE = Limit("without_script.place", "10 per hour")
COMMENT_PERSON = Limit("comment.person", "1 per 15 seconds; 60 per hour")
COMMENT_PLACE = Limit("comment.place", "10 per hour")
# Each is drawn, before anything tells people from robots.
COMMENT_LOOK = Limit("comment.look", "60 per 10 minutes")
COMMENT_LETTER = Limit("comment.letter", "5 per day")
# Letters to addresses that nobody has confirmed, whoever asks for them.
COMMENT_LETTER_ALL = Limit("comment.letter.all", "300 per hour")
COMMENT_REACTION = Limit("comment.reaction", "100 per hour")
REPORT_PLACE = Limit("report.place", "20 per hour")
# Five a second, as somebody types; who is refused waits ten seconds at most.
SEARCH = Limit("search", "50 per 10 seconds")
TEST_LETTER = Limit("test_letter", "10 per hour")

# What programs may ask of /api: by the key they show, by whose account it is, and by the address they come from.
API_KEY = Limit("api.key", "600 per minute")
API_ACCOUNT = Limit("api.account", "900 per minute")
API_PLACE = Limit("api.place", "1200 per minute")
API_STRANGER = Limit("api.stranger", "300 per minute")
# Keys and tokens that were not good.
API_REFUSED = Limit("api.refused", "60 per 5 minutes")


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with a limit of one window, after one more was counted."""

    name: str
    quota: int
    window_seconds: int
    left: int
    # Seconds of the epoch.
    ends_at: float

    def seconds_to_reset(self) -> int:
        return max(1, round(self.ends_at - clock.now().timestamp()))


class TooMany(InkhornError):
    """The limit is used up; the sentence says for how long."""

    status = 429

    def __init__(self, wait: timedelta, *, is_first: bool = False) -> None:
        # The first that is refused in a window; whoever notes refusals notes this one.
        self.is_first = is_first
        self.retry_after_seconds = max(1, round(wait.total_seconds()))
        super().__init__(f"Too many tries. Wait {in_words(self.retry_after_seconds)} and try again.")


def init_app(app: Flask, loaded: Config) -> None:
    limiter = Limiter(
        get_remote_address,
        storage_uri=f"{SCHEME}://",
        storage_options={"config": loaded},  # type: ignore[dict-item] # handed on to our own storage
        strategy="fixed-window",
        swallow_errors=False,
    )
    # On an application of its own: no view of ours is decorated, and what the library does around every request would be for nothing.
    limiter.init_app(Flask("limits"))
    app.extensions["inkhorn.limits"] = limiter


def spend(limit: Limit, *key: str) -> None:
    """Count one more; TooMany, with nothing counted in the windows that had room, once one of them is full."""
    counting, words = _counting(), _words(limit, key)
    counted: list[RateLimitItem] = []
    for window in limit.windows:
        if not counting.hit(window, *words):
            for other in counted:
                _take_back(other, words)
            is_first = counting.storage.get(window.key_for(*words)) == window.amount + 1
            raise TooMany(_wait(window, words), is_first=is_first)
        counted.append(window)


def spend_and_tell(limit: Limit, *key: str) -> Standing:
    """Count one more of a limit with one window, and say what is left; TooMany once it is full."""
    (window,) = limit.windows
    words = _words(limit, key)
    hits, ends_at = _storage().count(window.key_for(*words), window.get_expiry())
    if hits > window.amount:
        raise TooMany(_wait(window, words), is_first=hits == window.amount + 1)
    return Standing(limit.name, window.amount, window.get_expiry(), window.amount - hits, ends_at)


def used_up(limit: Limit, *key: str) -> Standing:
    """Where somebody stands for whom spend_and_tell() found no room."""
    (window,) = limit.windows
    return Standing(limit.name, window.amount, window.get_expiry(), 0, _storage().get_expiry(window.key_for(*_words(limit, key))))


def refuse_spent(limit: Limit, *key: str) -> None:
    """TooMany where spend() would say so; counts nothing."""
    counting, words = _counting(), _words(limit, key)
    for window in limit.windows:
        if not counting.test(window, *words):
            raise TooMany(_wait(window, words))


def left(limit: Limit, *key: str) -> int:
    """How often spend() would still succeed now."""
    counting, words = _counting(), _words(limit, key)
    return max(0, min(counting.get_window_stats(window, *words).remaining for window in limit.windows))


def give_back(limit: Limit, *key: str) -> None:
    """Take one spend() back: what was counted turned out to be harmless."""
    for window in limit.windows:
        _take_back(window, _words(limit, key))


def clear(limit: Limit, *key: str) -> None:
    """Forget what was counted for this key."""
    counting, words = _counting(), _words(limit, key)
    for window in limit.windows:
        counting.clear(window, *words)


def place_of(address: str | None) -> str:
    """What tries from a network address are counted by: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return (address or "")[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))


def reset() -> None:
    """Forget every count; for tests."""
    _counting().storage.reset()


def in_words(seconds: int) -> str:
    """A wait as people say it: "1 minute", "40 seconds", "3 hours"."""
    for length, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds > length * 0.9:
            number = -(-seconds // length)
            return f"{number} {word}{'s' if number > 1 else ''}"
    return f"{seconds} second{'s' if seconds > 1 else ''}"


def _wait(window: RateLimitItem, words: tuple[str, str]) -> timedelta:
    return timedelta(seconds=_counting().get_window_stats(window, *words).reset_time - clock.now().timestamp())


def _take_back(window: RateLimitItem, words: tuple[str, str]) -> None:
    storage, key = _counting().storage, window.key_for(*words)
    # A count below nothing would be one more try than there are.
    if storage.get(key) > 0:
        storage.incr(key, window.get_expiry(), -1)


def _counting() -> FixedWindowRateLimiter:
    limiter: Limiter = current_app.extensions["inkhorn.limits"]
    counting = limiter.limiter
    assert isinstance(counting, FixedWindowRateLimiter)
    return counting


def _storage() -> HouseStorage:
    storage = _counting().storage
    assert isinstance(storage, HouseStorage)
    return storage


def _words(limit: Limit, key: tuple[str, ...]) -> tuple[str, str]:
    # Whose tries are counted is nobody's business who finds the file.
    return limit.name, blake2s("\0".join(key).encode("utf-8", "replace"), digest_size=16).hexdigest()


@lru_cache(maxsize=256)
def _windows(rates: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(rates))
