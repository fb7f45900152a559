"""The native part: brought along by a released wheel, else compiled when a program is first started.

What was compiled is kept in the user's cache under a name that its sources, its flags and its compiler decide, so that
it is made once and never used when it is out of date.
"""

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from attrs import frozen

from ctpscen.private_files import make_private_folder
from ctpscen.program.processes import compiling
from ctpscen.program.processes.compiling import LAUNCHER, SHIM, TAP
from ctpscen.program.spec import CannotStart

PREBUILT = compiling.SOURCES / "prebuilt"


@frozen
class Native:
    """The files of the native part: what is loaded into a program, simulated or live, and what starts it."""

    shim: Path
    tap: Path
    launcher: Path

    @classmethod
    def at(cls, folder: Path) -> "Native":
        return cls(folder / SHIM, folder / TAP, folder / LAUNCHER)

    @property
    def is_there(self) -> bool:
        return all(path.exists() for path in (self.shim, self.tap, self.launcher))


def native() -> Native:
    """The native part, compiled if need be. Raises CannotStart where that cannot be done here."""
    if sys.platform != "linux":
        raise CannotStart(
            f"a program can be started on Linux only, and this is {platform.system()}; one in Python that uses "
            'openctp_ctp can be, with `using "python"`'
        )
    prebuilt = _native_in(PREBUILT / platform.machine())
    return prebuilt or _compiled(_compiler(), _cache())


def _native_in(folder: Path) -> Native | None:
    found = Native.at(folder)
    return found if found.is_there else None


def _cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("ctpscen")) / "native"


@cache
def _compiled(compiler: tuple[str, ...], kept: Path) -> Native:
    folder = kept / _name(compiler)
    if (found := _native_in(folder)) is not None:
        return found
    make_private_folder(kept)  # what is in it is loaded into programs
    with tempfile.TemporaryDirectory(dir=kept) as work:
        build(compiler, Path(work, "made"))
        try:
            Path(work, "made").rename(folder)
        except OSError:  # another process was faster
            if _native_in(folder) is None:
                raise
    return Native.at(folder)


def _compiler() -> tuple[str, ...]:
    """The command of a C compiler. Raises CannotStart where there is none."""
    if chosen := os.environ.get("CC"):
        return tuple(shlex.split(chosen))
    for name in ("cc", "gcc", "clang"):
        if (found := shutil.which(name)) is not None:
            return (found,)
    raise CannotStart(
        "a program under test needs ctpscen's native part, which this installation compiles when it is first needed, "
        "and there is no C compiler; install one (Debian, Ubuntu: `apt install gcc libc6-dev`, Fedora, RHEL: "
        '`dnf install gcc`), or let a Python program run `using "python"`'
    )


def _name(compiler: Sequence[str]) -> str:
    """A name for what comes of these sources with this compiler."""
    digest = hashlib.sha256()
    for path in compiling.sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(repr((compiler, *compiling.OPTIONS, platform.machine())).encode())
    try:
        digest.update(subprocess.run([*compiler, "--version"], capture_output=True, check=False).stdout)
    except OSError as reason:
        raise CannotStart(f"the C compiler `{shlex.join(compiler)}` cannot be run: {reason.strerror}") from None
    return digest.hexdigest()[:16]


def build(compiler: Sequence[str], folder: Path, extra: Iterable[str] = ()) -> Native:
    """Compiles all files into a folder, which is made. Raises CannotStart with what the compiler says."""
    folder.mkdir(parents=True)
    for command in compiling.commands(compiler, folder, extra):
        _run(command)
    return Native.at(folder)


def _run(command: Sequence[str]) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as reason:
        raise CannotStart(f"the C compiler `{command[0]}` cannot be run: {reason.strerror}") from None
    if ran.returncode:
        raise CannotStart(
            f"ctpscen's native part could not be compiled; `{shlex.join(command)}` said:\n{ran.stderr.strip()}"
        )
