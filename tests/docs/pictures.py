"""Takes the pictures of docs/pictures anew: `python -m tests.docs.pictures`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browsing import CHROMIUM, FLAGS
from tests.demo import SETTINGS, make_demo
from tests.docs.tree import DOCS
from tests.docs.walk import Album, first_post, sights
from tests.running import RunningSite


def main() -> None:
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--headless=old"])
        album = Album(DOCS / "pictures")
        empty = RunningSite(Path(folder) / "empty", environment=SETTINGS).start()
        try:
            first_post(browser.new_page(), empty.setup_address(), album)
        finally:
            empty.stop()
        make_demo(Path(folder) / "demo", SETTINGS)
        demo = RunningSite(Path(folder) / "demo", environment=SETTINGS).start()
        try:
            sights(browser.new_page(), demo.base, album)
        finally:
            demo.stop()
        browser.close()


if __name__ == "__main__":
    main()
