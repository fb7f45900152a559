"""The native part is compiled once, without a warning, and where it cannot be, it is said what to install."""

import os
from pathlib import Path

import pytest

from ctpscen.program.processes import building
from ctpscen.program.processes.compiling import MADE
from ctpscen.program.spec import CannotStart

COMPILERS = [name for name in ("gcc", "clang") if any(Path(folder, name).exists() for folder in os.get_exec_path())]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_compiles_without_a_warning(compiler: str, tmp_path: Path) -> None:
    made = building.build([compiler], tmp_path / "made", ("-Werror", "-Wshadow", "-Wvla", "-Wstrict-prototypes"))
    assert made.is_there


def test_it_is_compiled_once_into_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built: list[Path] = []

    def build(_: object, folder: Path, __: object = ()) -> None:
        built.append(folder)
        folder.mkdir()
        for name in MADE:
            (folder / name).write_text("made")

    monkeypatch.setattr(building, "build", build)
    first = building.native()
    assert first == building.native()
    assert len(built) == 1
    assert first.shim.parent.parent == tmp_path / "ctpscen" / "native"
    monkeypatch.setenv("CC", "cc -O0")
    assert building.native() != first
    assert len(built) == 2


def test_a_wheel_brings_it_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / os.uname().machine
    folder.mkdir()
    for name in MADE:
        (folder / name).touch()
    monkeypatch.setattr(building, "PREBUILT", tmp_path)
    assert building.native() == building.Native.at(folder)


def test_without_a_compiler_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(CannotStart) as failed:
        building.native()
    assert str(failed.value) == (
        "a program under test needs ctpscen's native part, which this installation compiles when it is first needed, "
        "and there is no C compiler; install one (Debian, Ubuntu: `apt install gcc libc6-dev`, Fedora, RHEL: "
        '`dnf install gcc`), or let a Python program run `using "python"`'
    )


def test_what_a_compiler_says_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "sh -c 'echo no headers >&2; exit 1'")
    with pytest.raises(CannotStart, match=r"native part could not be compiled; .* said:\nno headers"):
        building.native()
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(CannotStart, match="the C compiler `no-such-compiler` cannot be run: No such file or directory"):
        building.native()
    assert not list((tmp_path / "ctpscen" / "native").glob("*"))
