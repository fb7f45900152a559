"""The library of scenarios: all of it passes, each file says what it proves, and no fault in it is for nothing."""

import re
from collections.abc import Iterator, Sequence

import pytest
from attrs import frozen
from support import ROOT, checked, library, messages, simulate

from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.unit import Result, Unit
from ctpscen.language.syntax.parser import parse
from ctpscen.language.syntax.tree import Step
from ctpscen.language.text.source import Source

LIBRARY = ROOT / "scenarios"
FILES = {path.relative_to(LIBRARY).as_posix(): path for path in library()}
FOLDERS = {"connect", "login", "order", "cancel", "reconnect", "day", "limits", "market", "option", "account"}

# What goes wrong on a bad day. What only puts it right again (`heal`, `up`, `resume`, `release reports`) is not here.
FAULTS = frozenset(
    "reject_next refuse drop delay duplicate reverse hold lose kick down halt cut stall flap disconnect "
    "limit password unconfirmed".split()
)


def results(name: str, text: str, line: int | None = None) -> Sequence[Result]:
    """Runs a text in the place of a file: every row of every scenario, or of the one that a line stands in."""
    found = checked(text, str(FILES[name]))
    assert found.program is not None, messages(found.diagnostics)
    compiled = CompiledProgram(found.program)
    scenarios = [each for each in found.program.scenarios if line and each.line <= line <= each.last_line]
    return [
        simulate(Unit(str(FILES[name]), text, scenario.title, row), compiled)
        for scenario in scenarios or found.program.scenarios
        for row in ([None] if scenario.table is None else range(len(scenario.table.rows)))
    ]


# ----------------------------------------------------------------------------------------------------- every file


def test_there_is_a_scenario_for_all_that_a_program_meets() -> None:
    assert len(FILES) >= 40
    assert {path.name for path in LIBRARY.iterdir() if path.is_dir()} == {*FOLDERS, "program", "certification"}
    assert all(any(name.startswith(f"{folder}/") for name in FILES) for folder in FOLDERS)


@pytest.mark.parametrize("name", FILES)
def test_a_file_passes_without_a_warning(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    assert messages(checked(text, str(FILES[name])).diagnostics) == []
    failed = [f"{each.title}: {each.verdict}: {each.reason}" for each in results(name, text) if not each.passed]
    assert failed == []


def test_a_file_opens_with_a_sentence_that_says_what_it_proves() -> None:
    for name in FILES:
        opened = re.match(r'"""([A-Z0-9][^"]*?\.)(\s[^"]*)?"""\n\n', FILES[name].read_text(encoding="utf-8"))
        assert opened is not None, name
        assert len(opened[1].split()) >= 5, name


# ------------------------------------------------------------------------------------------------------ the faults


@frozen
class Fault:
    """A fault in a file: the line that it stands on, and the text of the file without it."""

    line: int
    text: str
    without: str


def faults(text: str) -> Iterator[Fault]:
    """Every fault of a text; with one that is alone in its block, the block goes too."""
    source = Source("", text)

    def visit(steps: Sequence[Step], around: Step | None) -> Iterator[Fault]:
        for step in steps:
            whole = around if around is not None and len(steps) == 1 else step
            if step.verb in FAULTS:
                start, end = whole.span
                without = text[:start] + re.sub(r"^[ \t]*;?", "", text[end:])
                yield Fault(source.place(step.span[0]).line, source.slice(step.span), without)
            for block in blocks(step):
                yield from visit(block, whole if step.verb == "actor" else None)

    yield from visit(parse(source).tree.steps, None)


def blocks(step: Step) -> Iterator[Sequence[Step]]:
    yield step.body or ()
    yield step.parts.get("else", ())
    for _, body in step.many("elif"):
        yield body


BY_PLACE = {
    f"{name}:{fault.line}": fault for name, path in FILES.items() for fault in faults(path.read_text(encoding="utf-8"))
}


def test_a_fault_is_taken_out_whole() -> None:
    text = 'scenario "a":\n    venue: down; up\n    venue:\n        kick trader\n    disconnect; wait 1s\n    wait 2s\n'
    found = list(faults(text))
    assert [(fault.line, fault.text) for fault in found] == [(2, "down"), (4, "kick trader"), (5, "disconnect")]
    left = [[line.strip() for line in fault.without.splitlines()[1:]] for fault in found]
    assert left == [
        ["venue:  up", "venue:", "kick trader", "disconnect; wait 1s", "wait 2s"],
        ["venue: down; up", "", "disconnect; wait 1s", "wait 2s"],
        ["venue: down; up", "venue:", "kick trader", "wait 1s", "wait 2s"],
    ]


@pytest.mark.parametrize("place", BY_PLACE)
def test_a_scenario_does_not_pass_without_its_fault(place: str) -> None:
    fault = BY_PLACE[place]
    passed = [each.title for each in results(place.split(":")[0], fault.without, fault.line) if each.passed]
    assert passed == [], f"passed without `{fault.text}`"


# ---------------------------------------------------------------------------------------------------- the requests

# What a scenario asks for that is about the answer to just that.
ASKED_FOR = re.compile(r"Req(ExecOrder|OptionSelfClose|ForQuote|From)|SubscribeForQuoteRsp")


def requests(text: str) -> Iterator[Fault]:
    """Every such request; in its place comes a step that says nothing."""
    source = Source("", text)

    def visit(steps: Sequence[Step]) -> Iterator[Fault]:
        for step in steps:
            if step.verb == "request" and ASKED_FOR.match(step.parts["name"].text):
                start, end = step.span
                yield Fault(source.place(start).line, step.parts["name"].text, f'{text[:start]}log ""{text[end:]}')
            for block in blocks(step):
                yield from visit(block)

    tree = parse(source).tree
    yield from visit(tree.steps)


REQUESTS = {
    f"{name}:{fault.line}": fault
    for name, path in FILES.items()
    for fault in requests(path.read_text(encoding="utf-8"))
}


def test_the_requests_are_found() -> None:
    assert {fault.text for fault in REQUESTS.values()} >= {"ReqExecOrderInsert", "ReqForQuoteInsert"}


@pytest.mark.parametrize("place", REQUESTS)
def test_a_scenario_does_not_pass_without_its_request(place: str) -> None:
    request = REQUESTS[place]
    passed = [each.title for each in results(place.split(":")[0], request.without, request.line) if each.passed]
    assert passed == [], f"passed without `{request.text}`"
