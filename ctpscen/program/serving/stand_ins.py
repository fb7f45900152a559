"""The processes of a program that runs on the stand-in (`ctpscen/stand_in`): when they wait, and until when.

Each tells when all its threads wait, how much of what it was given it had taken by then, and its nearest deadline. What
it was given is known here, so no process is taken for one that rests while something is still on its way to it.
"""

import struct
import time
from collections.abc import Callable, Iterator

from attrs import define, field

from ctpscen.program.serving import frames
from ctpscen.program.serving.connections import Connection
from ctpscen.program.serving.frames import Frame, Kind

_HELLO = struct.Struct("=II")
_IDLE = struct.Struct("=IIq")
_NEVER = 2**63 - 1
_IGNORED = 1


@define(eq=False)
class StandIn:
    """One process. `given` and `signals` count what it was sent and is to take; `ignored` are signals that it does not.

    `since` is when it was seen to wait, in seconds of the wall's clock.
    """

    connection: Connection
    given: int = 0
    signals: int = 0
    taken: int = 0
    handled: int = 0
    is_idle: bool = False
    deadline: int = _NEVER
    since: float = 0.0
    ignored: set[int] = field(factory=set)

    @property
    def rests(self) -> bool:
        return self.is_idle and self.taken == self.given and self.handled >= self.signals

    def take(self, frame: Frame) -> None:
        """Takes what it tells."""
        if frame.kind == Kind.IDLE:
            try:
                self.taken, self.handled, self.deadline = _IDLE.unpack(frame.body)
            except struct.error:
                raise frames.BadFrame("a process that does not say what it waits for") from None
            self.is_idle, self.since = True, time.monotonic()
        elif frame.kind == Kind.BUSY:
            self.is_idle = False
        elif frame.kind == Kind.SIGNAL:
            (self.ignored.add if frame.value == _IGNORED else self.ignored.discard)(frame.slot)


@define(eq=False)
class StandIns:
    """All such processes of one program, by process id. `changed` is called when one comes."""

    changed: Callable[[], None]
    all: dict[int, StandIn] = field(factory=dict)
    have_been: bool = False

    def introduce(self, connection: Connection, hello: Frame) -> None:
        try:
            protocol, process = _HELLO.unpack(hello.body)
        except struct.error:
            raise frames.BadFrame("a process that does not say who it is") from None
        if protocol != frames.PROTOCOL:
            raise frames.BadFrame("the stand-in is one of another version of ctpscen")
        known = self.all[process] = StandIn(connection)
        self.have_been = True
        connection.handle = lambda _, frame: known.take(frame)
        connection.closed = lambda: self._gone(process, known)
        self.changed()

    def _gone(self, process: int, known: StandIn) -> None:
        if self.all.get(process) is known:
            del self.all[process]

    def gave(self, process: int) -> None:
        """A process was given something that it will tell that it has taken."""
        if (known := self.all.get(process)) is not None:
            known.given += 1

    def signalled(self, number: int) -> None:
        """All were sent a signal."""
        for known in self.all.values():
            known.signals += number not in known.ignored

    @property
    def rest(self) -> bool:
        return all(known.rests for known in self.all.values())

    def rested_for(self) -> float:
        """Seconds of the wall's clock for which all have waited."""
        return time.monotonic() - max((known.since for known in self.all.values()), default=0.0)

    def deadlines(self) -> Iterator[int]:
        return (known.deadline for known in self.all.values() if known.deadline < _NEVER)

    def wake_due(self, now: int) -> bool:
        """Has those look at the clock whose deadline has come."""
        due = [known for known in self.all.values() if known.rests and known.deadline <= now]
        for known in due:
            known.given += 1
            known.connection.send(frames.frame(Kind.WAKE))
        return bool(due)
