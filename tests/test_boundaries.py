"""Which package may import what: each level can be read, and tested, without the one above it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support import ROOT

PACKAGE = ROOT / "ctpscen"
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}

DOORS = ("ctpscen.cli", "ctpscen.commands", "ctpscen.runner", "ctpscen.library", "ctpscen.pytest_plugin")
WAITING = ("socket", "select", "selectors", "threading", "_thread", "multiprocessing", "asyncio", "subprocess")
CLOCKS = ("time", "sched")

# A package, and what none of its modules imports, at the top or inside a function.
NEVER: dict[str, tuple[str, ...]] = {
    "ctpscen.ctp": (
        *(
            "ctpscen.language",
            "ctpscen.client",
            "ctpscen.engine",
            "ctpscen.simulator",
            "ctpscen.live",
            "ctpscen.report",
        ),
        *DOORS,
        *WAITING,
        *CLOCKS,
        *("random", "secrets", "rich", "lark"),
    ),
    "ctpscen.language": (
        *("ctpscen.client", "ctpscen.engine", "ctpscen.simulator", "ctpscen.live", "ctpscen.report"),
        *DOORS,
        *WAITING,
        *CLOCKS,
        *("random", "rich"),
    ),
    "ctpscen.client": (
        *("ctpscen.language", "ctpscen.engine", "ctpscen.simulator", "ctpscen.live", "ctpscen.report"),
        *DOORS,
        *WAITING,
        *CLOCKS,
        *("random", "secrets", "rich"),
    ),
    "ctpscen.simulator": (
        *("ctpscen.language", "ctpscen.client", "ctpscen.engine", "ctpscen.live", "ctpscen.report"),
        *DOORS,
        *WAITING,
        *CLOCKS,
        *("secrets", "uuid", "rich"),
    ),
    "ctpscen.engine": (
        "ctpscen.live",
        "ctpscen.simulator",
        "ctpscen.report",
        *DOORS,
        *WAITING,
        *CLOCKS,
        "random",
        "secrets",
        "rich",
    ),
    "ctpscen.live": ("ctpscen.language", "ctpscen.report", "ctpscen.simulator", *DOORS, "rich"),
    "ctpscen.report": (
        *("ctpscen.client", "ctpscen.simulator", "ctpscen.live"),
        *DOORS,
        *WAITING,
        "random",
    ),
}

# The only ways from one package into another that is else closed to it.
DOOR_TO_THE_SIMULATOR = "ctpscen.environments.simulated"
WHAT_REPORTS_ARE_MADE_OF = {"ctpscen.engine.run", "ctpscen.engine.state.outcomes", "ctpscen.engine.state.journal"}


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


@pytest.mark.parametrize("module", [name for package in NEVER for name in modules_of(package)])
def test_a_module_imports_nothing_that_its_package_must_not_know(module: str) -> None:
    package = ".".join(module.split(".")[:2])
    found = {name for name in imports(MODULES[module]) if within(name, NEVER[package])}
    assert not found


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


@pytest.mark.parametrize("module", modules_of("ctpscen.simulator"))
def test_chance_in_the_simulator_is_a_seeded_stream(module: str) -> None:
    """The module `random` has functions that draw from a generator nobody has seeded; its class needs a seed."""
    drawn = {name for name in imports(MODULES[module]) if within(name, ("random",))}
    assert drawn <= {"random", "random.Random"}
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import) and node.names[0].name == "random"]
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Random"]
    assert all(node.args for node in made)


def test_the_simulator_has_one_door() -> None:
    users = {
        module
        for module, path in MODULES.items()
        if not within(module, ("ctpscen.simulator",))
        and any(within(name, ("ctpscen.simulator",)) for name in imports(path))
    }
    assert users == {DOOR_TO_THE_SIMULATOR}


def test_reports_know_of_the_engine_only_what_a_run_came_to() -> None:
    known = {
        name
        for module in modules_of("ctpscen.report")
        for name in imports(MODULES[module])
        if within(name, ("ctpscen.engine",)) and name in MODULES
    }
    assert known <= WHAT_REPORTS_ARE_MADE_OF


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
    assert "ctpscen.engine.run" in imports(path), "also those for the type checker alone"


CHILD = """
import sys
from ctpscen.cli import main
code = main(["run", sys.argv[1]])
heavy = ("rich", "openctp_ctp", "asyncio", "jinja2", "watchfiles", "argcomplete", "junitparser")
print(code, sorted({name.partition(".")[0] for name in sys.modules} & set(heavy)), file=sys.stderr)
"""


def test_a_plain_run_that_passes_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    scenario = tmp_path / "plain.scn"
    scenario.write_text("buy open 1 rb2705 at ask as entry\nexpect trade of entry\n")
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(scenario)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.stderr.splitlines()[-1] == "0 []", ran.stdout + ran.stderr
