"""Being asked to end: by Ctrl-C, by SIGTERM, or because the terminal goes away.

The first time, what runs is interrupted and cleaned up; while that goes on, a second time hurries it, and a third time
leaves it. A signal that whoever started ctpscen has ignored stays so, as `nohup` wants it.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_LAST = 3


@define(eq=False)
class Interruptions:
    """How often the process was asked to end, since somebody looked for it. There is one for the process."""

    count: int = 0
    _is_handling: bool = False
    _is_deferring: bool = False

    @property
    def hurries(self) -> bool:
        return self.count > 1

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Within, each signal raises KeyboardInterrupt. Elsewhere than in the main thread, nothing changes."""
        if self._is_handling or threading.current_thread() is not threading.main_thread():
            yield
            return
        self.count, self._is_handling = 0, True
        before = {number: signal.getsignal(number) for number in SIGNALS}
        mine = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
        try:
            for number in mine:
                signal.signal(number, self._take)
            yield
        finally:
            for number in mine:
                signal.signal(number, before[number])
            self._is_handling = False

    @contextmanager
    def deferred(self) -> Iterator[int]:
        """Within, only the last raises; who cleans up looks whether it is to hurry. Gives the count at the start."""
        with self.taken():
            self._is_deferring = True
            try:
                yield self.count
            finally:
                self._is_deferring = False

    def leave_to_parent(self) -> None:
        """This process ends when the one that started it says so, by SIGTERM."""
        ignore()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._is_handling = True

    def _take(self, *_: object) -> None:
        self.count += 1
        if not self._is_deferring or self.count >= _LAST:
            raise KeyboardInterrupt


interruptions = Interruptions()


def ignore() -> None:
    """Leaves the signals to the process that started this one, and will end it."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
