"""The JUnit report, which continuous integration servers read: failed is a failure, error and blocked are errors.

What went wrong beside a scenario is an error beside its failure. What programs under test wrote is the case's
`system-out`, a line each after the time and the name of its program.
"""

from collections.abc import Sequence
from typing import Any

from ctpscen.ctp.times import precise_text
from ctpscen.engine.unit import Result
from ctpscen.language.text.diagnostics import render
from ctpscen.report.program_events import PROGRAM_EVENTS, program_words
from ctpscen.report.runs import Done, called


def junit_text(done: Sequence[Done]) -> str:
    """The report as XML: one suite a file, one case a scenario or row."""
    from junitparser import JUnitXml, TestSuite

    report = JUnitXml("ctpscen")
    cases: dict[str, list[Any]] = {}
    for each in done:
        cases.setdefault(each.result.name, []).append(_case(each))
    for name, of_file in cases.items():
        suite = TestSuite(_clean(name))
        suite.add_testcases(of_file)
        report.add_testsuite(suite)
    report.update_statistics()
    text: str = report.tostring().decode("utf-8")
    return text + "\n"


def _case(each: Done) -> Any:
    from junitparser import Error, Failure, Skipped
    from junitparser.xunit2 import FlakyFailure, TestCase

    result = each.result
    case: Any = TestCase(_clean(called(each)), _clean(result.name), round(each.wall, 6))
    shown = {"failed": Failure, "error": Error, "blocked": Error, "interrupted": Error, "skipped": Skipped}
    kind = shown.get(result.verdict)
    if kind is not None:
        case.result = [_told(kind, result)]
    if result.verdict == "flaky":  # as Maven's Surefire tells what passed in the end
        case.add_interim_result(_told(FlakyFailure, result))
    if result.errors_beside:
        beside = [Error(_clean(text.splitlines()[0]), "error") for text in result.errors_beside]
        case.result = [*case.result, *beside]
    if output := _output(result):
        case.system_out = _clean(output)
    return case


def _output(result: Result) -> str:
    """What programs wrote and were told, and how they ended."""
    said = (event for event in result.journal if event["event"] in PROGRAM_EVENTS)
    return "\n".join(f"{precise_text(event['time'])} {event['session']} {program_words(event)}" for event in said)


def _told(kind: Any, result: Result) -> Any:
    """What a case has beside its name: the reason, the rest of it and the diagnostics below its first line."""
    first, *rest = result.reason.splitlines() or [result.verdict]
    told = kind(_clean(first), result.verdict)
    told.text = _clean("\n".join([*rest, *(line for located in result.diagnostics for line in render(located))]))
    return told


def _clean(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in text)
