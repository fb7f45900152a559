"""Which faults were tried in which states: of the connection, and of the actor's newest own order."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import define, field

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


@define
class Coverage:
    """How often each fault was done in each state, and which states were come to at all."""

    tried: dict[tuple[State, Fault], int] = field(factory=dict)
    seen: set[State] = field(factory=set)

    def see(self, reached: Iterable[Reached]) -> None:
        self.seen.update(map(state_of, reached))

    def count(self, reached: Reached, fault: Fault, times: int = 1) -> None:
        cell = state_of(reached), fault
        self.tried[cell] = self.tried.get(cell, 0) + times
        self.seen.add(state_of(reached))

    def add(self, other: "Coverage") -> None:
        for cell, times in other.tried.items():
            self.tried[cell] = self.tried.get(cell, 0) + times
        self.seen |= other.seen

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
        return sum(times for (each, _), times in self.tried.items() if each == state)

    def plain(self) -> list[list[object]]:
        """As JSON has it: rows of connection, order, fault, times; an empty fault where none was done."""
        rows: list[list[object]] = [[*state, fault, times] for (state, fault), times in sorted(self.tried.items())]
        done = {state for state, _ in self.tried}
        return [*rows, *([*state, "", 0] for state in sorted(self.seen - done))]

    @classmethod
    def read(cls, rows: Iterable[tuple[str, str, Fault, int]]) -> "Coverage":
        found = cls()
        for connection, order, fault, times in rows:
            found.seen.add((connection, order))
            if times:
                found.tried[(connection, order), fault] = times
        return found
