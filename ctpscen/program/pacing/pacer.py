"""The pacer: it alone moves the world's time while programs run, and the programs' clocks with it.

The programs' clock and the world's say the same: the world's is moved to what the programs' shows before anything
happens in it. At a pace, both run so many times as fast as the wall's. In jumps, the clock moves by the time for which
a program has had a processor while it computes, which a busy machine does not change; it stands still when all rest,
and jumps to the next thing that anybody waits for.
"""

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from attrs import define, field

from ctpscen.program.pacing.clock import ClockPage, Wait, WaitKind
from ctpscen.program.spec import Pace

MICROSECOND = 1_000  # in nanoseconds
BEIJING = 8 * 3600 * 1_000_000_000
"""By how much the trading clock, counted as if there were no time zones, is ahead of UTC."""

COMPUTING = 1.0
"""How much time passes for a second of computing, where time may jump."""

SHORTEST_LOOK, LONGEST_LOOK = 0.000_1, 0.002
"""Seconds for which the pacer waits for a computing program before it looks again whether it rests."""

SHORTEST_PASSAGE = 0.001
"""Seconds of the wall's clock after which the clock of a computing program is moved on."""

LONGEST_WAIT = 0.05
"""Seconds of the wall's clock after which log files are looked at, whatever is waited for."""

_EXPIRATIONS = struct.Struct("=Q")


class World(Protocol):
    """The time of the venue: `simulator.world.World`. Times are microseconds of the trading clock."""

    @property
    def now(self) -> int: ...

    @property
    def set_ahead(self) -> int:
        """By how much the clock was set, which is no time that passed."""

    def next_time(self) -> int | None: ...

    def step(self) -> None: ...

    def rest_until(self, time: int) -> None: ...


class Programs(Protocol):
    """What the pacer has to know of the programs."""

    def serve(self, timeout: float) -> bool:
        """Takes what comes from them within so many seconds; true where anything did."""

    def look_at_logs(self) -> bool:
        """Takes what they wrote to files; true where anything was."""

    def rest(self) -> bool:
        """Whether nothing but time, or somebody outside, can move any of them."""

    @property
    def are_alone(self) -> bool:
        """Whether there is nobody outside."""

    def ran(self) -> float | None:
        """Seconds for which they had a processor since this was asked last; None where the wall's clock has to do."""

    def deadlines(self) -> Iterable[int]:
        """What those wait for that publish no waits in the page, on its clock."""

    def wake_due(self, now: int) -> bool:
        """Wakes those of them whose deadline has come; true where there was anybody."""


@define(eq=False)
class _Timer:
    """A timer of a program, as it was last set, and when it expires next."""

    set_as: tuple[int, int, int]
    expires: int


