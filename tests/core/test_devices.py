"""Browsers by the names that people know, and no guess where nothing is told."""

import pytest

from inkhorn.core.devices import device_of

LINUX_CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        (LINUX_CHROME, "Chrome on Linux"),
        (LINUX_CHROME.replace("Chrome/", "HeadlessChrome/"), "Chrome on Linux"),
        (LINUX_CHROME.replace("Linux x86_64", "CrOS x86_64 14541.0.0"), "Chrome on ChromeOS"),
        (f"{WINDOWS} Edg/140.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} OPR/120.0.0.0", "Opera on Windows"),
        (f"{WINDOWS} Vivaldi/7.5", "Vivaldi on Windows"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130 Safari/537.36", "Samsung Internet on Android"),
        ("curl/8.14.1", "Unknown browser"),
        ("Something (Windows NT 10.0)", "Unknown browser on Windows"),
        ("Firefox/140.0", "Firefox"),
        ("", "Unknown browser"),
        (None, "Unknown browser"),
        ("<script>alert(1)</script>" * 1000, "Unknown browser"),
        ("Version/" + "1." * 100_000, "Unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_in_words(app, told, words):
    with app.test_request_context():
        assert device_of(told).words == words


@pytest.mark.parametrize(("system", "is_handheld"), [("iPhone", True), ("iPad", True), ("Android", True), ("Linux", False), ("", False)])
def test_what_lies_in_a_hand(system, is_handheld):
    assert device_of(f"Firefox/140.0 ({system})").is_handheld is is_handheld
