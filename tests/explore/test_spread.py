"""Who carries out trials, and what becomes of a piece whose worker dies."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from support.exploring import RETRY, targets

from ctpscen.explore.spread import ATTEMPTS, PIECE, ByExecutor, Here, WorkerDied, in_processes

PLANS = ["", "trader/OnRtnOrder/1:cut"] * PIECE


class Mortal(Executor):
    """An executor whose workers die so many times, at whatever they do then."""

    deaths = 0
    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self._is_broken = False

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
        if self._is_broken:
            raise BrokenProcessPool("broken")
        answer: Future[Any] = Future()
        if type(self).deaths:
            type(self).deaths -= 1
            self._is_broken = True
            answer.set_exception(BrokenProcessPool("died"))
        else:
            answer.set_result(work(*arguments))
        return answer


@pytest.mark.parametrize("deaths", [0, 1, ATTEMPTS - 1])
def test_a_worker_that_dies_costs_its_piece_which_is_tried_again(deaths: int) -> None:
    target = targets(RETRY)[0]
    Mortal.deaths, Mortal.made = deaths, 0
    found = list(ByExecutor(Mortal).trials(target, PLANS))
    assert found == list(Here().trials(target, PLANS))
    assert Mortal.made == deaths + 1


def test_a_piece_that_kills_every_worker_is_told() -> None:
    Mortal.deaths = 99
    with pytest.raises(WorkerDied, match=r"a worker died 3 times at a\.scn:3"):
        list(ByExecutor(Mortal).trials(targets(RETRY)[0], PLANS))
    Mortal.deaths = 0


def test_two_processes_find_what_one_finds() -> None:
    target = targets(RETRY)[0]
    spread = in_processes(2)
    try:
        assert list(spread.trials(target, PLANS[:30])) == list(Here().trials(target, PLANS[:30]))
    finally:
        spread.close()
    assert isinstance(in_processes(1), Here)
