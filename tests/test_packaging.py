"""A wheel, a source distribution and the checkout each bring the grammar and the data that the program reads."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support import ROOT

DATA = (
    "ctp/data/constants.json",
    "ctp/data/descriptions.json",
    "ctp/data/errors.csv",
    "ctp/data/options.csv",
    "ctp/data/prefixes.json",
    "ctp/data/products.csv",
    "ctp/data/limits.csv",
    "ctp/data/margins.csv",
    "ctp/data/fees.csv",
    "ctp/data/versions.json",
    "language/text/explanations.md",
    "program/native/launcher.c",
    "program/native/shim.c",
    "program/native/shim.h",
    "py.typed",
    "report/page/page.css",
    "report/page/page.html",
    "report/page/page.js",
    "bundled/docs/language.md",
    "bundled/examples/one_line.scn",
    "bundled/examples/programs/robot.py",
    "bundled/scenarios/reconnect.scn",
    "templates/order.scn",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is made from it."""
    folder = tmp_path_factory.mktemp("built")
    _build(ROOT, folder, "sdist")
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    _build(folder / archive.name.removesuffix(".tar.gz"), folder, "wheel")
    return folder


def _build(project: Path, folder: Path, target: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


def test_the_source_distribution_has_all_that_a_build_and_the_tests_need(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    for wanted in ("grammar/scn.lark", "tests/conftest.py", "scenarios/reconnect.scn", "docs/language.md", "LICENSE"):
        assert wanted in names


def test_the_wheel_has_the_grammar_and_the_data(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"ctpscen/grammar/scn.lark", "ctpscen/grammar/words.csv", *(f"ctpscen/{name}" for name in DATA)} <= names
    assert not [name for name in names if name.startswith(("tests/", "tools/"))]


def test_an_unpacked_wheel_runs_a_scenario(built: Path, tmp_path: Path) -> None:
    """The wheel's own files are enough; the third-party libraries are those of this environment."""
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    variables = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    script = "import ctpscen, sys; from ctpscen.cli import main; print(ctpscen.__file__); sys.exit(main(['run', '-']))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        input="place order as entry; expect trade of entry",
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith(str(tmp_path / "site"))


STAND_IN_FOR_ZIG = """
import os, sys
arguments = sys.argv[1:]
assert arguments[0] == "cc", arguments
target = arguments[arguments.index("-target") + 1]
assert target.endswith("-linux-gnu.2.17"), target
os.execvp("cc", ["cc", *(each for each in arguments[1:] if each not in ("-target", target))])
"""


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="there is no C compiler")
def test_a_released_wheel_brings_the_native_part_compiled(tmp_path: Path) -> None:
    (tmp_path / "ziglang").mkdir()
    (tmp_path / "ziglang" / "__main__.py").write_text(STAND_IN_FOR_ZIG)
    variables = {**os.environ, "CTPSCEN_NATIVE": "zig", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    machine = os.uname().machine
    assert wheel.name.endswith(f"-py3-none-manylinux_2_17_{machine}.manylinux2014_{machine}.whl")
    folder = f"ctpscen/program/native/prebuilt/{machine}"
    with zipfile.ZipFile(wheel) as archive:
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
    assert f"{folder}/libctpscen.so" in modes
    assert modes[f"{folder}/ctpscen-launcher"] & 0o111 == 0o111


def test_other_wheels_are_for_every_machine(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "prebuilt" in name]


def test_the_checkout_finds_its_grammar_at_the_top() -> None:
    from ctpscen.language import grammar_path

    assert grammar_path() == ROOT / "grammar" / "scn.lark"


def test_the_package_is_a_door_like_the_script() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ctpscen", "--version"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert ran.stdout.startswith("ctpscen ")
