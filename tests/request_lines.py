"""The lines of requests, which are written past the loggers, for tests that look for what must not stand in them."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from inkhorn.core.access_log import AccessLog
from inkhorn.core.logs import ACCESS_LOG, redact_for


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def handle(self, record: logging.LogRecord) -> bool:
        self.lines.append(record.getMessage())
        return True


@pytest.fixture
def request_lines(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by a line with each request to the application of the run."""
    heard = _Heard()
    clean = redact_for(app.extensions["inkhorn.config"]).clean_text
    monkeypatch.setitem(app.extensions, ACCESS_LOG, AccessLog(heard, is_json=True, addresses="full", clean=clean))
    return heard.lines


@pytest.fixture(scope="module", autouse=True)
def _level_of_the_log() -> Iterator[None]:
    """Each file finds the root logger at its own level, whatever an application of an earlier file was told."""
    yield
    logging.getLogger().setLevel(logging.WARNING)
