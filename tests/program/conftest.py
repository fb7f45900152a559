"""A program can be started on Linux only, and what these tests start is compiled."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import Stage, compile_robot
from support.stage import stage as a_stage

if sys.platform != "linux":
    collect_ignore_glob = ["*.py"]


@pytest.fixture(autouse=True)
def _compilers() -> None:
    for name in ("gcc", "g++"):
        if shutil.which(name) is None:
            pytest.skip(f"there is no `{name}`")


@pytest.fixture(scope="session")
def robot(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program in C++, for the newest version that the binding has."""
    return str(compile_robot(tmp_path_factory.mktemp("robot")))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A venue in which time jumps."""
    with a_stage(tmp_path / "home") as made:
        yield made
