"""A program can be started on Linux only, and what these tests start is compiled."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
from support.stage import Stage, compile_robot
from support.stage import stage as a_stage

from ctpscen.program.processes import building

if sys.platform != "linux":
    collect_ignore_glob = ["*.py"]


@pytest.fixture(autouse=True)
def _compilers() -> None:
    for name in ("gcc", "g++"):
        if shutil.which(name) is None:
            pytest.skip(f"there is no `{name}`")


@pytest.fixture(scope="session")
def robot(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program in C++, for the newest version that the binding has, linked against a double of the library."""
    return str(compile_robot(tmp_path_factory.mktemp("robot"), double=True))


SANITIZED = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


@pytest.fixture(scope="session")
def sanitized(tmp_path_factory: pytest.TempPathFactory) -> tuple[building.Native, str]:
    """The native part and the program, with the sanitizers of the compiler in them."""
    folder = tmp_path_factory.mktemp("sanitized")
    made = building.build(["gcc"], folder / "native", ("-Werror", *SANITIZED))
    return made, str(compile_robot(folder / "robot", options=SANITIZED, double=True))


@pytest.fixture(scope="session")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The oldest version of the binding, from the package index, kept between runs."""
    kept = Path(platformdirs.user_cache_dir("ctpscen-tests")) / "openctp-ctp-6.3.15"
    if not list(kept.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(kept), "openctp-ctp==6.3.15.*"]
        got = subprocess.run(command, capture_output=True, text=True, check=False)
        if got.returncode:
            pytest.skip(f"the package index does not give openctp-ctp 6.3.15: {got.stderr.strip().splitlines()[-1]}")
    unpacked = tmp_path_factory.mktemp("oldest")
    (wheel,) = kept.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(unpacked)
    return unpacked


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A venue in which time jumps."""
    with a_stage(tmp_path / "home") as made:
        yield made
