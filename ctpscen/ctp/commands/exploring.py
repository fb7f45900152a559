"""What exploring does to a run besides its plan."""

from attrs import frozen

from ctpscen.ctp.commands.record import Command


@frozen(eq=False, repr=False)
class EndFaults(Command):
    """All faults end, the plan's and the scenario's: paths carry, the front is up, what was held arrives, and what was
    arranged for later (refusals, limits, losses) lapses."""
