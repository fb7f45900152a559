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
from pathlib import Path

from attrs import frozen

from ctpscen.program.spec import CannotStart

SOURCES = Path(__file__).parents[1] / "native"
PREBUILT = SOURCES / "prebuilt"

SHIM, LAUNCHER = "libctpscen.so", "ctpscen-launcher"
LAUNCHER_SOURCE = "launcher.c"

FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-pthread")
SHIM_FLAGS = ("-fPIC", "-shared", "-fvisibility=hidden")
LIBRARIES = ("-ldl",)


@frozen
class Native:
    """The two files of the native part: what is loaded into a program, and what starts it."""

    shim: Path
    launcher: Path


def native() -> Native:
    """The native part, compiled if need be. Raises CannotStart where that cannot be done here."""
    if sys.platform != "linux":
        raise CannotStart(f"a program can be started on Linux only, and this is {platform.system()}")
    prebuilt = _native_in(PREBUILT / platform.machine())
    return prebuilt or _compiled(_cache())


def _native_in(folder: Path) -> Native | None:
    found = Native(folder / SHIM, folder / LAUNCHER)
    return found if found.shim.exists() and found.launcher.exists() else None


def _cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("ctpscen")) / "native"


def _compiled(cache: Path) -> Native:
    compiler = _compiler()
    folder = cache / _name(compiler)
    if (found := _native_in(folder)) is not None:
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        build(compiler, Path(work, "made"))
        try:
            Path(work, "made").rename(folder)
        except OSError:  # another process was faster
            if _native_in(folder) is None:
                raise
    return Native(folder / SHIM, folder / LAUNCHER)


def _compiler() -> list[str]:
    """The command of a C compiler. Raises CannotStart where there is none."""
    if chosen := os.environ.get("CC"):
        return shlex.split(chosen)
    for name in ("cc", "gcc", "clang"):
        if (found := shutil.which(name)) is not None:
            return [found]
    raise CannotStart(
        "a program under test needs ctpscen's native part, which this installation compiles when it is first needed, "
        "and there is no C compiler; install one (Debian, Ubuntu: `apt install gcc libc6-dev`, Fedora, RHEL: "
        "`dnf install gcc`)"
    )


def _name(compiler: Sequence[str]) -> str:
    """A name for what comes of these sources with this compiler."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(repr((compiler, FLAGS, SHIM_FLAGS, LIBRARIES, platform.machine())).encode())
    try:
        digest.update(subprocess.run([*compiler, "--version"], capture_output=True, check=False).stdout)
    except OSError as reason:
        raise CannotStart(f"the C compiler `{shlex.join(compiler)}` cannot be run: {reason.strerror}") from None
    return digest.hexdigest()[:16]


def _files() -> list[Path]:
    return sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.h")])


def build(compiler: Sequence[str], folder: Path, extra: Iterable[str] = ()) -> Native:
    """Compiles both files into a folder, which is made. Raises CannotStart with what the compiler says."""
    folder.mkdir(parents=True)
    made = Native(folder / SHIM, folder / LAUNCHER)
    shim = [str(path) for path in _files() if path.suffix == ".c" and path.name != LAUNCHER_SOURCE]
    flags = [*FLAGS, *extra]
    _run([*compiler, *flags, *SHIM_FLAGS, "-o", str(made.shim), *shim, *LIBRARIES])
    _run([*compiler, *flags, "-o", str(made.launcher), str(SOURCES / LAUNCHER_SOURCE)])
    return made


def _run(command: Sequence[str]) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as reason:
        raise CannotStart(f"the C compiler `{command[0]}` cannot be run: {reason.strerror}") from None
    if ran.returncode:
        raise CannotStart(
            f"ctpscen's native part could not be compiled; `{shlex.join(command)}` said:\n{ran.stderr.strip()}"
        )
