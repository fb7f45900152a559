"""A run that is asked to end cleans up: hurried by a second time, left by a third, with whatever may work named."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from junitparser import Error, JUnitXml
from support.counter import Counter, counter
from support.standin import StandinWire

from ctpscen.ctp.messages import Request
from ctpscen.ctp.times import SECOND
from ctpscen.interruption import SIGNALS, Interruptions, interruptions
from ctpscen.live.care.keys import read_keys

RESTING = "    buy open 1 rb2705 at bid - 5 ticks as entry\n    expect entry is no_trade_queueing\n"
TWO = f'scenario "one":\n{RESTING}    wait 15s\nscenario "two":\n    log 1\n'


def sending(*numbers: int) -> Callable[[object], None]:
    """Sends the process these signals."""

    def send(_: object) -> None:
        for number in numbers:
            os.kill(os.getpid(), number)

    return send


def at_clean_up(does: Callable[[StandinWire], None]) -> Callable[[StandinWire], None]:
    """Has something done as soon as the clean-up asks which orders there are."""

    def look(wire: StandinWire) -> None:
        def seen(request: Request) -> None:
            if request.name == "ReqQryOrder":
                does(wire)

        wire.workers["trader"].watch = seen

    return look


def statuses(counter: Counter) -> list[str]:
    return [order.status for account in counter.simulation.core.accounts.values() for order in account.orders.values()]


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_ends_the_run_with_a_clean_up(counter: Counter, number: int) -> None:
    before = signal.getsignal(number)
    counter.meanwhile[10] = sending(number)
    code, out, _ = counter.run(TWO, "--allow-orders")
    assert (code, statuses(counter)) == (130, ["5"]), out
    assert "1 interrupted" in out
    assert "two" not in out
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", SIGNALS)
def test_one_that_comes_while_it_is_cleaned_up_waits_for_that(counter: Counter, number: int) -> None:
    counter.meanwhile[8] = at_clean_up(sending(number))
    code, out, _ = counter.run(TWO, "--allow-orders", "--junit", "all.xml")
    assert (code, statuses(counter)) == (130, ["5"]), out
    assert "while it was cleaned up; without that it had come to passed" in out
    assert "two" not in out
    (suite,) = JUnitXml.fromfile("all.xml")
    (case,) = suite
    assert [type(each) for each in case.result] == [Error]


def test_one_that_leaves_while_the_wire_is_closed_is_told_what_is_left(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_down(wire: StandinWire) -> None:
        wire.simulation.trading.go_down()

    def close(_: StandinWire) -> None:
        sending(*[signal.SIGINT] * 3)(None)

    monkeypatch.setattr(StandinWire, "close", close)
    counter.meanwhile[8] = go_down
    code, out, _ = counter.run(TWO, "--allow-orders")
    assert (code, out.count("1 order may still be working: rb2705 1/")) == (130, 1), out


@pytest.mark.parametrize(("times", "seconds"), [(1, 45), (2, 6), (3, 1)])
def test_a_second_one_hurries_the_clean_up_and_a_third_leaves(counter: Counter, times: int, seconds: int) -> None:
    """The front goes down before it can be asked, so that the clean-up would wait for it for long."""
    began: list[int] = []

    def go_down(wire: StandinWire) -> None:
        began.append(wire.now)
        wire.simulation.trading.go_down()
        sending(*[signal.SIGINT] * times)(wire)

    counter.meanwhile[8] = at_clean_up(go_down)
    code, out, _ = counter.run(TWO, "--allow-orders")
    assert (code, statuses(counter)) == (130, ["3"]), out
    assert out.count("1 order may still be working: rb2705 1/") == 1
    assert (counter.wires[0].now - began[0]) <= seconds * SECOND
    (path,) = Path("state").rglob("*.jsonl")
    assert len(read_keys(path)[0]) == 1
    assert counter.wires[0].closed


def test_what_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptions.taken():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_within_another_nothing_is_counted_anew() -> None:
    made = Interruptions()
    with made.taken():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        with made.deferred() as began:
            os.kill(os.getpid(), signal.SIGINT)
            assert (began, made.count, made.hurries) == (1, 2, True)


__all__ = ["counter"]
