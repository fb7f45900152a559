"""What happens before the program's own code."""

import os

from . import control, network
from .library import binding
from .waits import descriptors, signals, threads, times
from .waits.waiting import here


def start() -> None:
    connection = control.Control()
    if hasattr(here.clock, "jumps"):
        times.lead()
        threads.lead()
        descriptors.lead()
    signals.lead(connection.tell_signal)
    if os.environ.get("CTPSCEN_NETWORK") == "guard":
        network.guard()
    binding.bind()
