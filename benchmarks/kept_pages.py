"""What a page costs that is given out from memory, beside the same bytes from a bare WSGI function on the same server, in one run."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, record
from benchmarks.first_light import filled, pages
from benchmarks.measures import await_quiet, compare, free_port, inkhorn, serving

# Bars of the issue: CPU milliseconds of the server's tree a request, and the share of the bare function's requests a second.
CPU_BAR, SHARE_BAR = 0.035, 0.80


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--posts", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        filled(name, options.posts)
        with serving(inkhorn("--data", name, "run", "--port", str(port)), site + "/") as (server, _first):
            await_quiet(Path(name))
            for page, path in pages(options.posts).items():
                seen = compare(site, server.pid, path, floor="benchmarks.bare_wsgi:app", seconds=options.seconds, rounds=options.rounds)
                # A feed of 145 kB costs more to hand on, whoever does it.
                bars = (None, None) if page == "feed" else (CPU_BAR, SHARE_BAR)
                record(Figure(f"{page}, kept", seen.cpu_ms, "ms", bars[0], beside=seen.in_words("bare WSGI")))
                record(
                    Figure(f"{page}, kept: share of bare WSGI", seen.per_second / seen.floor_per_second, "of it", bars[1], is_least=True)
                )


if __name__ == "__main__":
    main()
