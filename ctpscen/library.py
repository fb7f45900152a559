"""ctpscen as a library: check a scenario, run it, look at what came of it.

    import ctpscen

    result = ctpscen.run("place order as entry; expect trade of entry")
    assert result.passed, ctpscen.show(result)

    scenarios = ctpscen.compile("scenarios/reconnect.scn")
    for seed in range(100):
        assert scenarios.run(seed=seed).passed

A text is given as a str, a file as a path or as a str that ends in `.scn`.
"""

from __future__ import annotations  # exploring is loaded when something is explored

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.engine.unit import Result
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.cache import ReadTexts
from ctpscen.language.checking.file import check as check_source
from ctpscen.language.meaning.program import Program, Scenario
from ctpscen.language.text.diagnostics import Located, render
from ctpscen.language.text.source import Read, Source
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.loading import Selected, read_text, read_used
from ctpscen.report.terminal.scenarios import scenario_lines
from ctpscen.report.terminal.visible import visible
from ctpscen.runner.execution import Order, unit_of
from ctpscen.runner.selection import Item, items_of
from ctpscen.runner.values import param_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ctpscen.explore.campaign import Report

Value = int | float | bool | str | timedelta | date | datetime | time
"""What a param may be given. A str is read as `--set` reads it, unless the param is a text."""

_TEXT_NAME = "text.scn"


class DoesNotCheck(ValueError):
    """A scenario with errors; the text of the exception is all of them, as `ctpscen check` shows them."""

    def __init__(self, diagnostics: Sequence[Located]) -> None:
        super().__init__(visible("\n".join(line for located in diagnostics for line in render(located))))
        self.diagnostics = diagnostics


@frozen(eq=False, repr=False)
class Scenarios:
    """The scenarios of a file or a text, parsed and checked once and ready to be run any number of times."""

    program: Program
    _compiled: CompiledProgram

    @property
    def titles(self) -> Sequence[str]:
        return [scenario.title for scenario in self.program.scenarios]

    def run(
        self,
        *,
        title: str | None = None,
        row: int | None = None,
        seed: int = 0,
        plan: str | None = None,
        values: Mapping[str, Value] | None = None,
        account: str = DEFAULT_ACCOUNT,
        instrument: str = "",
        products: str = "",
    ) -> Result:
        """Runs one of them on the simulator.

        `title` says which, where there are several; `row` which row of its table, from 0. `values` replace params.
        `products` are the terms of one's own broker, by the name under which `ctpscen products import` keeps them.
        With a `plan` of faults, as `--plan` takes it, it is judged by its invariants alone.
        The same arguments give the same journal to the byte, and `seed` is what `--seed` is on the command line.

        Raises ValueError for a title, a row, a value, a plan or products that do not fit. Whatever the scenario does
        is in the result.
        """
        program = self.program
        scenario = _scenario(program, title)
        settings = _settings(program, values, account, instrument, products)
        item = Item(program.source.shown_name, program, scenario, _row(scenario, row))
        order = Order(seed, settings, plan=None if plan is None else read_plan(plan))
        return run_one(unit_of(item, order), SimulatedEnvironment.of, self._compiled)

    def explore(
        self,
        *,
        title: str | None = None,
        seed: int = 0,
        seeds: int = 1,
        faults: Sequence[str] = (),
        depth: int = 1,
        every_boundary: bool = False,
        runs: int | None = None,
        seconds: float | None = None,
        values: Mapping[str, Value] | None = None,
        account: str = DEFAULT_ACCOUNT,
        instrument: str = "",
        products: str = "",
        executor: Executor | None = None,
    ) -> Sequence[Report]:
        """Runs them under faults that they do not name, as `ctpscen explore` does: a report of each, row by row.

        `title` says which one, None all of them. `faults`, `depth`, `runs` and `seconds` are the options `--faults`,
        `--depth`, `--runs` and `--budget`; `every_boundary` is `--all`. `executor` does the work, any one of
        `concurrent.futures`; what is found does not depend on it.

        Raises ValueError for a title, a fault or a value that does not fit.
        """
        from ctpscen.explore.campaign import Options
        from ctpscen.explore.choice import FAULT_WORDS
        from ctpscen.explore.exploring import explore_all
        from ctpscen.explore.spread import Here, Lent
        from ctpscen.explore.trials import targets_of

        for word in faults:
            if word not in FAULT_WORDS:
                raise ValueError(f"there is no fault {word!r}{did_you_mean(word, FAULT_WORDS)}")
        wanted = None if title is None else _scenario(self.program, title)
        items = [
            item
            for item in items_of(self.program, Selected(self.program.source.name))
            if wanted is None or item.scenario is wanted
        ]
        settings = _settings(self.program, values, account, instrument, products)
        options = Options(tuple(faults), depth, every_boundary, runs, seconds)
        by = Here() if executor is None else Lent(lambda: executor)
        return list(explore_all(targets_of(items, settings, seed, seeds), options, by))


