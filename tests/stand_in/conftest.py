"""What the stand-in is compared with runs on Linux only, and is compiled there."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import Stage
from support.stage import stage as a_stage

if sys.platform != "linux":
    collect_ignore_glob = ["*.py"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A venue in which time jumps."""
    with a_stage(tmp_path / "home") as made:
        yield made


@pytest.fixture
def exact(tmp_path: Path) -> Iterator[Stage]:
    """A venue in which time stands still while a program computes, and jumps from the start."""
    with a_stage(tmp_path / "home", computing=0.0, patience=0.0) as made:
        yield made


@pytest.fixture
def native_too() -> None:
    if shutil.which("gcc") is None:
        pytest.skip("there is no `gcc`")
