"""Moderators and guests who comment at a steady pace over HTTP, and note in a witness ledger what they asked and what they were told."""

import json
import random
import re
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any

from tests.witness import Ledger

# A form that is sent sooner is taken for a robot's.
SHEET_AGE_SECONDS = 2.2
PATIENCE_SECONDS = 120
# Of ten comments so many are guests'; of a hundred that arrived so many are sent again, as by somebody who presses twice.
GUESTS_OF_TEN, AGAIN_OF_HUNDRED = 2, 5
# Later ones are all moderators': a site writes 300 letters an hour to addresses that nobody has confirmed, and refuses the next guest.
GUESTS_AMONG_FIRST = 1000
# What a connection looks like whose other end was killed: before the answer, in its head, or in its body.
CUT_OFF = (OSError, ValueError, HTTPException)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_told: object) -> None:
        return None


@dataclass
class Commenter:
    """A browser without cookies, for guests; once somebody has signed in, it is theirs."""

    base: str
    posts: list[int] = field(default_factory=list)
    opener: urllib.request.OpenerDirector = field(default_factory=lambda: urllib.request.build_opener(_Stay))
    token: str = ""

    def sign_in(self, email: str, password: str) -> None:
        self.opener = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(CookieJar()))
        page = self.read("/sign-in")
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
        with suppress(urllib.error.HTTPError):
            # It leads on, which is not followed here.
            self.send("/sign-in", dict(hidden) | {"email": email, "password": password})
        self.token = re.findall(r'name="csrf_token" value="([^"]+)"', self.read(f"/comments/on/{self.posts[0]}"))[0]

    def read(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())

    def send(self, path: str, fields: dict[str, str], *, place: str = "127.0.0.1") -> dict[str, Any]:
        headers = {"Accept": "application/json", "X-Forwarded-For": place}
        sent = urllib.request.Request(self.base + path, urllib.parse.urlencode(fields).encode(), headers)
        with self.opener.open(sent, timeout=PATIENCE_SECONDS) as answer:
            return dict(json.loads(answer.read()))


class Crowd:
    """Threads that send so many comments a second between them, each again and again until it is acknowledged."""

    def __init__(self, people: list[Commenter], ledger: Ledger, *, rate: float, seed: int) -> None:
        self._ledger, self._rate, self._seed = ledger, rate, seed
        self._began, self._taken = time.monotonic(), 0
        self._lock, self._is_over = threading.Lock(), threading.Event()
        # Seconds from asking to the acknowledgement, cut connections and all.
        self.took: list[float] = []
        self._threads = [threading.Thread(target=self._write, args=(each, random.Random(f"{seed} {n}"))) for n, each in enumerate(people)]

    def start(self) -> None:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> float:
        """No new ones; those under way are sent until they are acknowledged. The seconds that it took."""
        self._is_over.set()
        lasted = time.monotonic() - self._began
        for thread in self._threads:
            thread.join()
        return lasted

    def _next(self) -> int | None:
        """Wait for the next comment's turn, whoever writes it; None at the end."""
        with self._lock:
            number, self._taken = self._taken, self._taken + 1
        due = self._began + number / self._rate
        return None if self._is_over.wait(max(0.0, due - time.monotonic())) else number

    def _write(self, who: Commenter, chance: random.Random) -> None:
        guest, sheets = Commenter(who.base), deque[tuple[float, str]]()
        while (number := self._next()) is not None:
            path, body = f"/comments/on/{chance.choice(who.posts)}", f"Word number {number:06}, and *more*."
            if sheets and time.monotonic() - sheets[0][0] > SHEET_AGE_SECONDS:
                self._comment(guest, number, path, _guests(f"{self._seed}-{number}", sheets.popleft()[1]) | {"body": body}, chance)
            else:
                self._comment(who, number, path, {"csrf_token": who.token, "key": secrets.token_hex(12), "body": body}, chance)
            if number < GUESTS_AMONG_FIRST and chance.randrange(10) < GUESTS_OF_TEN:
                with suppress(*CUT_OFF):
                    drawn = json.loads(guest.read("/comments/sheet"))["waiting"]
                    sheets.append((time.monotonic(), drawn))

    def _comment(self, who: Commenter, number: int, path: str, fields: dict[str, str], chance: random.Random) -> None:
        self._ledger.note("asked", f"{number:06}", guest="waiting" in fields)
        began = time.monotonic()
        while (told := self._try(who, number, path, fields)) is None:
            if time.monotonic() - began > PATIENCE_SECONDS:
                self._ledger.note("given up", f"{number:06}")
                return
        self.took.append(time.monotonic() - began)
        if chance.randrange(100) < AGAIN_OF_HUNDRED:
            again = self._try(who, number, path, fields)
            if again is not None and again != told:
                self._ledger.note("told otherwise", f"{number:06}", first=told, then=again)

    def _try(self, who: Commenter, number: int, path: str, fields: dict[str, str]) -> int | None:
        """Send it once; its number in the database where it was acknowledged."""
        what = f"{number:06}"
        # Each guest is at a place of their own, since from one place come ten comments an hour.
        place = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}" if "waiting" in fields else "127.0.0.1"
        try:
            told = who.send(path, fields, place=place)
        except urllib.error.HTTPError as answer:
            self._ledger.note("refused", what, status=answer.code, after=answer.headers.get("Retry-After"), words=answer.read(300).decode())
            time.sleep(0.5)
            return None
        except CUT_OFF as error:
            self._ledger.note("cut off", what, error=type(error).__name__)
            time.sleep(0.02)
            return None
        self._ledger.note("acknowledged", what, number=told["number"])
        return int(told["number"])


def _guests(number: str, waiting: str) -> dict[str, str]:
    return {"waiting": waiting, "name": f"Guest {number}", "email": f"guest{number}@harbour.test"}
