"""Signing in: its cost beside one hash of a password, and what twenty at once do to readers' pages; part of `make bench`."""

import argparse
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

from benchmarks.figures import Figure, record
from benchmarks.first_light import filled, pages
from benchmarks.measures import cpu_seconds, drive, free_port, inkhorn, serving

from inkhorn.accounts import passwords

PASSWORD = "correct horse battery staple 7"
# Bar of the issue: all that signing in costs, as a multiple of one hash.
BAR = 1.3


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_told: object) -> None:
        return None


OPENER = urllib.request.build_opener(_Stay)
# By which a browser is known again after its session has ended; the session's own is never sent.
known: dict[int, str] = {}


def sign_in(site: str, number: int, *, is_known: bool = True) -> int:
    """The status of one sign-in, from an address of its own, since one place has ten tries under way; in the person's usual browser, or a new one."""
    fields = urllib.parse.urlencode({"email": f"reader{number}@example.org", "password": PASSWORD}).encode()
    sent = urllib.request.Request(site + "/sign-in", fields, headers={"X-Forwarded-For": f"192.0.2.{number % 250}"})
    if is_known and number in known:
        sent.add_header("Cookie", known[number])
    try:
        answer = OPENER.open(sent, timeout=60)
    except urllib.error.HTTPError as redirected:
        answer = redirected
    given = [told.partition(";")[0] for told in answer.headers.get_all("Set-Cookie", [])]
    kept = [each for each in given if each.partition("=")[2] and not each.startswith("inkhorn=")]
    if is_known and kept:
        known[number] = "; ".join(kept)
    return int(answer.status)


def hash_milliseconds(rounds: int) -> float:
    kept = passwords.hash_password(PASSWORD)
    passwords.is_right(PASSWORD, kept)
    began = time.process_time()
    for _ in range(rounds):
        passwords.is_right(PASSWORD, kept)
    return 1000 * (time.process_time() - began) / rounds


def sign_in_milliseconds(site: str, pid: int, rounds: int, *, is_known: bool) -> float:
    """CPU of the server's whole tree for one sign-in, without what it spends doing nothing."""
    for number in range(20):
        sign_in(site, number, is_known=is_known)
    time.sleep(2)
    before, began = cpu_seconds(pid), time.monotonic()
    seen = Counter(sign_in(site, number % 20, is_known=is_known) for number in range(rounds))
    spent, lasted = cpu_seconds(pid) - before, time.monotonic() - began
    assert set(seen) == {303}, seen
    before = cpu_seconds(pid)
    time.sleep(lasted)
    return 1000 * (spent - (cpu_seconds(pid) - before)) / rounds


def cost(site: str, pid: int, rounds: int, repeats: int) -> None:
    for browser, is_known in (("the usual browser", True), ("a new browser and its letter", False)):
        hashes, signs = [], []
        for _ in range(repeats):
            hashes.append(hash_milliseconds(rounds))
            signs.append(sign_in_milliseconds(site, pid, rounds, is_known=is_known))
        one, whole = statistics.median(hashes), statistics.median(signs)
        record(Figure(f"sign-in, {browser}", whole / one, "hashes", BAR, beside=f"{whole:.1f} ms; one argon2id hash {one:.1f} ms"))


def crowd(site: str, pid: int, path: str, seconds: int) -> None:
    """A reader's page alone, and while twenty people sign in again and again."""
    alone = drive(site, path, pid=pid, seconds=seconds, connections=8)
    stop, seen = threading.Event(), Counter()

    def go(number: int) -> None:
        while not stop.is_set():
            seen[sign_in(site, number)] += 1

    people = [threading.Thread(target=go, args=(number,)) for number in range(20)]
    for each in people:
        each.start()
    beside = drive(site, path, pid=pid, seconds=seconds, connections=8)
    stop.set()
    for each in people:
        each.join()
    print(
        f"crowd   a post {alone.per_second:.0f}/s, p99 {alone.p99_ms:.0f} ms alone; beside 20 people signing in ({sum(seen.values()) / seconds:.0f}/s, "
        f"{dict(seen)}) {beside.per_second:.0f}/s, p99 {beside.p99_ms:.0f} ms, errors {beside.errors}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        filled(name, 1000)
        for number in range(20):
            words = ("user", "create", f"reader{number}@example.org", "--name", f"Reader {number}", "--role", "member", "--password-stdin")
            subprocess.run(inkhorn("--data", name, *words), input=PASSWORD.encode(), check=True, capture_output=True)
        command = inkhorn("--data", name, "run", "--port", str(port))
        with serving(command, site + "/", INKHORN_LOG_LEVEL="warning", INKHORN_TRUSTED_PROXIES="1") as (server, _):
            cost(site, server.pid, options.rounds, options.repeats)
            crowd(site, server.pid, pages()["post"], options.seconds)


if __name__ == "__main__":
    main()
