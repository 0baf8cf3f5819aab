"""Starts a site where there is no network but the machine's own, asks it for pages, and prints how long each took: python -m … DATA."""

import json
import sys
import time
from pathlib import Path

from tests.faults.writers import SETTINGS, Program, ask, make_key
from tests.running import RunningSite

# Nobody can be looked up there, and nobody answers.
OUTSIDE = {
    "INKHORN_SMTP_HOST": "mail.example.org",
    "INKHORN_MAIL_FROM": "inkhorn@example.org",
    "INKHORN_OIDC_ISSUER": "https://login.example.org",
    "INKHORN_OIDC_CLIENT_ID": "only-for-tests",
    "INKHORN_OIDC_CLIENT_SECRET": "only-for-tests-only-for-tests",
}
PATHS = ("/", "/archive/", "/sign-in", "/feed.xml", "/search?q=fog", "/sitemap.xml")
ROUNDS = 10


def main(data: Path) -> None:
    site = RunningSite(data, environment=SETTINGS | OUTSIDE)
    program = Program(site, make_key(data, site.environment))
    site.start()
    try:
        for number in range(ROUNDS):
            for path in PATHS:
                began = time.monotonic()
                status = ask(site.port, "GET", path).status
                print(json.dumps({"path": path, "status": status, "seconds": time.monotonic() - began}))
            began = time.monotonic()
            status = program.send("POST", "/posts", {"title": f"Number {number}", "status": "published", "body": "Fog."}).status
            print(json.dumps({"path": "POST /posts", "status": status, "seconds": time.monotonic() - began}))
    finally:
        site.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
