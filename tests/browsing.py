"""The machine's own Chromium, one for the run of a worker; no test tool downloads another."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

# The shell is the same browser without a window of any kind.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
# Others may keep the machine busy; what never comes is found out all the same.
PATIENCE_MS = 120_000
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run of a worker."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--headless=old"])
        make = browser.new_context

        def patient_context(**options: Any) -> BrowserContext:
            # A fleet's proxy has a certificate by an authority of the tests' own.
            context = make(ignore_https_errors=os.environ.get("INKHORN_TEST_THROUGH") == "fleet", **options)
            context.set_default_timeout(PATIENCE_MS)
            return context

        browser.new_context = patient_context  # type: ignore[method-assign]
        yield browser
        browser.close()
