"""What may be done to reports on their way from a front to a session."""

from attrs import frozen

from ctpscen.ctp.commands.record import Command


@frozen(kw_only=True, eq=False, repr=False)
class ReportCommand(Command):
    """About reports to a session: `order`, `trade`, `report` for any of an order, or the name of a callback."""

    reports: str
    to: str | None = None


@frozen(kw_only=True, eq=False, repr=False)
class Drop(ReportCommand):
    """They never arrive: so many, or all, for so long. The flow files take them as received."""

    count: int | None = None
    lasting: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class Delay(ReportCommand):
    """They arrive later."""

    by: int
    count: int | None = None
    lasting: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class Duplicate(ReportCommand):
    """They arrive twice."""

    count: int | None = None
    lasting: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class Reverse(ReportCommand):
    """So many of them arrive last to first."""

    count: int


@frozen(eq=False, repr=False)
class Hold(ReportCommand):
    """They are kept until they are released."""


@frozen(eq=False, repr=False)
class ReleaseReports(ReportCommand):
    """What was held arrives: `held` reports."""
