"""Signals: which the program handles, and when it has, so that time does not jump before.

A handler counts as a thread that does not wait. It is never called inside a section (`waiting.py`).
"""

import signal
from collections.abc import Callable
from typing import Any

from .locks import Gate
from .waiting import here

DEFAULT, IGNORED, HANDLED = 0, 1, 2

Told = Callable[[int, int], None]
"""Tells ctpscen what the program does with a signal."""

_handlers: dict[int, Any] = {}
_paused: list[Gate] = []
_real_signal, _real_getsignal = signal.signal, signal.getsignal


def lead(told: Told) -> None:
    """Puts ours in the place of Python's."""

    def install(number: int, handler: Any) -> Any:
        before = _get(number)
        ours = _led(handler) if callable(handler) and not isinstance(handler, int) else handler
        _real_signal(number, ours)
        _handlers[int(number)] = handler
        told(int(number), HANDLED if ours is not handler else IGNORED if handler == signal.SIG_IGN else DEFAULT)
        return before

    signal.signal = install  # type: ignore[assignment]
    signal.getsignal = _get  # type: ignore[assignment]
    if hasattr(signal, "pause"):
        signal.pause = _pause


def _get(number: int) -> Any:
    return _handlers.get(int(number), _real_getsignal(number))


def _led(handler: Callable[[int, Any], Any]) -> Callable[[int, Any], None]:
    def handle(number: int, frame: Any) -> None:
        here.outside(lambda: _call(handler, number, frame))

    return handle


def _call(handler: Callable[[int, Any], Any], number: int, frame: Any) -> None:
    with here:
        here.enter()
    try:
        handler(number, frame)
    except BaseException:
        with here:
            here.wake_main()
        raise
    finally:
        for gate in _paused:
            gate.open()
        with here:
            here.handled += 1
            here.leave()


def _pause() -> None:
    """`signal.pause`: until a signal was handled."""
    gate = Gate()
    _paused.append(gate)
    try:
        gate.wait()
    finally:
        _paused.remove(gate)
