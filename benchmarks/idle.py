"""Microseconds that an hour of virtual time takes in which nothing happens, sessions being connected."""

import time

from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.unit import Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.checking.file import check
from ctpscen.language.text.source import Source
from ctpscen.startup import collect_garbage_rarely

collect_garbage_rarely()  # as the command does


def taken(hours: int) -> float:
    source = Source("idle.scn", "venue: clock 2026-11-23 21:00\nconnect\n" + "wait 1h\n" * hours)
    checked = check(source)
    assert checked.program is not None
    program = CompiledProgram(checked.program)
    unit = Unit(source.name, source.text, "idle")
    best = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        assert run_one(unit, SimulatedEnvironment.of, program).verdict == "passed"
        best = min(best, time.perf_counter() - began)
    return best


print((taken(5) - taken(0)) * 1e6 / 5)
