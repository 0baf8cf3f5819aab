"""How the web server looks after its certificate, and how its workers are replaced for a new one."""

import os
import signal
from types import SimpleNamespace

import pytest
from granian.server.mp import MPServer

from inkhorn.core import certificates, serving, streams
from inkhorn.core.certificates import CertificateRefused
from tests.conftest import config_for


@pytest.fixture
def signals(monkeypatch) -> list[int]:
    sent: list[int] = []
    monkeypatch.setattr(serving.os, "kill", lambda pid, number: sent.append(number) if pid == os.getpid() else None)
    return sent


@pytest.mark.parametrize(
    "error", [CertificateRefused("It ended."), OSError("Gone."), ValueError("Odd."), AttributeError(), RecursionError()]
)
def test_nothing_ends_the_looking_and_each_reason_is_told_once(tmp_path, monkeypatch, caplog, signals, error):
    def refuse(_config):
        raise error

    monkeypatch.setattr(certificates, "pair_of", refuse)
    known, told = serving.look_again(config_for(tmp_path, https=True), (1,), "")
    assert (known, told) == ((1,), str(error) or type(error).__name__)
    serving.look_again(config_for(tmp_path, https=True), known, told)
    assert [record.message for record in caplog.records].count("certificate_refused") == 1
    assert signals == []


def test_other_files_have_the_workers_replaced_once(tmp_path, signals):
    config = config_for(tmp_path, https=True)
    before = certificates.pair_of(config)
    known, told = serving.look_again(config, before.state, "")
    assert signals == []
    before.cert.unlink()
    known, told = serving.look_again(config, known, told)
    assert signals == [signal.SIGHUP]
    serving.look_again(config, known, told)
    assert signals == [signal.SIGHUP]


def test_those_who_are_replaced_end_their_streams_and_have_longer_for_their_answers(monkeypatch):
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(streams, "_ending", bytearray(1))
    monkeypatch.setattr(MPServer, "_reload", lambda server, *_: seen.append((server.workers_kill_timeout, streams._ending[0])))
    server = serving.WebServer("x", workers_kill_timeout=25)
    server._reload(None, None)
    assert seen == [(serving.RENEWAL_SECONDS, 1)]
    assert server.workers_kill_timeout == serving.STOP_SECONDS[signal.SIGTERM]


@pytest.mark.parametrize(("sent", "seconds"), [([signal.SIGTERM], 25), ([signal.SIGINT], 5), ([signal.SIGINT, signal.SIGTERM], 5)])
def test_a_manager_waits_longer_for_answers_than_a_person(sent: list[signal.Signals], seconds: int):
    server = serving.WebServer("x", workers_kill_timeout=25)
    for number in sent:
        server.signal_handler_interrupt(number, None)
    assert (server.interrupt_signal, server.workers_kill_timeout) == (True, seconds)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_a_renewal_takes_is_not_had_again_at_the_end(monkeypatch, number: signal.Signals):
    seen: list[int] = []
    now = [1000.0]
    monkeypatch.setattr(streams, "_ending", bytearray(1))
    monkeypatch.setattr(serving, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(MPServer, "_stop_workers", lambda server: seen.append(server.workers_kill_timeout))

    def renew(server: serving.WebServer, *_told: object) -> None:
        server.signal_handler_interrupt(number, None)
        seen.append(server.workers_kill_timeout)
        now[0] += 4

    monkeypatch.setattr(MPServer, "_reload", renew)
    server = serving.WebServer("x", workers_kill_timeout=25)
    server._reload(None, None)
    server._stop_workers()
    assert seen == [min(serving.RENEWAL_SECONDS, serving.STOP_SECONDS[number]), serving.STOP_SECONDS[number] - 4]
