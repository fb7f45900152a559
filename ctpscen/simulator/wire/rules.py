"""What a scenario does to reports on their way: drop, delay, duplicate, reverse, hold."""

from attrs import define, field

from ctpscen.ctp.commands.effects import (
    ReportDelayed,
    ReportDropped,
    ReportDuplicated,
    ReportHeld,
    ReportReversed,
)
from ctpscen.ctp.times import SECOND
from ctpscen.simulator.wire.interference import Arrival, Interference, Rule

# How long a reversal waits for the last of its reports.
REVERSAL_PATIENCE = 5 * SECOND


@define(eq=False, repr=False)
class Drop(Rule):
    """The client never gets them."""

    def meet(self, arrival: Arrival, interference: Interference) -> None:
        arrival.use_up()
        session, market = interference.session, interference.market
        interference.world.note(ReportDropped(session=session, market=market, report=arrival.name))


@define(eq=False, repr=False)
class Delay(Rule):
    """The client gets them so many microseconds later."""

    by: int = field(kw_only=True)
    _on_its_way: int = 0

    @property
    def keeps_back(self) -> bool:
        return self._on_its_way > 0

    def meet(self, arrival: Arrival, interference: Interference) -> None:
        self._on_its_way += 1
        world, session, market = interference.world, interference.session, interference.market
        world.send(world.now + self.by, self._late, arrival, interference)
        world.note(ReportDelayed(session=session, market=market, report=arrival.name, by=self.by))

    def _late(self, arrival: Arrival, interference: Interference) -> None:
        self._on_its_way -= 1
        interference.go_on(arrival, self)


@define(eq=False, repr=False)
class Duplicate(Rule):
    """The client gets them twice."""

    def meet(self, arrival: Arrival, interference: Interference) -> None:
        session, market = interference.session, interference.market
        interference.world.note(ReportDuplicated(session=session, market=market, report=arrival.name))
        interference.go_on(arrival, self)
        interference.go_on(arrival, self)


@define(eq=False, repr=False)
class Keeping(Rule):
    """A rule that keeps reports for a while."""

    kept: list[Arrival] = field(factory=list)

    @property
    def keeps_back(self) -> bool:
        return bool(self.kept)

    def end(self) -> list[Arrival]:
        self.left = 0
        kept, self.kept = self.kept, []
        return kept


@define(eq=False, repr=False)
class Hold(Keeping):
    """The client gets them when they are released."""

    def meet(self, arrival: Arrival, interference: Interference) -> None:
        self.kept.append(arrival)
        session, market = interference.session, interference.market
        interference.world.note(ReportHeld(session=session, market=market, report=arrival.name))


@define(eq=False, repr=False)
class Reverse(Keeping):
    """The client gets so many of them last to first: once all have come, or when the last is long in coming."""

    def meet(self, arrival: Arrival, interference: Interference) -> None:
        self.kept.append(arrival)
        world = interference.world
        if self.left == 0:
            self._give_back(interference)
        elif len(self.kept) == 1:
            world.at(world.now + REVERSAL_PATIENCE, self._give_back, interference)

    def _give_back(self, interference: Interference) -> None:
        self.left = 0
        kept, self.kept = self.kept, []
        session, market = interference.session, interference.market
        for arrival in reversed(kept):
            interference.world.note(ReportReversed(session=session, market=market, report=arrival.name))
            interference.go_on(arrival, self)


def release(interference: Interference, names: frozenset[str]) -> int:
    """Ends the holding of these callbacks, and delivers what was held; gives how many."""
    ended = [rule for rule in interference.rules if isinstance(rule, Hold) and rule.names <= names]
    interference.rules = [rule for rule in interference.rules if rule not in ended]
    held = [arrival for rule in ended for arrival in rule.kept]
    for arrival in held:
        interference.world.send(interference.world.now, arrival.deliver)
    return len(held)
