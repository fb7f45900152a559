"""Which package may import what: each level can be read, and tested, without the one above it."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from support import ROOT

PACKAGE = ROOT / "ctpscen"
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}

FRONT_END = (
    *("ctpscen.cli", "ctpscen.commands", "ctpscen.runner", "ctpscen.certify"),
    *("ctpscen.library", "ctpscen.pytest_plugin"),
)
WAITING = ("socket", "select", "selectors", "threading", "_thread", "multiprocessing", "asyncio", "subprocess")
CLOCKS = ("time", "sched")

LANGUAGE, CLIENT, ENGINE = "ctpscen.language", "ctpscen.client", "ctpscen.engine"
SIMULATOR, LIVE, ENVIRONMENTS = "ctpscen.simulator", "ctpscen.live", "ctpscen.environments"
PROGRAM, REPORT = "ctpscen.program", "ctpscen.report"

# A package, and what none of its modules imports, at the top or inside a function.
NEVER: dict[str, tuple[str, ...]] = {
    "ctpscen.ctp": (
        *(LANGUAGE, CLIENT, ENGINE, SIMULATOR, LIVE, ENVIRONMENTS, PROGRAM, REPORT),
        *(*FRONT_END, *WAITING, *CLOCKS, "random", "secrets", "rich", "lark"),
    ),
    "ctpscen.broker": (
        *(CLIENT, ENGINE, SIMULATOR, LIVE, ENVIRONMENTS, PROGRAM, REPORT),
        *(*FRONT_END, *WAITING, *CLOCKS, "random", "rich", "lark"),
    ),
    LANGUAGE: (
        *(CLIENT, ENGINE, SIMULATOR, LIVE, ENVIRONMENTS, PROGRAM, REPORT),
        *(*FRONT_END, *WAITING, *CLOCKS, "random", "rich"),
    ),
    CLIENT: (
        *(LANGUAGE, ENGINE, SIMULATOR, LIVE, ENVIRONMENTS, PROGRAM, REPORT),
        *(*FRONT_END, *WAITING, *CLOCKS, "random", "secrets", "rich"),
    ),
    SIMULATOR: (
        *(LANGUAGE, CLIENT, ENGINE, LIVE, ENVIRONMENTS, PROGRAM, REPORT),
        *(*FRONT_END, *WAITING, *CLOCKS, "secrets", "uuid", "rich"),
    ),
    ENGINE: (
        *(SIMULATOR, LIVE, ENVIRONMENTS, PROGRAM, REPORT),
        *(*FRONT_END, *WAITING, *CLOCKS, "random", "secrets", "rich"),
    ),
    LIVE: (LANGUAGE, SIMULATOR, ENVIRONMENTS, PROGRAM, REPORT, *FRONT_END, "rich"),
    PROGRAM: (LANGUAGE, ENGINE, SIMULATOR, LIVE, ENVIRONMENTS, REPORT, *FRONT_END, "rich"),
    ENVIRONMENTS: (
        *(f"{LANGUAGE}.text", f"{LANGUAGE}.syntax", f"{LANGUAGE}.checking", f"{ENGINE}.steps", f"{ENGINE}.interpreter"),
        *(REPORT, *FRONT_END, "random", "rich", "lark"),
    ),
    REPORT: (CLIENT, SIMULATOR, LIVE, ENVIRONMENTS, PROGRAM, *FRONT_END, *WAITING, "random"),
    "ctpscen.runner": (
        *(CLIENT, SIMULATOR, PROGRAM, "ctpscen.certify", "argparse", "rich"),
        *("ctpscen.cli", "ctpscen.commands", "ctpscen.library", "ctpscen.pytest_plugin"),
    ),
    "ctpscen.certify": (
        *(CLIENT, SIMULATOR, ENVIRONMENTS, PROGRAM, "argparse", "rich"),
        *("ctpscen.cli", "ctpscen.commands", "ctpscen.library", "ctpscen.pytest_plugin"),
    ),
    "ctpscen.commands": (SIMULATOR, PROGRAM, "ctpscen.cli", "ctpscen.library", "ctpscen.pytest_plugin", "rich", "lark"),
}

# The only ways from one package into another that is else closed to it.
DOORS_TO_THE_SIMULATOR = {f"ctpscen.environments.{name}" for name in ("simulated", "programs", "logins")}
WHAT_REPORTS_ARE_MADE_OF = {"ctpscen.engine.unit", "ctpscen.engine.state.outcomes", "ctpscen.engine.state.journal"}


@cache
def imports(path: Path) -> frozenset[str]:
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    """The full names that a module imports, wherever in it, and those that it loads by a literal name.

    Of `from a import b`, both `a` and `a.b`: the one or the other is the module.
    """
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*above, *((node.module,) if node.module else ())))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                yield str(node.args[0].value)


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def modules_of(package: str) -> list[str]:
    return [name for name in MODULES if within(name, (package,))]


def test_a_module_imports_nothing_that_its_package_must_not_know() -> None:
    for module in [name for package in NEVER for name in modules_of(package)]:
        package = ".".join(module.split(".")[:2])
        found = {name for name in imports(MODULES[module]) if within(name, NEVER[package])}
        assert not found, module


def test_every_package_of_the_table_is_there() -> None:
    assert all(len(modules_of(package)) > 1 for package in NEVER)


def test_the_vocabulary_imports_nothing_of_the_project_but_itself() -> None:
    found = {
        (module, name)
        for module in modules_of("ctpscen.ctp")
        for name in imports(MODULES[module])
        if within(name, ("ctpscen",)) and not within(name, ("ctpscen.ctp",))
    }
    assert not found


def test_the_stand_in_needs_nothing_but_the_standard_library() -> None:
    """It runs in the program's own interpreter, which may have nothing installed."""
    for module in modules_of("ctpscen.stand_in"):
        for name in imports(MODULES[module]):
            assert name.split(".")[0] in sys.stdlib_module_names or within(name, ("ctpscen.stand_in",)), (module, name)


