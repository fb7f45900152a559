"""Which threads wait, and for what: when all of them do, nothing but time or ctpscen can move the program.

A thread *counts* while it is not in one of the waits that are led here. Whoever ends the wait of another thread counts
it before it lets it run, so that at no moment a thread that is about to run is taken for one that waits. When no thread
counts any more ctpscen is told, with the nearest deadline and how much of what it has given had been taken by then: it
knows whether it has given anything since. What waits elsewhere, in a library in C, counts; time does not jump then.

All of this happens inside a *section*, which one thread at a time is in. A signal's handler would find
it half done, so one that comes while the main thread is inside a section is called when that is left.
"""

import _thread
import select
import socket
from collections.abc import Callable, Sequence
from typing import Any

from .clock import NEVER, Clock, clock

_allocate = _thread.allocate_lock
_ident = _thread.get_ident
_select: Callable[..., Any] = select.select
_poll = getattr(select, "poll", None)
_MOST_FOR_SELECT = 1024
_LONGEST_NAP = 0.05

Descriptors = Sequence[Sequence[Any]]
"""What is watched, to be read, to be written, and for exceptions: numbers, or what has a `fileno`."""

Tell = Callable[[int, int, int], None]
"""Tells ctpscen that all wait: what was taken, which signals were handled, and until when."""


class Waiter:
    """A thread's wait. `is_met` says that what it waits for has come, not only its deadline."""

    __slots__ = ("deadline", "is_counted", "is_met", "is_woken", "lock", "queue", "thread")

    def __init__(self, deadline: int, queue: Any, is_counted: bool) -> None:
        self.lock = _allocate()
        self.lock.acquire()
        self.deadline = deadline
        self.queue = queue
        self.thread = _ident()
        self.is_counted = is_counted
        self.is_woken = self.is_met = False

    def rouse(self) -> None:
        self.lock.release()

    def doze(self, seconds: float) -> bool:
        """Sleeps until roused, or so long; true where it was roused."""
        return self.lock.acquire(True, seconds)

    def is_ready(self) -> bool:
        """Whether it can go on though nobody has woken it."""
        return False


class Watcher(Waiter):
    """A wait for descriptors. It is roused through a socket."""

    __slots__ = ("bell", "exceptional", "has_looked", "readable", "ringer", "writable")

    def __init__(self, deadline: int, is_counted: bool, descriptors: Descriptors) -> None:
        super().__init__(deadline, None, is_counted)
        self.readable, self.writable, self.exceptional = descriptors
        self.bell, self.ringer = socket.socketpair()

    def rouse(self) -> None:
        self.ringer.send(b"\0")

    def doze(self, seconds: float) -> bool:
        readable = [*self.readable, self.bell]
        return ready((readable, self.writable, self.exceptional), seconds) or self.is_woken

    def is_ready(self) -> bool:
        try:
            return ready((self.readable, self.writable, self.exceptional), 0)
        except (OSError, ValueError):
            return True  # what it watches was closed; it is about to find that out

    def close(self) -> None:
        self.bell.close()
        self.ringer.close()


