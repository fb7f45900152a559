"""The pytest plugin: `.scn` files are collected, and each scenario, or row of its table, is a test.

The tags of a scenario are marks. A failure shows what `ctpscen run` would show of it. The fixture `ctpscen` gives the
library's `run` with the values of the command line.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ctpscen.ctp.terms.broker_terms import BrokerTerms
    from ctpscen.engine.interpreter import CompiledProgram
    from ctpscen.engine.settings import Settings
    from ctpscen.engine.unit import Result
    from ctpscen.explore.campaign import Report
    from ctpscen.explore.findings import Finding
    from ctpscen.language.meaning.program import Program
    from ctpscen.runner.selection import Item


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ctpscen", "CTP scenarios")
    group.addoption("--ctpscen-seed", type=int, default=0, metavar="N", help="seed of scenarios (default 0)")
    group.addoption(
        "--ctpscen-explore", action="store_true", help="run each scenario under faults that it does not name, too"
    )
    group.addoption(
        "--ctpscen-set", action="append", default=[], metavar="NAME=VALUE", help="give a param another value"
    )
    group.addoption("--ctpscen-products", default="", metavar="NAME", help="terms of your broker, as they are kept")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".scn":
        return None
    collected: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
    return collected


class ScenarioFile(pytest.File):
    """A file of scenarios; `program` is there once it was collected."""

    program: "Program"

    def collect(self) -> Iterator["ScenarioItem"]:
        from ctpscen.loading import Selected, Unreadable, load
        from ctpscen.report.terminal.visible import visible
        from ctpscen.runner.selection import items_of

        name = _shown(self.path, self.config)
        try:
            _, checked = load(name)
        except Unreadable as reason:
            raise self.CollectError(str(reason)) from None
        if checked.program is None:
            from ctpscen.library import DoesNotCheck

            raise self.CollectError(str(DoesNotCheck(checked.diagnostics)))
        self.program = checked.program
        for item in items_of(checked.program, Selected(name)):
            title = item.scenario.title if item.row is None else f"{item.scenario.title}[{item.row + 1}]"
            collected: ScenarioItem = ScenarioItem.from_parent(self, name=visible(title), item=item)
            yield collected

    @cached_property
    def compiled(self) -> "CompiledProgram":
        """Its program, compiled for all of its tests when the first of them runs."""
        from ctpscen.engine.interpreter import CompiledProgram

        return CompiledProgram(self.program)


def _shown(path: Path, config: pytest.Config) -> str:
    """A file's name as people know it: from where pytest was started, where it lies below that."""
    start = config.invocation_params.dir
    return str(path.relative_to(start)) if path.is_relative_to(start) and start == Path.cwd() else str(path)


class ScenarioItem(pytest.Item):
    """A scenario, or a row of its table."""

    def __init__(self, *, item: "Item", **more: Any) -> None:
        super().__init__(**more)
        self.scenario = item
        for tag in item.scenario.tags:
            self.config.addinivalue_line("markers", f"{tag}: a tag of CTP scenarios")
            self.add_marker(tag)

    def runtest(self) -> None:
        from ctpscen.engine.run import run_one
        from ctpscen.engine.settings import Settings
        from ctpscen.environments.simulated import SimulatedEnvironment
        from ctpscen.runner.execution import Order, unit_of

        settings = Settings(values=_values(self.config, self.scenario), terms=_terms(self.config))
        unit = unit_of(self.scenario, Order(self.config.getoption("--ctpscen-seed"), settings))
        assert isinstance(self.parent, ScenarioFile)
        result = run_one(unit, SimulatedEnvironment.of, self.parent.compiled)
        _demand(result)
        if self.config.getoption("--ctpscen-explore"):
            self._explore(settings)

    def _explore(self, settings: "Settings") -> None:
        """Fails where a fault breaks what must hold under any."""
        from ctpscen.explore.campaign import Options
        from ctpscen.explore.exploring import explore_all
        from ctpscen.explore.spread import Here
        from ctpscen.explore.trials import targets_of

        seed = self.config.getoption("--ctpscen-seed")
        (report,) = explore_all(targets_of([self.scenario], settings, seed), Options(), Here())
        if report.findings or report.breaks_by_default:
            raise ExploringFailed(report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ExploringFailed | ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.scenario.line - 1, self.name


class ScenarioFailed(AssertionError):
    """A scenario did not pass; its text is what `ctpscen run` shows of it."""

    def __init__(self, result: "Result") -> None:
        from ctpscen.library import show

        super().__init__(show(result))
        self.result = result


class ExploringFailed(AssertionError):
    """A scenario passed, but not under every fault; the text shows what was found, each with the line to replay it."""

    def __init__(self, report: "Report") -> None:
        from ctpscen.report.terminal.explored import finding_lines, unexplored_lines
        from ctpscen.report.terminal.visible import visible

        def again(finding: "Finding") -> list[str]:
            return ["ctpscen", "run", finding.place, "--seed", str(finding.seed), "--plan", finding.plan]

        lines = [*unexplored_lines([report]), *finding_lines([report], again)]
        super().__init__(visible("\n".join("".join(piece.text for piece in line) for line in lines).strip()))


def _demand(result: "Result") -> None:
    """Ends the test as the scenario ended. Raises ScenarioFailed where it did not pass."""
    if result.verdict == "skipped":
        pytest.skip(result.reason)
    if result.verdict == "interrupted":
        raise KeyboardInterrupt
    if result.verdict != "passed":
        raise ScenarioFailed(result)


def _values(config: pytest.Config, item: "Item") -> Mapping[str, Any]:
    """The values of --ctpscen-set for the params that this file has. Raises UsageError."""
    from ctpscen.runner.values import BadValue, read_pairs

    params = item.program.params
    given: Sequence[str] = config.getoption("--ctpscen-set")
    own = [pair for pair in given if "=" not in pair or pair.partition("=")[0].strip() in params]
    try:
        return read_pairs(((f"--ctpscen-set {pair}", pair) for pair in own), params)
    except BadValue as reason:
        raise pytest.UsageError(str(reason)) from None


def _terms(config: pytest.Config) -> "BrokerTerms":
    """The terms of --ctpscen-products. Raises UsageError."""
    from ctpscen.broker.kept import BadTerms, load_terms

    try:
        return load_terms(config.getoption("--ctpscen-products"))
    except BadTerms as reason:
        raise pytest.UsageError(f"--ctpscen-products: {reason}") from None


@pytest.fixture
def ctpscen(request: pytest.FixtureRequest) -> Callable[..., "Result"]:
    """Runs a scenario file or text, as `ctpscen.run` does, with the command line's seed and products; gives its result.

    Raises ScenarioFailed, which has the `result`, where it does not pass; where it is skipped, the test is.
    """
    from ctpscen.library import run

    seed: int = request.config.getoption("--ctpscen-seed")
    products: str = request.config.getoption("--ctpscen-products")

    def run_scenario(what: str | Path, **more: Any) -> "Result":
        result = run(what, **{"seed": seed, "products": products, **more})
        _demand(result)
        return result

    return run_scenario
