"""`ctpscen run`: scenarios to verdicts."""

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from attrs import define, field

from ctpscen.commands import BLOCKED, ERROR, FAILED, INTERRUPTED, NOTHING_SELECTED, PASSED, USAGE
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import Result, Unit, run_one
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.language.program import Program, Scenario
from ctpscen.language.suggestions import did_you_mean
from ctpscen.loading import Selected, Unreadable, load, select
from ctpscen.report.terminal import plain, scenario_lines, summary_line
from ctpscen.report.writer import Writer, write_diagnostics, writer_for


@define
class _Loaded:
    """A file that checks, with the scenarios of it that were selected."""

    name: str
    program: Program
    chosen: list[tuple[Scenario, int | None]] = field(factory=list)


def execute(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    loaded, sound = _load_all(options.files, err)
    if not sound:
        return USAGE
    values = _values(options.values, loaded, sys.stderr)
    if values is None:
        return USAGE
    if not any(each.chosen for each in loaded):
        err.write(plain("no scenario was selected", "warn"))
        return NOTHING_SELECTED
    results: list[Result] = []
    interrupted = False
    try:
        _run_all(loaded, values, options, out, results)
    except KeyboardInterrupt:  # between two scenarios; one that runs makes it its verdict
        interrupted = True
        out.write(plain("interrupted", "warn"))
    out.write(summary_line(results, time.perf_counter() - began))
    return INTERRUPTED if interrupted else _exit_code(results)


def _load_all(arguments: Sequence[str], err: Writer) -> tuple[list[_Loaded], bool]:
    """Every file that the arguments name, checked; False where one of them is not fit to run."""
    loaded, sound = [], True
    for argument in arguments:
        try:
            for selected in select(argument):
                source, checked = load(selected.path)
                write_diagnostics(checked.diagnostics, err)
                if checked.program is None:
                    sound = False
                else:
                    loaded.append(_Loaded(source.name, checked.program, _choose(checked.program, selected)))
        except Unreadable as reason:
            err.write(plain(str(reason), "bad"))
            sound = False
    return loaded, sound


def _choose(program: Program, selected: Selected) -> list[tuple[Scenario, int | None]]:
    """The scenarios, and rows of their tables, that stand at the line that was asked for."""
    chosen: list[tuple[Scenario, int | None]] = []
    line = selected.line
    for scenario in program.scenarios:
        if line is not None and not scenario.line <= line <= scenario.last_line:
            continue
        table = scenario.table
        rows: list[int | None] = [None] if table is None else list(range(len(table.rows)))
        if table is not None and line is not None:
            at_line = [row for row, span in enumerate(table.spans) if program.source.place(span[0]).line == line]
            rows = list(at_line) or rows
        chosen += [(scenario, row) for row in rows]
    return chosen


def _values(pairs: Sequence[str], loaded: Sequence[_Loaded], err: TextIO) -> dict[str, Any] | None:
    """The values of --set, each read as the type of its param; None where one of them cannot be."""
    if not pairs:
        return {}
    from ctpscen.language.literals import read_value

    params = {name: param for each in loaded for name, param in each.program.params.items()}
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            err.write(f"--set {pair}: write NAME=VALUE\n")
            return None
        if name not in params:
            there = ", ".join(params) or "none"
            err.write(f"--set {pair}: there is no param `{name}`{did_you_mean(name, params)} (params: {there})\n")
            return None
        try:
            values[name] = read_value(text, params[name].kind)
        except ValueError as reason:
            err.write(f"--set {pair}: {reason}\n")
            return None
    return values


def _run_all(
    loaded: Sequence[_Loaded],
    values: dict[str, Any],
    options: argparse.Namespace,
    out: Writer,
    results: list[Result],
) -> None:
    """Runs what was chosen, file by file; ends early where the user interrupts."""
    settings = Settings(values=values, account=options.account or DEFAULT_ACCOUNT, instrument=options.instrument)
    rerun = _rerun_options(options)
    for each in loaded:
        compiled = CompiledProgram(each.program)
        for scenario, row in each.chosen:
            unit = Unit(each.name, each.program.source.text, scenario.title, row, seed=options.seed, settings=settings)
            result = run_one(unit, compiled)
            results.append(result)
            command = f"ctpscen run {shlex.quote(f'{each.name}:{_line(scenario, row, each.program)}')} {rerun}"
            for line in scenario_lines(result, command):
                out.write(line)
            out.flush()
            if result.verdict == "interrupted":
                return


def _rerun_options(options: argparse.Namespace) -> str:
    """The options that a run of one scenario needs to be the same run."""
    words = ["--seed", str(options.seed)]
    words += [word for pair in options.values for word in ("--set", pair)]
    for name in ("account", "instrument"):
        if given := getattr(options, name):
            words += [f"--{name}", given]
    return shlex.join(words)


def _line(scenario: Scenario, row: int | None, program: Program) -> int:
    """The line by which a scenario, or a row of its table, is selected."""
    if scenario.table is None or row is None:
        return scenario.line
    return program.source.place(scenario.table.spans[row][0]).line


_EXIT_CODES = (("interrupted", INTERRUPTED), ("error", ERROR), ("failed", FAILED), ("blocked", BLOCKED))


def _exit_code(results: Sequence[Result]) -> int:
    verdicts = {result.verdict for result in results}
    return next((code for verdict, code in _EXIT_CODES if verdict in verdicts), PASSED)
