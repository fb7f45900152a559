"""What a scenario does to reports on their way to a client: drop, delay, duplicate, reverse, hold.

Each path has a list of rules, and a report meets those that are meant for it one after the other, the oldest first.
What happens here happens at the client's end of the wire: a report that is dropped has been received as far as the
flow files know (RESUME does not bring it again), one that is kept back has not.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import define, field

from ctpscen.ctp.times import SECOND, spoken_duration
from ctpscen.simulator.world import World

Verb = Literal["drop", "delay", "duplicate", "reverse", "hold"]

# How long a reversal waits for the last of its reports.
REVERSAL_PATIENCE = 5 * SECOND

# What the words for groups of reports mean; any other word is the name of one callback.
STREAMS: Mapping[str, frozenset[str]] = {
    "order": frozenset({"OnRtnOrder"}),
    "trade": frozenset({"OnRtnTrade"}),
    "report": frozenset(
        {
            "OnRtnOrder",
            "OnRtnTrade",
            "OnRspOrderInsert",
            "OnErrRtnOrderInsert",
            "OnRspOrderAction",
            "OnErrRtnOrderAction",
            "OnRtnErrorConditionalOrder",
        }
    ),
}


@define(eq=False, repr=False)
class Arrival:
    """A report at the client's end. `use_up` takes note that it was received, `deliver` does so and hands it over."""

    name: str
    deliver: Callable[[], object]
    use_up: Callable[[], object]


@define(eq=False, repr=False)
class Rule:
    """What becomes of reports. `left` is for how many more, `until` for how long; None is without an end."""

    verb: Verb
    names: frozenset[str]
    left: int | None = None
    until: int | None = None
    span: int = 0
    kept: list[Arrival] = field(factory=list)

    def is_for(self, name: str, now: int) -> bool:
        return name in self.names and self.left != 0 and (self.until is None or now < self.until)


@define(eq=False, repr=False)
class Interference:
    """The rules of one path; `whose` is the session's name."""

    world: World
    whose: str
    rules: list[Rule] = field(factory=list)
    _delayed: int = 0

    @property
    def keeps_back(self) -> bool:
        """Whether a report has arrived that the client has not been given yet."""
        return self._delayed > 0 or any(rule.kept for rule in self.rules)

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def meet(self, arrival: Arrival, after: Rule | None = None) -> None:
        """Delivers a report, or does to it what the rules want that come after one of them."""
        rules = (
            self.rules[self.rules.index(after) + 1 :] if after in self.rules else self.rules if after is None else []
        )
        rule = next((rule for rule in rules if rule.is_for(arrival.name, self.world.now)), None)
        if rule is None:
            arrival.deliver()
            return
        if rule.left is not None:
            rule.left -= 1
        _VERBS[rule.verb](self, rule, arrival)

    def release(self, names: frozenset[str]) -> int:
        """Ends the holding of these reports, and delivers what was held; gives how many."""
        ended = [rule for rule in self.rules if rule.verb == "hold" and rule.names <= names]
        self.rules = [rule for rule in self.rules if rule not in ended]
        held = [arrival for rule in ended for arrival in rule.kept]
        for arrival in held:
            self.world.at(self.world.now, arrival.deliver)
        return len(held)

    def _note(self, done: str, arrival: Arrival) -> None:
        self.world.note(f"{arrival.name} to {self.whose} {done}")

    def _drop(self, _: Rule, arrival: Arrival) -> None:
        arrival.use_up()
        self._note("is dropped", arrival)

    def _delay(self, rule: Rule, arrival: Arrival) -> None:
        self._delayed += 1
        self.world.at(self.world.now + rule.span, self._late, rule, arrival)
        self._note(f"is delayed by {spoken_duration(rule.span)}", arrival)

    def _late(self, rule: Rule, arrival: Arrival) -> None:
        self._delayed -= 1
        self.meet(arrival, rule)

    def _duplicate(self, rule: Rule, arrival: Arrival) -> None:
        self._note("comes twice", arrival)
        self.meet(arrival, rule)
        self.meet(arrival, rule)

    def _hold(self, rule: Rule, arrival: Arrival) -> None:
        rule.kept.append(arrival)
        self._note("is held", arrival)

    def _reverse(self, rule: Rule, arrival: Arrival) -> None:
        rule.kept.append(arrival)
        if rule.left == 0:
            self._reversed(rule)
        elif len(rule.kept) == 1:
            self.world.at(self.world.now + REVERSAL_PATIENCE, self._reversed, rule)

    def _reversed(self, rule: Rule) -> None:
        rule.left = 0
        kept, rule.kept = rule.kept, []
        for arrival in reversed(kept):
            self._note("comes in reverse order", arrival)
            self.meet(arrival, rule)


_VERBS: Mapping[Verb, Callable[[Interference, Rule, Arrival], None]] = {
    "drop": Interference._drop,
    "delay": Interference._delay,
    "duplicate": Interference._duplicate,
    "reverse": Interference._reverse,
    "hold": Interference._hold,
}
