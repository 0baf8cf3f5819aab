"""Who asks a service that fell silent: nobody for a while, then one, and everybody once it answers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from inkhorn.core import breakers
from inkhorn.core.breakers import Breaker, LeftAlone

REST, PATIENCE_SECONDS = 5.0, 60


class Service:
    def __init__(self) -> None:
        self.asked, self.error = 0, None

    def __call__(self) -> str:
        self.asked += 1
        if self.error:
            raise self.error
        return "here"


@pytest.fixture
def now(monkeypatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr(breakers, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    return moment


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(REST, is_silence=lambda error: isinstance(error, TimeoutError))


def fall_silent(service: Service, breaker: Breaker) -> None:
    service.error = TimeoutError()
    with pytest.raises(TimeoutError):
        breaker.ask(service)


def test_what_fell_silent_is_left_alone_and_asked_again(now, service, breaker):
    fall_silent(service, breaker)
    for _ in range(3):
        with pytest.raises(LeftAlone):
            breaker.ask(service)
    assert service.asked == 1
    now[0] += REST
    with pytest.raises(TimeoutError):
        breaker.ask(service)
    with pytest.raises(LeftAlone):
        breaker.ask(service)
    now[0] += REST
    service.error = None
    assert [breaker.ask(service) for _ in range(3)] == ["here"] * 3


def test_a_refusal_is_an_answer(now, service, breaker):
    service.error = PermissionError()
    for _ in range(3):
        with pytest.raises(PermissionError):
            breaker.ask(service)
    assert service.asked == 3


def test_one_alone_waits_to_find_out_whether_it_is_back(now, service, breaker):
    fall_silent(service, breaker)
    now[0] += REST
    asked, may_answer = threading.Event(), threading.Event()

    def slowly() -> str:
        asked.set()
        may_answer.wait(PATIENCE_SECONDS)
        return "here"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(breaker.ask, slowly)
        assert asked.wait(PATIENCE_SECONDS)
        with pytest.raises(LeftAlone):
            breaker.ask(service)
        may_answer.set()
        assert first.result(PATIENCE_SECONDS) == "here"
    service.error = None
    assert breaker.ask(service) == "here"
