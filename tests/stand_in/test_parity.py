"""The same scenario with the binding and with the stand-in: the same traffic and the same lines."""

import re
from typing import Any

import pytest
from support import ROOT, run

from ctpscen.engine.unit import Result

PROGRAMS = ROOT / "examples" / "programs"

BREAK = """
scenario "x":
    robot:
        never hazard
        start
        expect quote within 60s
        expect ReqOrderInsert within 60s as entry
        expect line "order 2 3 0/5" within 5s
        venue: fill entry 2
        expect line "position 2" within 5s
        wait 100ms
        disconnect
        venue: fill entry 3
        wait 10s
        reconnect
        expect ReqUserLogin where connection == 2 within 20s
        expect trades of entry total 5 within 30s
        expect line "position 5" within 5s
        wait 10s
        terminate within 30s
        expect exit where code == 0
"""

CANCELLED = """
scenario "x":
    robot:
        start
        expect ReqOrderInsert within 60s as entry
        expect line "order" within 5s
        wait 100ms
        venue: cancel entry
        expect ReqOrderInsert within 5s
        wait 1s
        terminate within 30s
        expect exit where code == 0
"""

MOMENTS = ("Time", "time", "Millisec", "FrontID", "SessionID")


def traffic(result: Result) -> list[Any]:
    """What was asked, told and written, without the moments at which it was."""
    found: list[Any] = []
    for entry in result.journal:
        kind = entry["event"]
        if entry.get("name") == "OnRtnDepthMarketData" or " quote " in entry.get("text", ""):
            continue  # how many there are is a matter of moments
        if kind in ("call", "callback"):
            fields = {name: value for name, value in (entry.get("fields") or {}).items() if not name.endswith(MOMENTS)}
            found.append((kind, entry["name"], fields, entry.get("returned"), entry.get("error")))
        elif kind == "line":
            found.append((kind, re.sub(r"\d\d:\d\d:\d\d", "", entry["text"])))
        elif kind in ("exit", "hazard"):
            found.append((kind, entry.get("code"), entry.get("signal"), entry.get("text")))
    return found


@pytest.mark.usefixtures("native_too")
@pytest.mark.parametrize(
    ("command", "steps"),
    [("robot.py --market", BREAK), ("five_mistakes.py", CANCELLED)],
    ids=["robot", "five_mistakes"],
)
def test_the_journals_say_the_same(command: str, steps: str) -> None:
    item = f'program robot "{{python}} {command}" in "{PROGRAMS}"'
    native, python = (run(f"{item}{using}\n{steps}") for using in ("", ' using "python"'))
    assert (native.verdict, python.verdict) == ("passed", "passed"), [each.diagnostics for each in (native, python)]
    assert sorted(map(repr, traffic(python))) == sorted(map(repr, traffic(native)))
    assert len(traffic(python)) > 20
