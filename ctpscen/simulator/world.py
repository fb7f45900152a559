"""The world: one clock, one queue of what is to happen, and whatever hangs on it.

Time moves only when somebody calls `step`, which does the next thing in the queue. Things that happen at the same
microsecond happen in the order in which they were arranged. Nothing ticks: a heartbeat, a retry, a phase is a time
that is computed, so an idle hour costs nothing.

Everything that could differ between two runs comes from the seed: each purpose has a random stream of its own, so
that a new use of chance does not disturb the others.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from ctpscen.ctp.commands.effects import Effect

Event = list[Any]
"""Time, sequence number, action, arguments, whether it was sent; the action of a cancelled event is None."""


@define(eq=False, repr=False)
class World:
    """`now` is in microseconds since 1970 by the trading clock (see `ctp.times`).

    `set_ahead` is by how much the clock was set, which is no time that passed. `note` is told of every fault that
    strikes: what is the scenario's doing and not CTP's. `under_way` is how much has been sent, by whomever to whomever,
    and has not arrived, `happened` how many things have been done so far.
    """

    now: int
    seed: int = 0
    note: Callable[["Effect"], None] = field(default=lambda _: None)
    set_ahead: int = 0
    under_way: int = 0
    happened: int = 0
    _queue: list[Event] = field(factory=list)
    _arranged: int = 0
    _streams: dict[str, Random] = field(factory=dict)

    def at(self, time: int, action: Callable[..., object], *arguments: object) -> Event:
        """Arranges for `action(*arguments)` at a time that has not passed."""
        return self._arrange(time, action, arguments, sent=False)

    def send(self, time: int, action: Callable[..., object], *arguments: object) -> None:
        """The same of what is under way until then: a message, or an order that waits for its turn."""
        self.under_way += 1
        self._arrange(time, action, arguments, sent=True)

    def _arrange(self, time: int, action: Callable[..., object], arguments: tuple[object, ...], *, sent: bool) -> Event:
        assert time >= self.now, "nothing can be arranged for the past"
        self._arranged += 1
        event: Event = [time, self._arranged, action, arguments, sent]
        heappush(self._queue, event)
        return event

    def cancel(self, event: Event) -> None:
        """Takes back what was arranged; harmless if it has happened."""
        event[2] = None

    def next_time(self) -> int | None:
        """When the next thing happens; None where nothing is arranged."""
        queue = self._queue
        while queue and queue[0][2] is None:
            heappop(queue)
        return queue[0][0] if queue else None

    def step(self) -> None:
        """Does the next thing, at its time. Raises IndexError where nothing is arranged."""
        while True:
            time, _, action, arguments, sent = heappop(self._queue)
            if action is not None:
                self.now = time
                self.happened += 1
                self.under_way -= sent
                action(*arguments)
                return

    def rest_until(self, time: int) -> None:
        """Lets time pass in which nothing happens."""
        following = self.next_time()
        assert time >= self.now
        assert following is None or following >= time
        self.now = time

    def begin_at(self, time: int) -> None:
        """Sets the clock, forwards or back, before anything has begun; what was arranged is dropped."""
        self._queue.clear()
        self.under_way = 0
        self.set_ahead += time - self.now
        self.now = time

    def random(self, purpose: str) -> Random:
        """The random stream of a purpose."""
        stream = self._streams.get(purpose)
        if stream is None:
            stream = self._streams[purpose] = Random(f"{self.seed}:{purpose}")
        return stream
