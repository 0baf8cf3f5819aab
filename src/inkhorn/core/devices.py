"""What a browser calls itself, put into words that somebody recognises; what is not certain is not guessed."""

import re
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _

# The first that fits counts: most browsers also claim to be those that came before them.
_BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"(OPR|Opera|OPT|OPiOS)/", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"YaBrowser/", "Yandex Browser"),
    (r"DuckDuckGo/|Ddg/", "DuckDuckGo"),
    (r"(Firefox|FxiOS)/", "Firefox"),
    (r"Chromium/", "Chromium"),
    (r"(Chrome|CriOS|HeadlessChrome)/", "Chrome"),
    (r"Version/[\d.]+ .*Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "ChromeOS"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"(Free|Open|Net)BSD", "BSD"),
    (r"Linux|X11", "Linux"),
)
_HANDHELD = frozenset(("iPhone", "iPad", "Android"))


@dataclass(frozen=True)
class Device:
    """A browser and the system it runs on; empty where it does not say."""

    browser: str
    system: str

    @property
    def is_handheld(self) -> bool:
        return self.system in _HANDHELD

    @property
    def words(self) -> str:
        """Such as "Firefox on Linux"."""
        browser = self.browser or _("Unknown browser")
        return _("%(browser)s on %(system)s", browser=browser, system=self.system) if self.system else browser


@lru_cache(maxsize=1024)
def device_of(user_agent: str | None) -> Device:
    """What the header tells, which anybody can write as they like: words for people, never a reason to trust."""
    told = (user_agent or "")[:300]
    return Device(browser=_first(_BROWSERS, told), system=_first(_SYSTEMS, told))


def _first(names: tuple[tuple[str, str], ...], told: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, told)), "")
