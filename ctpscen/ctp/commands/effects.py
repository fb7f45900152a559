"""What a fault did, at the moment in which it did it: to a report, a request, a path, a delivery.

The simulator notes these records as they happen. What it was told to do beforehand is a command of another family.
"""

from attrs import frozen

from ctpscen.ctp.commands.plan import Fault
from ctpscen.ctp.commands.record import Record


@frozen(eq=False, repr=False)
class Effect(Record):
    """Anything that a fault did."""


@frozen(eq=False, repr=False)
class Planned(Effect):
    """The plan struck a message: what nobody's step did, but whoever explores."""

    does: Fault
    boundary: str


@frozen(kw_only=True, eq=False, repr=False)
class PathFault(Effect):
    """To the path between a session and the trading front or, with `market`, the market front."""

    session: str
    market: bool


@frozen(eq=False, repr=False)
class PathCut(PathFault):
    """A path that flaps is cut."""


@frozen(eq=False, repr=False)
class PathHealed(PathFault):
    """A path that flaps carries again."""


@frozen(kw_only=True, eq=False, repr=False)
class ReportFault(PathFault):
    """To a report on such a path: `report` is its callback."""

    report: str


@frozen(eq=False, repr=False)
class ReportDropped(ReportFault):
    """It never arrives."""


@frozen(kw_only=True, eq=False, repr=False)
class ReportDelayed(ReportFault):
    """It arrives so many microseconds later."""

    by: int


@frozen(eq=False, repr=False)
class ReportDuplicated(ReportFault):
    """It arrives twice."""


@frozen(eq=False, repr=False)
class ReportHeld(ReportFault):
    """It is kept until it is released."""


@frozen(eq=False, repr=False)
class ReportReversed(ReportFault):
    """It arrives now, after those that came behind it."""


@frozen(kw_only=True, eq=False, repr=False)
class RequestLost(Effect):
    """A request of a session reached the front, and is not heard of again."""

    session: str
    request: str