def ready(descriptors: Descriptors, seconds: float) -> bool:
    """Whether any of them is, within so many seconds; -1 is without limit."""
    numbers = [[each if isinstance(each, int) else each.fileno() for each in kind] for kind in descriptors]
    highest = max((number for kind in numbers for number in kind), default=0)
    if _poll is None or highest < _MOST_FOR_SELECT:
        return any(_select(*numbers, None if seconds < 0 else seconds))
    polled = _poll()
    for kind, mask in zip(numbers, (select.POLLIN, select.POLLOUT, select.POLLPRI), strict=True):
        for number in kind:
            polled.register(number, mask)
    return bool(polled.poll(None if seconds < 0 else -int(-seconds * 1000 // 1)))


class Waiting:
    """The threads of this process. `busy` counts those that do not wait."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tell_idle: Tell = lambda *_: None
        self.tell_busy: Callable[[], None] = lambda: None
        self.taken = self.handled = 0
        self._main = _ident()
        self._postponed: list[Callable[[], None]] = []
        self.start_over()

    def start_over(self) -> None:
        """In a forked child there is one thread, and it does not wait."""
        self._lock = _allocate()
        self._is_main_inside = self._has_begun = False
        self._known = {_ident()}
        self._sleepers: set[Waiter] = set()
        self._busy, self._is_told = 1, False
        self.taken = self.handled = 0
        self._main = _ident()

    # ----------------------------------------------------------------------------------------------- the section

    def __enter__(self) -> None:
        if _ident() == self._main:
            self._is_main_inside = True
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        if _ident() == self._main and not self._has_begun:
            self._come_out()

    def _come_out(self) -> None:
        """The main thread calls what signals have asked for meanwhile, which may raise anything."""
        self._is_main_inside = self._has_begun = False
        while self._postponed:
            self._postponed.pop(0)()

    def outside(self, act: Callable[[], None]) -> None:
        """Does something that a signal's handler asks for: at once, or when the section is left."""
        if self._is_main_inside:
            self._postponed.append(act)
        else:
            act()

    # ------------------------------------------------------------------------- who counts; to be called in a section

    def know(self, thread: int) -> None:
        """A thread whose waits are led here."""
        self._known.add(thread)

    def forget(self, thread: int) -> None:
        self._known.discard(thread)

    def enter(self) -> None:
        """A thread more that does not wait."""
        self._busy += 1
        if self._is_told:
            self._is_told = False
            self.tell_busy()

    def leave(self) -> None:
        """A thread less that does not wait."""
        self._busy -= 1
        self.look()

    def look(self) -> None:
        """Tells ctpscen that all wait, if they do."""
        if self._busy == 0 and not any(waiter.is_ready() for waiter in self._sleepers):
            self._is_told = True
            nearest = min((waiter.deadline for waiter in self._sleepers), default=NEVER)
            self.tell_idle(self.taken, self.handled, nearest)

    def begin(self, deadline: int = NEVER, queue: Any = None, watched: Descriptors | None = None) -> Waiter:
        """This thread's wait; `sleep` is to follow, outside of the section. `queue` is what it stands in until met.

        Between the two no signal's handler is called, which could raise what nobody would end the wait for.
        """
        is_counted = _ident() in self._known
        if watched is not None:
            waiter: Waiter = Watcher(deadline, is_counted, watched)
        else:
            waiter = Waiter(deadline, queue, is_counted)
        if queue is not None:
            queue.append(waiter)
        self._sleepers.add(waiter)
        self._has_begun = self._has_begun or waiter.thread == self._main
        if is_counted:
            self.leave()
        elif self._is_told:
            self.look()  # its deadline may be the nearest
        return waiter

    def wake(self, waiter: Waiter, *, met: bool) -> None:
        """Ends a wait, once. Who takes a waiter from its queue has met it."""
        if waiter.is_woken:
            return
        waiter.is_woken, waiter.is_met = True, met
        self._sleepers.discard(waiter)
        if not met and waiter.queue is not None:
            waiter.queue.remove(waiter)
        if waiter.is_counted:
            self.enter()
        waiter.rouse()

    def wake_due(self) -> None:
        """Ends the waits whose deadline has come: the clock has jumped."""
        now = self.clock.now()
        for waiter in [each for each in self._sleepers if each.deadline <= now]:
            self.wake(waiter, met=False)

    # ------------------------------------------------------------------------------------------------- the waits

    def sleep(self, waiter: Waiter) -> bool:
        """Sleeps until the wait is ended; true where it was met."""
        try:
            if waiter.thread == self._main:
                self._come_out()
            while not waiter.doze(self._nap(waiter)) or not waiter.is_woken:
                with self:
                    if waiter.is_ready() or waiter.deadline <= self.clock.now():
                        self.wake(waiter, met=waiter.is_ready())
        except BaseException:  # a signal's handler has raised it
            with self:
                self.wake(waiter, met=False)
            raise
        finally:
            if isinstance(waiter, Watcher):
                waiter.close()
        return waiter.is_met

    def _nap(self, waiter: Waiter) -> float:
        """Seconds of the machine's clock for which a thread sleeps before it looks again."""
        seconds = self.clock.seconds_until(waiter.deadline)
        if waiter.thread != self._main:
            return seconds
        # A signal that comes just before the main thread sleeps does not wake it, and nobody else calls its handler.
        return _LONGEST_NAP if seconds < 0 else min(seconds, _LONGEST_NAP)

    def wake_main(self) -> None:
        """Ends what the main thread waits for: a signal's handler has raised something in it. In a section."""
        for waiter in [each for each in self._sleepers if each.thread == self._main]:
            self.wake(waiter, met=False)

    def sleep_until(self, deadline: int) -> None:
        with self:
            waiter = self.begin(deadline)
        self.sleep(waiter)

    def watch(self, descriptors: Descriptors, deadline: int) -> None:
        """Sleeps until any of what is read, written, and watched for exceptions is ready, or the deadline has come."""
        with self:
            waiter = self.begin(deadline, watched=descriptors)
        self.sleep(waiter)

    def deadline_in(self, seconds: float) -> int:
        """The time so many seconds from now."""
        left = int(seconds * 1e9)
        now = self.clock.now()
        return now + left if left < NEVER - now else NEVER


here = Waiting(clock())
"""The threads of the process that this is."""
