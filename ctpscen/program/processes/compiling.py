"""How the native part is compiled. The build of a wheel uses this too, so it needs nothing but the standard library."""

from collections.abc import Iterable, Sequence
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "native"

SHIM, LAUNCHER = "libctpscen.so", "ctpscen-launcher"
LAUNCHER_SOURCE = "launcher.c"

FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-pthread")
SHIM_FLAGS = ("-fPIC", "-shared", "-fvisibility=hidden")
LIBRARIES = ("-ldl",)
OPTIONS = (FLAGS, SHIM_FLAGS, LIBRARIES)


def sources() -> list[Path]:
    """The files that the native part is made of."""
    return sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.h")])


def commands(compiler: Sequence[str], folder: Path, extra: Iterable[str] = ()) -> list[list[str]]:
    """What to run so that both files of the native part are made in a folder."""
    start = [*compiler, *FLAGS, *extra]
    shim = [str(path) for path in sources() if path.suffix == ".c" and path.name != LAUNCHER_SOURCE]
    return [
        [*start, *SHIM_FLAGS, "-o", str(folder / SHIM), *shim, *LIBRARIES],
        [*start, "-o", str(folder / LAUNCHER), str(SOURCES / LAUNCHER_SOURCE)],
    ]
