"""The command line."""

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from attrs import define, field

from ctpscen import __version__
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import Result, Unit, run_one
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.language.diagnostics import Located
from ctpscen.language.literals import read_value
from ctpscen.language.program import Program, Scenario
from ctpscen.language.suggestions import did_you_mean
from ctpscen.loading import Selected, Unreadable, load, select
from ctpscen.report.terminal import diagnostic_lines, plain, scenario_lines, summary_line
from ctpscen.report.writer import Writer, writer_for

PASSED, FAILED, USAGE, ERROR, BLOCKED, NOTHING_SELECTED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

_EXIT_CODES = """\
exit codes:
  0    every scenario passed, or was skipped
  1    a scenario failed
  2    bad usage, or a file that does not check; nothing ran
  3    an error while running
  4    a scenario was blocked
  5    no scenario was selected
  130  interrupted
of several, the first of 2, 3, 1, 4 counts
"""

_EXAMPLES = """\
examples:
  ctpscen run scenarios/reconnect.scn
  ctpscen run scenarios/reconnect.scn:12 --seed 7
  ctpscen run scenarios --set volume=3
  echo 'place order; disconnect; wait 10s; reconnect; expect trades' | ctpscen run -

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a pipe may be set to an encoding without arrows
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code: int = options.action(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read has gone; Python would complain about it at exit
        return PASSED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ctpscen", description="Scenario tests for programs that trade through CTP.")
    parser.add_argument("--version", action="version", version=f"ctpscen {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    run = commands.add_parser(
        "run",
        help="run scenarios",
        description="Runs scenarios against the simulated venue and reports what happened.",
        epilog=_EXAMPLES + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a .scn file, FILE:LINE for the scenario at that line, a folder, or - for standard input",
    )
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="give a param another value; may be repeated",
    )
    run.add_argument("--account", default=DEFAULT_ACCOUNT, metavar="NAME", help="account of sessions that name none")
    run.add_argument("--instrument", default="", metavar="ID", help="instrument of orders that name none")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="seed of everything left to chance (default 0)")
    run.set_defaults(action=_run)
    return parser


@define
class _Loaded:
    """A file that checks, with the scenarios of it that were selected."""

    name: str
    program: Program
    chosen: list[tuple[Scenario, int | None]] = field(factory=list)


def _run(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    loaded, sound = _load_all(options.files, err)
    if not sound:
        return USAGE
    values = _values(options.values, loaded, sys.stderr)
    if values is None:
        return USAGE
    rerun = _rerun_options(options)
    if not any(each.chosen for each in loaded):
        err.write(plain("no scenario was selected", "warn"))
        return NOTHING_SELECTED
    results = _run_all(loaded, values, options, out, rerun)
    out.write(summary_line(results, time.perf_counter() - began))
    return _exit_code(results)


def _load_all(arguments: Sequence[str], err: Writer) -> tuple[list[_Loaded], bool]:
    """Every file that the arguments name, checked; False where one of them is not fit to run."""
    loaded, sound = [], True
    for argument in arguments:
        try:
            for selected in select(argument):
                source, checked = load(selected.path)
                _show_diagnostics(checked.diagnostics, err)
                if checked.program is None:
                    sound = False
                else:
                    loaded.append(_Loaded(source.name, checked.program, _choose(checked.program, selected)))
        except Unreadable as reason:
            err.write(plain(str(reason), "bad"))
            sound = False
    return loaded, sound


def _show_diagnostics(diagnostics: Sequence[Located], err: Writer) -> None:
    for located in diagnostics:
        for line in diagnostic_lines(located):
            err.write(line)


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


def _rerun_options(options: argparse.Namespace) -> str:
    """The options that a run of one scenario needs to be the same run."""
    words = ["--seed", str(options.seed)]
    words += [word for pair in options.values for word in ("--set", pair)]
    if options.account != DEFAULT_ACCOUNT:
        words += ["--account", options.account]
    if options.instrument:
        words += ["--instrument", options.instrument]
    return shlex.join(words)


def _run_all(
    loaded: Sequence[_Loaded], values: dict[str, Any], options: argparse.Namespace, out: Writer, rerun: str
) -> list[Result]:
    """Runs what was chosen, file by file; ends early where the user interrupts."""
    results: list[Result] = []
    settings = Settings(values=values, account=options.account, instrument=options.instrument)
    for each in loaded:
        compiled = CompiledProgram(each.program)
        for scenario, row in each.chosen:
            unit = Unit(each.name, each.program.source.text, scenario.title, row, seed=options.seed, settings=settings)
            result = run_one(unit, compiled)
            results.append(result)
            command = f"ctpscen run {shlex.quote(f'{each.name}:{_line(scenario, row, each.program)}')} {rerun}"
            for line in scenario_lines(result, command):
                out.write(line)
            if result.verdict == "interrupted":
                return results
    return results


def _line(scenario: Scenario, row: int | None, program: Program) -> int:
    """The line by which a scenario, or a row of its table, is selected."""
    if scenario.table is None or row is None:
        return scenario.line
    return program.source.place(scenario.table.spans[row][0]).line


def _exit_code(results: Sequence[Result]) -> int:
    verdicts = {result.verdict for result in results}
    order = (("interrupted", INTERRUPTED), ("error", ERROR), ("failed", FAILED), ("blocked", BLOCKED))
    return next((code for verdict, code in order if verdict in verdicts), PASSED)


if __name__ == "__main__":
    sys.exit(main())
