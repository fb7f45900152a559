"""Rules for reports on their way to a client: each path has a list of them.

A report meets those that are meant for it one after the other, the oldest first. What happens here happens at the
client's end of the wire: a report that is dropped has been received as far as the flow files know (RESUME does not
bring it again), one that is kept back has not. What there is of rules is in `rules`.
"""

from collections.abc import Callable

from attrs import define, field

from ctpscen.simulator.world import World


@define(eq=False, repr=False)
class Arrival:
    """A report at the client's end. `use_up` takes note that it was received, `deliver` does so and hands it over."""

    name: str
    deliver: Callable[[], object]
    use_up: Callable[[], object]


@define(eq=False, repr=False)
class Rule:
    """What becomes of some callbacks. `left` is for how many more, `until` for how long; None is without an end."""

    names: frozenset[str]
    left: int | None = None
    until: int | None = None

    def is_for(self, name: str, now: int) -> bool:
        return name in self.names and self.left != 0 and (self.until is None or now < self.until)

    @property
    def keeps_back(self) -> bool:
        """Whether a report has arrived that the client has not been given yet."""
        return False

    def meet(self, arrival: Arrival, interference: "Interference") -> None:
        """Does to a report what the rule is for."""
        raise NotImplementedError

    def end(self) -> list[Arrival]:
        """Ends what the rule does; gives the reports that it kept, in the order in which they are to arrive."""
        self.left = 0
        return []


@define(eq=False, repr=False)
class Interference:
    """The rules of one path: that of a session to the trading front or, with `market`, to the market front."""

    world: World
    session: str
    market: bool
    rules: list[Rule] = field(factory=list)

    @property
    def keeps_back(self) -> bool:
        """Whether a report has arrived that the client has not been given yet."""
        return any(rule.keeps_back for rule in self.rules)

    def meet(self, arrival: Arrival) -> None:
        """Delivers a report, or does to it what the rules want."""
        if self.rules:
            self._meet(arrival, self.rules)
        else:
            arrival.deliver()

    def end(self) -> None:
        """Ends all rules; what they kept arrives now."""
        ended, self.rules = self.rules, []
        for arrival in [arrival for rule in ended for arrival in rule.end()]:
            self.world.send(self.world.now, arrival.deliver)

    def go_on(self, arrival: Arrival, after: Rule) -> None:
        """The same, with the rules that come after one of them; none do where that one is over."""
        self._meet(arrival, self.rules[self.rules.index(after) + 1 :] if after in self.rules else [])

    def _meet(self, arrival: Arrival, rules: list[Rule]) -> None:
        rule = next((rule for rule in rules if rule.is_for(arrival.name, self.world.now)), None)
        if rule is None:
            arrival.deliver()
            return
        if rule.left is not None:
            rule.left -= 1
        rule.meet(arrival, self)
