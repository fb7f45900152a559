"""The client knows nothing of what is behind it: no simulator, no engine, no clock, no socket."""

import ast
from pathlib import Path

import pytest
from support import ROOT

FILES = sorted((ROOT / "ctpscen" / "client").rglob("*.py"))
FORBIDDEN = ("ctpscen.simulator", "ctpscen.engine", "ctpscen.language", "ctpscen.report", "ctpscen.live")
OUTSIDE = {"socket", "threading", "asyncio", "time", "select", "multiprocessing"}


def imported(path: Path) -> set[str]:
    """The names of the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_client_imports_neither_simulator_nor_engine_nor_anything_that_waits(path: Path) -> None:
    names = imported(path)
    assert not {name for name in names if name.startswith(FORBIDDEN) or name.split(".")[0] in OUTSIDE}


@pytest.mark.parametrize("path", sorted((ROOT / "ctpscen" / "simulator").rglob("*.py")), ids=lambda path: path.stem)
def test_the_simulator_imports_nothing_of_the_client(path: Path) -> None:
    assert not {name for name in imported(path) if name.startswith(("ctpscen.client", "ctpscen.engine"))}
