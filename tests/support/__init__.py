"""Short ways for tests to check and run scenario texts, and to compare with golden files."""

import contextlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ctpscen.cli import main
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import Settings
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.checking.file import check
from ctpscen.language.meaning.program import Checked, Program
from ctpscen.language.text.diagnostics import Located
from ctpscen.language.text.source import Source
from ctpscen.loading import read_used
from ctpscen.report.faults import fault_words

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"


def library() -> list[Path]:
    """The files of scenarios/ that sessions play; those of programs have tests of their own."""
    found = (ROOT / "scenarios").rglob("*.scn")
    return sorted(path for path in found if path.parent.name not in ("program", "certification"))


def checked(text: str, name: str = "test.scn") -> Checked:
    """A text, parsed and checked."""
    return check(Source(name, text), read_used)


def codes(text: str) -> list[str]:
    """The codes of what `check` finds in a text, in its order."""
    return [each.diagnostic.code for each in checked(text).diagnostics]


def messages(found: Sequence[Located]) -> list[str]:
    return [each.diagnostic.message for each in found]


def said(text: str) -> list[str]:
    """What `check` says of a text, in its order."""
    return messages(checked(text).diagnostics)


def sound(text: str) -> Program:
    """The checked program of a text without a mistake."""
    found = checked(text)
    assert found.program is not None, messages(found.diagnostics)
    return found.program


def run(text: str, *, seed: int = 0, row: int | None = None, **settings: Any) -> Result:
    """Runs the one scenario (or the row) of a text on the simulator."""
    found = checked(text)
    assert found.program is not None, messages(found.diagnostics)
    title = found.program.scenarios[0].title
    return simulate(Unit("test.scn", text, title, row, seed=seed, settings=Settings(**settings)))


def simulate(unit: Unit, compiled: CompiledProgram | None = None) -> Result:
    """Runs a unit on the simulator."""
    return run_one(unit, SimulatedEnvironment.of, compiled)


def passes(text: str, **options: Any) -> Result:
    """Runs a text that must pass."""
    result = run(text, **options)
    assert result.verdict == "passed", (result.verdict, result.reason, messages(result.diagnostics))
    return result


def events(result: Result, kind: str) -> list[dict[str, Any]]:
    """The events of one kind in a run's journal."""
    return [dict(event) for event in result.journal if event["event"] == kind]


def callbacks(result: Result, *names: str) -> list[dict[str, Any]]:
    """The callbacks of these names in a run's journal, all of them where none is named."""
    return [event for event in events(result, "callback") if not names or event["name"] in names]


def command(*arguments: str) -> tuple[int, str, str]:
    """Runs `ctpscen` in this process: its exit code, what it wrote, and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, out.getvalue(), err.getvalue()


def timeless(text: str) -> str:
    """A report without what depends on the machine: the wall time at its end, and the lines of what was slow."""
    text = re.sub(r"(?m)^ *\d+\.\d\d s  .*\n", "", text)
    return re.sub(r"(?m) in \d+(\.\d+)? m?s$", " in TIME", text)


def compare(path: Path, text: str, request: pytest.FixtureRequest) -> None:
    """Holds a text against a golden file; with --update-golden, writes the file instead."""
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path} is missing; run pytest --update-golden and read what it writes"
    assert text == path.read_text(encoding="utf-8")


def fault_texts(result: Result) -> list[str]:
    """What the fault events of a run say."""
    return [fault_words(event) for event in events(result, "fault")]
