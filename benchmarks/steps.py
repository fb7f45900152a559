"""Microseconds that one trivial step takes."""

import time

from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.unit import Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.checking.file import check
from ctpscen.language.text.source import Source
from ctpscen.startup import collect_garbage_rarely

collect_garbage_rarely()  # as the command does

STEPS = 100_000
source = Source("steps.scn", f"repeat {STEPS // 10} times:\n" + "    check 1 == 1\n" * 10)
checked = check(source)
assert checked.program is not None
program = CompiledProgram(checked.program)
began = time.perf_counter()
assert run_one(Unit(source.name, source.text, "steps"), SimulatedEnvironment.of, program).verdict == "passed"
print((time.perf_counter() - began) * 1e6 / STEPS)
