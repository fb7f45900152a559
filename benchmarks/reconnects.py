"""Fresh worlds, each with reconnect.scn from its first step to its verdict, a second."""

import time
from pathlib import Path

from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.unit import Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.loading import load
from ctpscen.startup import collect_garbage_rarely

collect_garbage_rarely()  # as the command does

source, checked = load(str(Path("scenarios") / "reconnect.scn"))
assert checked.program is not None
program = CompiledProgram(checked.program)
unit = Unit(source.name, source.text, checked.program.scenarios[0].title)
for _ in range(20):
    run_one(unit, SimulatedEnvironment.of, program)
count, began = 500, time.perf_counter()
for _ in range(count):
    assert run_one(unit, SimulatedEnvironment.of, program).verdict == "passed"
print(count / (time.perf_counter() - began))
