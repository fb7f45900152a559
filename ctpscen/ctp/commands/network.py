"""What may be done to the paths between sessions and fronts. The relay does these, too."""

from attrs import frozen

from ctpscen.ctp.commands.record import Command


@frozen(kw_only=True, eq=False, repr=False)
class PathCommand(Command):
    """About the path of a session, to both fronts or, with `market`, to the market front alone."""

    session: str | None = None
    market: bool = False


@frozen(eq=False, repr=False)
class Cut(PathCommand):
    """Connections break, and none can be made."""


@frozen(eq=False, repr=False)
class Silence(PathCommand):
    """Everything is swallowed, and nothing breaks."""


@frozen(eq=False, repr=False)
class Stall(PathCommand):
    """Nothing moves until it is healed, and then all of it."""


@frozen(eq=False, repr=False)
class Heal(PathCommand):
    """The path carries again."""


@frozen(kw_only=True, eq=False, repr=False)
class Flap(PathCommand):
    """Cut, healed, cut …, each after `every`, for so long; at the end it is healed."""

    every: int
    lasting: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class PathLatency(PathCommand):
    """How long a message travels one way, and how much longer at random."""

    latency: int
    jitter: int = 0