def check(what: str | os.PathLike[str]) -> Sequence[Located]:
    """Errors and warnings of a scenario file or text, in the order of the text. Raises Unreadable for a file."""
    return check_source(_source(what), read_used).diagnostics


def compile(what: str | os.PathLike[str]) -> Scenarios:  # noqa: A001 - as in `re.compile`
    """Parses and checks the scenarios of a file or a text, so that they can be run again and again.

    Raises Unreadable for a file that cannot be read, and DoesNotCheck for one with errors.
    """
    return _compiled(_source(what))


def run(
    what: str | os.PathLike[str],
    *,
    title: str | None = None,
    row: int | None = None,
    seed: int = 0,
    plan: str | None = None,
    values: Mapping[str, Value] | None = None,
    account: str = DEFAULT_ACCOUNT,
    instrument: str = "",
    products: str = "",
) -> Result:
    """Runs one scenario of a file or a text on the simulator, as `compile(what).run(…)` does.

    What was run before and has not changed is not parsed again. Raises what those two raise.
    """
    scenarios = _remembered(_source(what))
    return scenarios.run(
        title=title,
        row=row,
        seed=seed,
        plan=plan,
        values=values,
        account=account,
        instrument=instrument,
        products=products,
    )


def show(result: Result) -> str:
    """What `ctpscen run` shows of a scenario: its steps, the reports that came, and what went wrong."""
    lines = scenario_lines(result, "")
    return visible("\n".join("".join(piece.text for piece in line).rstrip() for line in lines).rstrip()) + "\n"


def _source(what: str | os.PathLike[str]) -> Source:
    if isinstance(what, os.PathLike) or what.endswith(".scn"):
        name = os.fspath(what)
        return Source(name, read_text(name))
    return Source(_TEXT_NAME, what)


def _compiled(source: Source, read: Read = read_used) -> Scenarios:
    checked = check_source(source, read)
    if checked.program is None:
        raise DoesNotCheck(checked.diagnostics)
    return Scenarios(checked.program, CompiledProgram(checked.program))


_MOST_REMEMBERED = 64

_memory: dict[tuple[str, str], tuple[Scenarios, ReadTexts]] = {}
"""What `run` was given, by name and text, with the texts that those use; what was run last stands last."""


def _remembered(source: Source) -> Scenarios:
    """The scenarios of a text, compiled anew only where it or a file that it uses has changed."""
    key = source.name, source.text
    known = _memory.pop(key, None)
    if known is None or not known[1].are_unchanged(read_used):
        texts = ReadTexts(read_used)
        known = _compiled(source, texts.read), texts
    _memory[key] = known
    if len(_memory) > _MOST_REMEMBERED:
        _memory.pop(next(iter(_memory)), None)
    return known[0]


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


def _settings(
    program: Program, values: Mapping[str, Value] | None, account: str, instrument: str, products: str
) -> Settings:
    """Raises ValueError."""
    given = _values(program, values or {})
    if not products:
        return Settings(values=given, account=account, instrument=instrument)
    from ctpscen.broker.kept import load_terms

    return Settings(values=given, account=account, instrument=instrument, terms=load_terms(products))


def _values(program: Program, values: Mapping[str, Value]) -> Mapping[str, Any]:
    from ctpscen.language.meaning.values import read_value

    found: dict[str, Any] = {}
    for name, value in values.items():
        param = param_of(name, program.params)
        found[name] = read_value(value, param.kind) if isinstance(value, str) else value
    return found


__all__ = ["DoesNotCheck", "Result", "Scenarios", "Value", "check", "compile", "run", "show"]
