"""Locks and the simple queue of Python's standard library, whose waits are led to `waiting.py`.

Everything else in `threading` and `queue` is made of these, in Python. A lock that is released goes to the one that has
waited longest.
"""

import _thread
from collections import deque
from types import GenericAlias
from typing import Any, Self

from .clock import NEVER
from .waiting import Waiter, here


def _deadline(timeout: float) -> int:
    return NEVER if timeout < 0 else here.deadline_in(timeout)


def _check(blocking: bool, timeout: float) -> None:
    if not blocking and timeout != -1:
        raise ValueError("can't specify a timeout for a non-blocking call")
    if timeout < 0 and timeout != -1:
        raise ValueError("timeout value must be a non-negative number")


class Lock:
    """`threading.Lock`."""

    def __init__(self) -> None:
        self._is_locked = False
        self._queue: deque[Waiter] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        _check(blocking, timeout)
        with here:
            if not self._is_locked:
                self._is_locked = True
                return True
            if not blocking or timeout == 0:
                return False
            waiter = here.begin(_deadline(timeout), self._queue)
        try:
            return here.sleep(waiter)
        except BaseException:
            if waiter.is_met:
                self.release()
            raise

    def release(self) -> None:
        with here:
            if not self._is_locked:
                raise RuntimeError("release unlocked lock")
            if self._queue:
                here.wake(self._queue.popleft(), met=True)
            else:
                self._is_locked = False

    def locked(self) -> bool:
        return self._is_locked

    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<{'locked' if self._is_locked else 'unlocked'} lock at {id(self):#x}>"

    def _at_fork_reinit(self) -> None:
        self.__init__()  # type: ignore[misc]


class RLock:
    """`threading.RLock`. Whose it is changes inside a section, so that a signal's handler never finds it half taken."""

    def __init__(self) -> None:
        self._owner, self._count = 0, 0
        self._queue: deque[Waiter] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        _check(blocking, timeout)
        me = _thread.get_ident()
        with here:
            if self._owner in (0, me):
                self._owner = me
                self._count += 1
                return True
            if not blocking or timeout == 0:
                return False
            waiter = here.begin(_deadline(timeout), self._queue)
        try:
            return here.sleep(waiter)
        except BaseException:
            if waiter.is_met:
                self.release()
            raise

    def release(self) -> None:
        with here:
            if self._owner != _thread.get_ident():
                raise RuntimeError("cannot release un-acquired lock")
            self._count -= 1
            if self._count == 0:
                self._hand_on()

    def _hand_on(self) -> None:
        self._owner, self._count = 0, 0
        if self._queue:
            waiter = self._queue.popleft()
            self._owner, self._count = waiter.thread, 1
            here.wake(waiter, met=True)

    def locked(self) -> bool:
        return self._count > 0

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<rlock owner={self._owner} count={self._count} at {id(self):#x}>"

    # What a Condition asks of it.

    def _is_owned(self) -> bool:
        return self._owner == _thread.get_ident()

    def _release_save(self) -> int:
        with here:
            count = self._count
            self._hand_on()
        return count

    def _acquire_restore(self, count: int) -> None:
        self.acquire()
        self._count = count

    def _recursion_count(self) -> int:
        return self._count if self._is_owned() else 0

    def _at_fork_reinit(self) -> None:
        self.__init__()  # type: ignore[misc]


class SimpleQueue:
    """`queue.SimpleQueue`. A signal's handler may put into it whatever the main thread does."""

    __class_getitem__: Any = classmethod(GenericAlias)

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._queue: deque[Waiter] = deque()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002
        with here:
            self._items.append(item)
            if self._queue:
                here.wake(self._queue.popleft(), met=True)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        from queue import Empty

        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        deadline = NEVER if timeout is None else here.deadline_in(timeout)
        while True:
            with here:
                if self._items:
                    return self._items.popleft()
                if not block or timeout == 0:
                    raise Empty
                waiter = here.begin(deadline, self._queue)
            if not here.sleep(waiter) and not self._items:
                raise Empty

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def empty(self) -> bool:
        return not self._items

    def qsize(self) -> int:
        return len(self._items)


class Gate:
    """What others wait for until it is open: the end of a thread, of an API object."""

    def __init__(self) -> None:
        self.is_open = False
        self._queue: deque[Waiter] = deque()

    def wait(self, timeout: float | None = None) -> bool:
        with here:
            if self.is_open:
                return True
            waiter = here.begin(NEVER if timeout is None else here.deadline_in(max(0.0, timeout)), self._queue)
        return here.sleep(waiter)

    def open(self) -> Self:
        with here:
            self.is_open = True
            while self._queue:
                here.wake(self._queue.popleft(), met=True)
        return self
