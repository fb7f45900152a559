"""Which faults were tried in which states: of the connection, and of the actor's newest own order."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import define, field, frozen

from ctpscen.ctp.commands.plan import Fault
from ctpscen.engine.unit import Reached

CONNECTIONS = ("connected", "authenticated", "logged_in", "ready")
"""The states of a connection in which messages pass."""

ORDERS: Mapping[str, str] = {
    "none": "no order",
    "sent": "sent",
    "a": "a unknown",
    "3": "3 queueing",
    "1": "1 part traded",
    "0": "0 all traded",
    "5": "5 cancelled",
    "unmatched": "trades missing",
    "refused": "refused",
    "b": "b not touched",
    "c": "c touched",
}
"""The states of an order, with how they are called in a table."""

State = tuple[str, str]


def state_of(reached: Reached) -> State:
    return reached.connection, reached.newest


@frozen
class Cell:
    """What came of one fault in one state: how often it was done, and in how many of these runs an invariant broke.

    `plan` is the run to look at: one that broke where there is one, else of the fewest faults, else the first by name.
    """

    times: int
    broken: int
    plan: str

    def __add__(self, other: "Cell") -> "Cell":
        first = min(self, other, key=lambda each: (not each.broken, each.plan.count(" "), each.plan))
        return Cell(self.times + other.times, self.broken + other.broken, first.plan)


@define
class Coverage:
    """What each fault did in each state, and which states were come to at all."""

    tried: dict[tuple[State, Fault], Cell] = field(factory=dict)
    seen: set[State] = field(factory=set)

    def see(self, reached: Iterable[Reached]) -> None:
        self.seen.update(map(state_of, reached))

    def count(self, reached: Reached, fault: Fault, plan: str, *, broken: bool) -> None:
        """Takes a run in which a fault was done at a boundary."""
        self._add(state_of(reached), fault, Cell(1, int(broken), plan))
        self.seen.add(state_of(reached))

    def add(self, other: "Coverage") -> None:
        for (state, fault), cell in other.tried.items():
            self._add(state, fault, cell)
        self.seen |= other.seen

    def _add(self, state: State, fault: Fault, cell: Cell) -> None:
        known = self.tried.get((state, fault))
        self.tried[state, fault] = cell if known is None else known + cell

    def never(self) -> Iterator[State]:
        """The states that no run came to."""
        return (
            (connection, order)
            for order in ORDERS
            for connection in CONNECTIONS
            if (connection, order) not in self.seen
        )

    def faults_in(self, state: State) -> int:
        """How many faults were done in a state."""
        return sum(cell.times for (each, _), cell in self.tried.items() if each == state)

    def plain(self) -> list[list[object]]:
        """As JSON has it: rows of connection, order, fault and its cell; an empty fault where none was done."""
        rows: list[list[object]] = [
            [*state, fault, cell.times, cell.broken, cell.plan]
            for (state, fault), cell in sorted(self.tried.items(), key=lambda each: each[0])
        ]
        done = {state for state, _ in self.tried}
        return [*rows, *([*state, "", 0, 0, ""] for state in sorted(self.seen - done))]

    @classmethod
    def read(cls, rows: Iterable[tuple[str, str, Fault, int, int, str]]) -> "Coverage":
        found = cls()
        for connection, order, fault, times, broken, plan in rows:
            found.seen.add((connection, order))
            if times:
                found.tried[(connection, order), fault] = Cell(times, broken, plan)
        return found
