"""Threads: how many there are that do not wait, and waits for the end of one (`threading`, `queue`)."""

import _thread
import queue
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from . import locks
from .waiting import here

_ends: "WeakKeyDictionary[threading.Thread, locks.Gate]" = WeakKeyDictionary()
_real_join = threading.Thread.join


def lead() -> None:
    """Puts ours in the place of Python's."""
    threading.Lock = threading._allocate_lock = locks.Lock  # type: ignore[attr-defined, assignment]
    threading.RLock = threading._CRLock = locks.RLock  # type: ignore[attr-defined, assignment]
    queue.SimpleQueue = locks.SimpleQueue  # type: ignore[misc, assignment]
    for name in ("_start_new_thread", "_start_joinable_thread"):
        if (real := getattr(threading, name, None)) is not None:
            setattr(threading, name, _starter(real))
    _thread.start_new_thread = _thread.start_new = _starter(_thread.start_new_thread)
    threading.Thread.join = _join  # type: ignore[method-assign]
    real_shutdown = threading._shutdown  # type: ignore[attr-defined]
    threading._shutdown = lambda: _shut_down(real_shutdown)  # type: ignore[attr-defined]


def _starter(real: Callable[..., Any]) -> Callable[..., Any]:
    """A function that starts a thread, which counts from before it begins until it has ended."""

    def start(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        thread = getattr(function, "__self__", None)
        end = locks.Gate()
        if isinstance(thread, threading.Thread):
            _ends[thread] = end

        def run(*arguments: Any, **keywords: Any) -> None:
            with here:
                here.know(_thread.get_ident())
            try:
                function(*arguments, **keywords)
            finally:
                end.open()
                with here:
                    here.forget(_thread.get_ident())
                    here.leave()

        with here:
            here.enter()
        try:
            return real(run, *given, **named)
        except BaseException:
            with here:
                here.leave()
            raise

    return start


def _join(self: threading.Thread, timeout: float | None = None) -> None:
    """`Thread.join`: until the thread has done what it does; what remains takes no time worth counting."""
    end = _ends.get(self)
    if self is threading.current_thread() or end is None or end.wait(timeout):
        _real_join(self, None if end is not None else timeout)


def _shut_down(real: Callable[[], None]) -> None:
    """The end of the interpreter waits for threads."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    real()
