"""ctpscen as a library: check a scenario, run it, look at what came of it.

    import ctpscen

    result = ctpscen.run("place order as entry; expect trade of entry")
    assert result.passed, ctpscen.show(result)

A text is given as a str, a file as a path or as a str that ends in `.scn`.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.engine.unit import Result
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.checking.file import check as check_source
from ctpscen.language.meaning.program import Checked, Program, Scenario
from ctpscen.language.text.diagnostics import Located, render
from ctpscen.language.text.source import Source
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.loading import read_text, read_used
from ctpscen.report.terminal.scenarios import scenario_lines
from ctpscen.report.terminal.visible import visible
from ctpscen.runner.execution import Order, unit_of
from ctpscen.runner.selection import Item
from ctpscen.runner.values import param_of

Value = int | float | bool | str | timedelta | date | datetime | time
"""What a param may be given. A str is read as `--set` reads it, unless the param is a text."""

_TEXT_NAME = "text.scn"


class DoesNotCheck(ValueError):
    """A scenario with errors; the text of the exception is all of them, as `ctpscen check` shows them."""

    def __init__(self, diagnostics: Sequence[Located]) -> None:
        super().__init__(visible("\n".join(line for located in diagnostics for line in render(located))))
        self.diagnostics = diagnostics


def check(what: str | os.PathLike[str]) -> Sequence[Located]:
    """Errors and warnings of a scenario file or text, in the order of the text. Raises Unreadable for a file."""
    return _checked(what).diagnostics


def run(
    what: str | os.PathLike[str],
    *,
    title: str | None = None,
    row: int | None = None,
    seed: int = 0,
    values: Mapping[str, Value] | None = None,
    account: str = DEFAULT_ACCOUNT,
    instrument: str = "",
) -> Result:
    """Runs one scenario of a file or a text on the simulator.

    `title` says which, where there are several; `row` which row of its table, from 0. `values` replace params. The
    same arguments give the same journal to the byte, and `seed` is what `--seed` is on the command line.

    Raises Unreadable for a file that cannot be read, DoesNotCheck for one with errors, and ValueError for a title, a
    row or a value that does not fit. Whatever the scenario does is in the result.
    """
    checked = _checked(what)
    if checked.program is None:
        raise DoesNotCheck(checked.diagnostics)
    program = checked.program
    scenario = _scenario(program, title)
    settings = Settings(values=_values(program, values or {}), account=account, instrument=instrument)
    item = Item(program.source.name, program, scenario, _row(scenario, row))
    return run_one(unit_of(item, Order(seed, settings)), SimulatedEnvironment.of, CompiledProgram(program))


def show(result: Result) -> str:
    """What `ctpscen run` shows of a scenario: its steps, the reports that came, and what went wrong."""
    lines = scenario_lines(result, "")
    return visible("\n".join("".join(piece.text for piece in line).rstrip() for line in lines).rstrip()) + "\n"


def _checked(what: str | os.PathLike[str]) -> Checked:
    if isinstance(what, os.PathLike) or what.endswith(".scn"):
        name = os.fspath(what)
        return check_source(Source(name, read_text(name)), read_used)
    return check_source(Source(_TEXT_NAME, what), read_used)


def _scenario(program: Program, title: str | None) -> Scenario:
    titles = [scenario.title for scenario in program.scenarios]
    if title is None:
        if len(titles) > 1:
            raise ValueError(f"which scenario? there are {', '.join(repr(each) for each in titles)}")
        return program.scenarios[0]
    if title not in titles:
        raise ValueError(f"there is no scenario {title!r}{did_you_mean(title, titles)}")
    return program.scenarios[titles.index(title)]


def _row(scenario: Scenario, row: int | None) -> int | None:
    rows = 0 if scenario.table is None else len(scenario.table.rows)
    if row is None and rows:
        raise ValueError(f"which row of the table? there are {rows}, counted from 0")
    if row is not None and not 0 <= row < rows:
        raise ValueError(f"there is no row {row}; the scenario has {rows or 'no table'}")
    return row


def _values(program: Program, values: Mapping[str, Value]) -> Mapping[str, Any]:
    from ctpscen.language.meaning.values import read_value

    found: dict[str, Any] = {}
    for name, value in values.items():
        param = param_of(name, program.params)
        found[name] = read_value(value, param.kind) if isinstance(value, str) else value
    return found


__all__ = ["DoesNotCheck", "Result", "Value", "check", "run", "show"]
