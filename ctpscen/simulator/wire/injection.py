"""What a fault plan does to messages: requests as they are sent, reports as they reach the client's end of the wire.

Every message of the trading connection is counted by actor and name; where the plan names it, its fault strikes. What
the scenario itself does to paths and reports goes on beside it, and neither heals the other.
"""

from collections.abc import Callable, Mapping

from attrs import define, field

from ctpscen.ctp import commands
from ctpscen.ctp.commands.plan import (
    CUT_LASTS,
    QUERY_REFUSED,
    REFUSALS,
    STALL_LASTS,
    SWAP_LASTS,
    Boundary,
    Fault,
    Plan,
)
from ctpscen.ctp.messages import Request
from ctpscen.simulator.wire.interference import Arrival
from ctpscen.simulator.wire.path import Connection, Path, Sender
from ctpscen.simulator.world import World


def _no_program(_: str) -> None:
    """What is killed where there is no program."""


@define(eq=False, repr=False)
class Injection:
    """One run's plan at work.

    `watch` is told of every boundary before its fault strikes, where anybody wants to know; `kill` ends a program of
    that name. `struck` are the faults that were reached; `is_over` says that no more will strike.
    """

    world: World
    plan: Plan
    watch: Callable[[Boundary], None] | None = None
    kill: Callable[[str], None] = _no_program
    struck: list[Boundary] = field(factory=list)
    is_over: bool = False
    _faults: Mapping[tuple[str, str, int], Fault] = field(init=False)
    _counts: dict[tuple[str, str], int] = field(factory=dict)
    _swapped: list[tuple[Path, Connection, Arrival]] = field(factory=list)
    _affected: dict[int, Path] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._faults = {(on.actor, on.name, on.count): each.fault for each in self.plan for on in (each.boundary,)}

    @property
    def happened(self) -> int:
        return self.world.happened

    def reach(self, actor: str, name: str) -> Fault | None:
        """Counts a message; gives what is to be done to it."""
        if self.is_over:
            return None
        what = actor, name
        count = self._counts[what] = self._counts.get(what, 0) + 1
        fault = self._faults.get((actor, name, count))
        if fault is None and self.watch is None:
            return None
        boundary = Boundary(actor, name, count)
        if self.watch is not None:
            self.watch(boundary)
        if fault is None:
            return None
        self.struck.append(boundary)
        self.world.note(commands.effects.Planned(fault, str(boundary)))
        if fault == "kill":
            self.kill(actor)
            return None
        return fault

    # ------------------------------------------------------------------------------------------------- requests

    def send(self, sender: Sender, connection: Connection, request: Request) -> None:
        """A request on its way to the front."""
        path = sender.path
        fault = self.reach(path.session, request.name)
        if fault == "refuse":
            sender.have_refused(connection, request, REFUSALS.get(request.name, QUERY_REFUSED))
        elif fault == "lose":
            sender.forget_query()
        elif fault == "cut":
            self.world.at(self.world.now, self._cut, path)
        else:
            if fault in ("stall", "stall25s"):
                self._stall(path, STALL_LASTS[fault])
            sender.hand_over(connection, request)

    # -------------------------------------------------------------------------------------------------- reports

    def arrive(self, path: Path, connection: Connection, arrival: Arrival) -> None:
        """A report at the client's end of the wire."""
        fault = self.reach(path.session, arrival.name)
        if fault is None:
            self._go_on(path, connection, arrival)
        elif fault == "cut":
            self._cut(path)
        elif fault in ("stall", "stall25s"):
            self._stall(path, STALL_LASTS[fault])
            path.hold(connection, self._go_on, path, connection, arrival)
        elif fault == "lose":
            arrival.use_up()
        elif fault == "swap":
            held = path, connection, arrival
            self._swapped.append(held)
            self.world.at(self.world.now + SWAP_LASTS, self._release, held)
        else:
            self._go_on(path, connection, arrival)
            if fault == "duplicate":
                self._go_on(path, connection, arrival)

    def _go_on(self, path: Path, connection: Connection, arrival: Arrival) -> None:
        """Hands a report over, and behind it what was to come after the next one of its connection."""
        path.interference.meet(arrival)
        if self._swapped:
            for held in [each for each in self._swapped if each[1] is connection]:
                self._release(held)

    def _release(self, held: tuple[Path, Connection, Arrival]) -> None:
        if held in self._swapped:
            self._swapped.remove(held)
            held[0].interference.meet(held[2])

    # ---------------------------------------------------------------------------------------------------- paths

    def _cut(self, path: Path) -> None:
        if not self.is_over:
            path.sever()
            self._affected[id(path)] = path
            self.world.at(self.world.now + CUT_LASTS, path.mend)

    def _stall(self, path: Path, lasting: int) -> None:
        path.hold_all()
        self._affected[id(path)] = path
        self.world.at(self.world.now + lasting, path.let_through)

    def end(self) -> None:
        """Ends all that the plan did: paths carry, what was held arrives, and nothing strikes any more."""
        self.is_over = True
        for held in list(self._swapped):
            self._release(held)
        for path in self._affected.values():
            path.mend()
            path.let_through()
