"""Pages by https through nginx with the shipped file, over kept connections: handed on to Inkhorn, and kept by nginx for a few seconds."""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, record
from benchmarks.first_light import filled, pages
from benchmarks.measures import await_quiet, cpu_seconds, drive, free_port, inkhorn, serving
from tests.behind import running_nginx

# Of the issue: CPU milliseconds of nginx and Inkhorn together.
BAR = 0.012
SETTINGS = {"INKHORN_TRUSTED_PROXIES": "1", "INKHORN_SITE_URL": "https://localhost"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        # nginx gives its own rights away, and must still find what it keeps.
        Path(name).chmod(0o755)
        filled(f"{name}/data", 200)
        for keeps, seconds, words in ((False, "0", "handed on"), (True, "2", "kept by nginx for 2 s")):
            port, folder = free_port(), Path(name) / f"nginx-{seconds}"
            folder.mkdir()
            command = inkhorn("--data", f"{name}/data", "run", "--port", str(port))
            with (
                serving(command, f"http://127.0.0.1:{port}/healthz", INKHORN_CDN_SECONDS=seconds, **SETTINGS) as (server, _first),
                running_nginx(folder, port, keeps_pages=keeps) as (_http, https),
            ):
                await_quiet(Path(f"{name}/data"))
                nginx = int((folder / "nginx.pid").read_text())
                path = pages(200)["post"]
                drive(f"https://localhost:{https}", path, pid=nginx, seconds=1)
                spent = []
                for _round in range(options.rounds):
                    before = cpu_seconds(server.pid)
                    load = drive(f"https://localhost:{https}", path, pid=nginx, seconds=options.seconds)
                    inkhorn_ms = 1000 * (cpu_seconds(server.pid) - before) / load.requests
                    spent.append((load.cpu_ms + inkhorn_ms, load.cpu_ms, load.per_second, load.errors))
            whole, proxy, rate, errors = (statistics.median(each) for each in zip(*spent, strict=True))
            beside = f"nginx {proxy:.3f} ms, TLS included, Inkhorn {whole - proxy:.3f} ms; {rate:,.0f} a second; {errors:.0f} errors"
            record(Figure(f"post behind nginx, {words}", whole, "ms", BAR, beside=beside))


if __name__ == "__main__":
    main()
