"""What a program imports is what it imports of the binding: the same names, and the same words where it is refused."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from support.stage import Stage

PROGRAMS = Path(__file__).parent / "programs"


@pytest.mark.usefixtures("native_too")
def test_it_takes_and_refuses_what_the_binding_does(stage: Stage) -> None:
    found = []
    for name, stand_in in (("native", False), ("python", True)):
        stage.events.clear()
        stage.exits.clear()
        stage.start(sys.executable, "binding.py", name=name, folder=PROGRAMS, stand_in=stand_in)
        assert stage.to_end().code == 0, stage.lines
        lines = [line for line in stage.lines if not line.startswith("swig/python detected a memory leak")]
        hazards = Counter(hazard.kind for hazard in stage.hazards)
        found.append((lines, hazards, [(call.request.name, call.request.fields) for call in stage.calls]))
    native, python = found
    assert python[0] == native[0]
    assert python[1:] == native[1:]
    assert python[1] == {"second Release": 1, "call after Release": 2}
