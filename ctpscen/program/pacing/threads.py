"""Whether all threads of a program rest: asleep, and nothing but time or somebody outside can wake them.

Linux tells of each thread its state, and how often it has run (`schedstat`). All threads are looked at twice. One that
is asleep the second time and has not run since the first was asleep all the while; if that is so of every thread, then
at the moment between the two rounds all of them were, and none could wake another any more. A thread that has been
woken counts as runnable at once, so what was sent to the program before is never overlooked.

One that is about to sleep, and lost the processor before it did, is called asleep, too; but in no place (`wchan`).
"""

import contextlib
import os
import time
from collections.abc import Iterator

from attrs import define, field

_ASLEEP = frozenset((b"S", b"t", b"T"))  # sleeping, stopped
_DEAD = frozenset((b"Z", b"X", b"x"))
_THREAD_COUNT = 17  # of the fields behind the state
_FILES = ("stat", "schedstat", "children", "wchan")

LONG_ENOUGH = 0.02
"""Seconds without running after which a thread that is said to sleep does."""


@define(eq=False)
class _Thread:
    """The files in which a thread's life is told, held open, and since when it has been seen not to run."""

    process: int
    number: int
    stat: int
    schedstat: int
    children: int
    wchan: int
    seen: bytes = b""
    since: float = 0.0
    counted: int = 0

    @classmethod
    def open(cls, process: int, number: int) -> "_Thread":
        with contextlib.ExitStack() as opened:
            stat, schedstat, children, wchan = (
                _opened(f"/proc/{process}/task/{number}/{name}", opened) for name in _FILES
            )
            opened.pop_all()  # nothing went wrong
        return cls(process, number, stat, schedstat, children, wchan)

    def close(self) -> None:
        for descriptor in (self.stat, self.schedstat, self.children, self.wchan):
            os.close(descriptor)

    def has_run(self) -> bool:
        """Whether it has run since this was asked last."""
        now = os.pread(self.schedstat, 128, 0)
        if now == self.seen:
            return False
        self.seen, self.since = now, time.monotonic()
        return True

    def ran(self) -> int:
        """Nanoseconds for which it has had a processor since this was asked last."""
        before, self.counted = self.counted, int(os.pread(self.schedstat, 128, 0).split()[0])
        return self.counted - before

    def wants_processor(self) -> bool:
        return os.pread(self.stat, 1024, 0).rpartition(b")")[2].split()[0] == b"R"

    def is_somewhere(self) -> bool:
        """Whether it sleeps in a place of the kernel's. Where that is not told, one that rests long enough does."""
        return os.pread(self.wchan, 128, 0) != b"0" or time.monotonic() - self.since > LONG_ENOUGH

    def child_processes(self) -> list[int]:
        return [int(child) for child in os.pread(self.children, 1 << 16, 0).split()]


def _opened(path: str, to_close: contextlib.ExitStack) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    to_close.callback(os.close, descriptor)
    return descriptor


@define(eq=False)
class Threads:
    """All threads of all processes that came of one, `ancestor`, which does not count. `first` is its first child."""

    ancestor: int
    first: int
    _threads: dict[int, _Thread] = field(factory=dict)
    _counts: dict[int, int] = field(factory=dict)
    _is_listed: bool = False

    def rest(self) -> bool:
        """Whether they all do. False also where that cannot be told, and where processes come or go meanwhile."""
        if not self._is_listed:
            self._list()
            if not self._is_listed:
                return False
        try:
            ran = [thread for thread in self._threads.values() if thread.has_run()]
            started = {child for thread in ran for child in thread.child_processes()}
            if not started <= self._counts.keys():
                self._is_listed = False
                return False
            return all(map(self._is_still_asleep, self._threads.values()))
        except OSError:  # a thread is gone
            self._is_listed = False
            return False

    def _is_still_asleep(self, thread: _Thread) -> bool:
        fields = os.pread(thread.stat, 1024, 0).rpartition(b")")[2].split()
        count = self._counts[thread.process]
        if fields[0] in _DEAD:  # of the first process, the launcher is about to tell; others may have woken who waits
            return not thread.has_run() and (thread.process != self.first or count > 1)
        if fields[0] not in _ASLEEP or not thread.is_somewhere() or thread.has_run():
            return False
        self._is_listed = int(fields[_THREAD_COUNT]) == count
        return self._is_listed

    def ran(self) -> float | None:
        """Seconds for which the busiest of them has had a processor since this was asked last.

        None where that does not say how time passes: all sleep, or it cannot be told.
        """
        if not self._is_listed:
            self._list()
        try:
            ran = max((thread.ran() for thread in self._threads.values()), default=0)
            if ran or any(thread.wants_processor() for thread in self._threads.values()):
                return ran / 1e9
        except OSError:  # a thread is gone; what it has used nobody knows any more
            self._is_listed = False
            return 0.0
        return None

    def rested_for(self) -> float:
        """Seconds of the wall's clock since any of them was last seen to have run."""
        return time.monotonic() - max((thread.since for thread in self._threads.values()), default=0.0)

    def processes(self) -> list[int]:
        """The processes, as far as they are known."""
        return list(self._counts)

    def close(self) -> None:
        for thread in self._threads.values():
            thread.close()
        self._threads.clear()
        self._counts.clear()
        self._is_listed = False

    def _list(self) -> None:
        """Finds every thread, from the ancestor's children on."""
        before, self._threads, self._counts = self._threads, {}, {}
        self._is_listed = True
        try:
            waiting = list(_children_of(self.ancestor))
            while waiting:
                process = waiting.pop()
                waiting += self._add(process, before)
        except OSError:  # something has just ended
            self._is_listed = False
        for thread in before.values():
            thread.close()

    def _add(self, process: int, before: dict[int, _Thread]) -> list[int]:
        """Takes in a process; gives its children."""
        children: list[int] = []
        numbers = [int(name) for name in os.listdir(f"/proc/{process}/task")]
        self._counts[process] = len(numbers)
        for number in numbers:
            thread = before.pop(number, None)
            if thread is None or thread.process != process:
                if thread is not None:
                    thread.close()
                thread = _Thread.open(process, number)
            self._threads[number] = thread
            children += thread.child_processes()
        return children


def _children_of(process: int) -> Iterator[int]:
    for number in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{number}/children", encoding="ascii") as stream:
            yield from map(int, stream.read().split())