def test_chance_in_the_simulator_is_a_seeded_stream() -> None:
    """The module `random` has functions that draw from a generator nobody has seeded; its class needs a seed."""
    for module in modules_of("ctpscen.simulator"):
        drawn = {name for name in imports(MODULES[module]) if within(name, ("random",))}
        assert drawn <= {"random", "random.Random"}, module
        tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        assert not [
            node for node in ast.walk(tree) if isinstance(node, ast.Import) and node.names[0].name == "random"
        ], module
        made = [
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Random"
        ]
        assert all(node.args for node in made), module


def test_only_environments_know_the_simulator() -> None:
    users = {
        module
        for module, path in MODULES.items()
        if not within(module, ("ctpscen.simulator",))
        and any(within(name, ("ctpscen.simulator",)) for name in imports(path))
    }
    assert users == DOORS_TO_THE_SIMULATOR


def test_reports_know_of_the_engine_only_what_a_run_came_to() -> None:
    known = {
        name
        for module in modules_of("ctpscen.report")
        for name in imports(MODULES[module])
        if within(name, ("ctpscen.engine",)) and name in MODULES
    }
    assert known <= WHAT_REPORTS_ARE_MADE_OF


def test_no_command_rests_on_another() -> None:
    """What two commands need is no command's."""
    found = {
        (module, name)
        for module in modules_of("ctpscen.commands")
        for name in imports(MODULES[module])
        if name in MODULES and within(name, ("ctpscen.commands",)) and name != module
    }
    assert found == set()


# Reading facts out of words: the page fills in its template, and nothing else does.
READS_WORDS = {"ctpscen.report.page.html", "ctpscen.report.sequence"}


def test_reports_read_no_facts_out_of_sentences() -> None:
    users = {module for module in modules_of("ctpscen.report") if "re" in imports(MODULES[module])}
    assert users <= READS_WORDS


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not inside a function either, nor for the type checker alone: such modules cannot be read one after the other."""
    graph = {module: [name for name in imports(path) if name in MODULES] for module, path in MODULES.items()}
    assert circles(graph) == []


def circles(graph: Mapping[str, Sequence[str]]) -> list[set[str]]:
    """The modules that reach each other, circle by circle."""
    reached = {module: _reached(graph, module) for module in graph}
    found: list[set[str]] = []
    for module in graph:
        circle = {other for other in reached[module] if module in reached[other]}
        if circle and circle not in found:
            found.append(circle)
    return found


def _reached(graph: Mapping[str, Sequence[str]], start: str) -> set[str]:
    """All that a module imports, and what that imports, and so on."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(graph[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def test_a_circle_is_found_however_long_it_is() -> None:
    """What the test above relies on."""
    graph = {"a": ["b"], "b": ["c", "d"], "c": ["a"], "d": [], "e": ["e"], "f": ["a"]}
    assert circles(graph) == [{"a", "b", "c"}, {"e"}]


def test_nobody_imports_the_command_line_but_the_way_to_start_it() -> None:
    users = {name for name, path in MODULES.items() if any(within(each, ("ctpscen.cli",)) for each in imports(path))}
    assert users == {"ctpscen.__main__"}


def test_only_the_live_side_loads_the_native_library() -> None:
    users = {name for name, path in MODULES.items() if any(within(each, ("openctp_ctp",)) for each in imports(path))}
    assert all(within(name, ("ctpscen.live",)) for name in users)


def test_the_names_of_imports_are_read_wherever_they_stand() -> None:
    """What the tests above rely on."""
    path = ROOT / "ctpscen" / "environments" / "simulated.py"
    assert {"ctpscen.simulator.world", "ctpscen.simulator.world.World"} <= imports(path)
    runner = ROOT / "ctpscen" / "runner" / "execution.py"
    assert "ctpscen.engine.unit" in imports(runner), "also those for the type checker alone"


CHILD = """
import sys
from ctpscen.cli import main
code = main(["run", sys.argv[1]])
heavy = ("rich", "openctp_ctp", "asyncio", "jinja2", "watchfiles", "argcomplete", "junitparser", "lark")
heavy += ("ctpscen.engine.judging.judge", "ctpscen.engine.judging.invariants", "ctpscen.simulator.wire.injection")
print(code, sorted({*sys.modules} & set(heavy)), file=sys.stderr)
"""


def test_a_plain_run_that_passes_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """The second time, that is: the first one needs the parser, and keeps what it gives."""
    scenario = tmp_path / "plain.scn"
    scenario.write_text("buy open 1 rb2705 at ask as entry\nexpect trade of entry\n")
    for loaded in ("['lark']", "[]"):
        ran = subprocess.run(
            [sys.executable, "-c", CHILD, str(scenario)],
            cwd=tmp_path,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert ran.stderr.splitlines()[-1] == f"0 {loaded}", ran.stdout + ran.stderr