@define(eq=False)
class Pacer:
    """Moves a world and a page. `computing` is the clock's speed while a program computes between jumps."""

    world: World
    pace: Pace
    path: Path
    programs: Programs
    computing: float = COMPUTING
    page: ClockPage = field(init=False)
    _set_ahead: int = field(init=False)
    _doorbells: dict[int, socket.socket] = field(factory=dict)
    _timers: dict[int, _Timer] = field(factory=dict)
    _is_at_rest: bool = False
    _passed_at: float = field(factory=time.monotonic)

    def __attrs_post_init__(self) -> None:
        now = time.monotonic_ns()
        realtime = self.world.now * MICROSECOND - BEIJING
        jumps = self.pace == "jump"
        self.page = ClockPage(self.path, now, realtime - now, jumps, 0.0 if self.pace == "jump" else self.pace)
        self._set_ahead = self.world.set_ahead

    def close(self) -> None:
        for doorbell in self._doorbells.values():
            doorbell.close()
        self._doorbells.clear()
        self.page.close()

    # ------------------------------------------------------------------------------------------------ two clocks

    @property
    def now(self) -> int:
        """What the programs' clock shows, in microseconds of the trading clock."""
        return self._in_world(self.page.now)

    def _in_world(self, moment: int) -> int:
        return (moment + self.page.realtime_offset + BEIJING) // MICROSECOND

    def _in_page(self, moment: int) -> int:
        return moment * MICROSECOND - BEIJING - self.page.realtime_offset

    def follow(self) -> None:
        """Moves the world's time to what the clock shows, unless something of it is due before."""
        self._follow(None)

    def _follow(self, limit: int | None) -> None:
        ahead = self.world.set_ahead - self._set_ahead
        if ahead:
            self._set_ahead += ahead
            self.page.move_realtime(ahead * MICROSECOND)
        times = [self.now, self.world.next_time(), limit]
        reached = min(each for each in times if each is not None)
        if reached > self.world.now:
            self.world.rest_until(reached)

    # --------------------------------------------------------------------------------------------------- moving

    def moved(self) -> None:
        """A program was given something: it may compute, and time passes for it."""
        if self._is_at_rest:
            self._is_at_rest = False
            self._passed_at = time.monotonic()

    def _let_pass(self) -> None:
        """Lets the time pass for which programs have computed since the last look."""
        now = time.monotonic()
        wall = now - self._passed_at
        if self._is_at_rest or wall < SHORTEST_PASSAGE:
            return
        self._passed_at = now
        ran = self.programs.ran()
        passed = wall if ran is None else min(ran, wall)
        self.page.set(self.page.now + int(passed * 1e9 * self.computing), 0.0)

    def advance(self, limit: int | None) -> bool:
        """Lets the next thing happen; see the package."""
        look = SHORTEST_LOOK
        while True:
            if self.pace == "jump":
                self._let_pass()
            self._follow(limit)
            if self._step(limit) or self.programs.serve(0):
                return True
            if limit is not None and self.now >= limit:
                return self._reach(limit)
            if self.pace != "jump":
                if self.programs.look_at_logs() or self.programs.serve(self._wall_time_until(limit)):
                    return True
            elif not self._is_at_rest and self.programs.serve(look):  # whoever computes is likely to ask something
                return True
            elif not self._looks_at_rest():
                self.moved()
                look = min(2 * look, LONGEST_LOOK)
            elif self.programs.serve(0) or self.programs.look_at_logs():  # what they wrote before they rested
                return True
            else:
                if not self._jump(limit):
                    return False
                look = SHORTEST_LOOK

    def _step(self, limit: int | None) -> bool:
        """Does the next thing in the world if it is due."""
        following = self.world.next_time()
        if following is None or following > self.now or (limit is not None and following > limit):
            return False
        self.world.step()
        return True

    def _reach(self, limit: int) -> bool:
        """The limit has come; false where the world was there before."""
        moved = self.world.now < limit
        self._follow(limit)
        return moved

    def _wall_time_until(self, limit: int | None) -> float:
        """Seconds until the next thing in the world, or the limit."""
        assert self.pace != "jump"
        times = [self.world.next_time(), limit]
        known = [each for each in times if each is not None]
        left = (self._in_page(min(known)) - self.page.now) / 1e9 / self.pace if known else LONGEST_WAIT
        return max(0.0, min(left, LONGEST_WAIT))

    def _looks_at_rest(self) -> bool:
        """Whether all rest and nobody's deadline has come."""
        if self._is_at_rest and self.programs.are_alone:
            return True
        return not self._wake_due() and self.programs.rest()

    def _jump(self, limit: int | None) -> bool:
        """Goes to the next thing that anybody waits for, and stands still; False where nobody waits for anything."""
        self._is_at_rest = True
        waits = [deadline for _, deadline in self._deadlines()]
        times = [
            *waits,
            *self.programs.deadlines(),
            *(self._in_page(each) for each in (self.world.next_time(), limit) if each is not None),
        ]
        if not times:
            return False
        self.page.set(max(min(times), self.page.now), 0.0)  # a deadline may have come while they were looked at
        if self._wake_due():
            self.moved()
        return True

    # ------------------------------------------------------------------------------------------------- the waits

    def _deadlines(self) -> Iterator[tuple[Wait, int]]:
        """What the programs wait for, and when it is due."""
        for wait in self.page.waits():
            deadline = self._timer(wait).expires if wait.kind == WaitKind.TIMER else wait.deadline
            if deadline < _NEVER:
                yield wait, deadline

    def _timer(self, wait: Wait) -> _Timer:
        set_as = (wait.ticket, wait.deadline, wait.interval)
        timer = self._timers.get(wait.slot)
        if timer is None or timer.set_as != set_as:
            timer = self._timers[wait.slot] = _Timer(set_as, wait.deadline)
        return timer

    def _wake_due(self) -> bool:
        """Wakes whoever's deadline has come; true where there was anybody."""
        now = self.page.now
        woke = self.programs.wake_due(now)
        for wait, deadline in self._deadlines():
            if deadline <= now:
                woke = True
                self._wake(wait, now)
        return woke

    def _wake(self, wait: Wait, now: int) -> None:
        doorbell = self._doorbells.get(wait.slot)
        if wait.kind == WaitKind.ON_WORD or doorbell is None:
            self.page.wake(wait.slot)
            return
        message = b"\0"
        if wait.kind == WaitKind.TIMER:
            message = _EXPIRATIONS.pack(self._expire(self._timer(wait), wait.interval, now))
        with contextlib.suppress(OSError):  # it is full of rings, or the program is gone
            doorbell.send(message)

    @staticmethod
    def _expire(timer: _Timer, interval: int, now: int) -> int:
        """Sets a timer to its next expiry; gives how many times it has expired."""
        if not interval:
            timer.expires = _NEVER
            return 1
        times = (now - timer.expires) // interval + 1
        timer.expires += times * interval
        return times

    def hang_doorbell(self, slot: int, doorbell: socket.socket) -> None:
        """Takes the socket on which a slot is rung for."""
        self._doorbells[slot] = doorbell

    def doorbell_closed(self, slot: int) -> None:
        """Whoever waited on it does no more; a timer has gone with it."""
        del self._doorbells[slot]
        self._timers.pop(slot, None)
        if self.page.kind(slot) == WaitKind.TIMER:
            self.page.free(slot)

    def forget_waits(self, is_alive: Callable[[int], bool]) -> None:
        """Frees what processes have left behind that are gone."""
        for slot, process in list(self.page.taken()):
            if slot not in self._doorbells and not is_alive(process):
                self.page.free(slot)


_NEVER = 2**63 - 1
