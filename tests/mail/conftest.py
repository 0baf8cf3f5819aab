"""A mail server that misbehaves on request, and letters to give it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from inkhorn.core.config import Config
from inkhorn.core.database import session, transaction
from inkhorn.core.mail import letters
from inkhorn.core.mail.composing import write_letter
from inkhorn.core.mail.delivering import deliver_letters
from inkhorn.core.mail.letters import Letter
from tests.sinks import Sink, running_sink

Reconfigure = Callable[..., Config]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def configured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Reconfigure:
    """Gives the running application other settings for the length of the test."""

    def configure(**settings: Any) -> Config:
        told = replace(app.extensions["inkhorn.config"], **settings)
        monkeypatch.setitem(app.extensions, "inkhorn.config", told)
        return told

    return configure


@pytest.fixture
def posting(database: None, sink: Sink, configured: Reconfigure) -> Sink:
    """The application sends to the sink."""
    configured(**sink.settings, mail_from="inkhorn@slowferry.example")
    return sink


def write(to: str = "rhea@example.org", *, purpose: str = "a test", **more: Any) -> bool:
    with transaction():
        return write_letter("core/test", to=to, purpose=purpose, asked_by="Ada", when="today", **more)


def deliver() -> list[Letter]:
    """Every letter after the outbox was emptied once, the first first."""
    deliver_letters()
    return kept()


def kept() -> list[Letter]:
    session().expire_all()
    return list(session().scalars(letters.letters()))[::-1]


def the_letter() -> Letter:
    (only,) = kept()
    return only
