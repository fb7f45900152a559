"""How the native part is compiled. The build of a wheel uses this too, so it needs nothing but the standard library."""

from collections.abc import Iterable, Sequence
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "native"

SHIM, TAP, LAUNCHER = "libctpscen.so", "libctpscen-tap.so", "ctpscen-launcher"
MADE = (SHIM, TAP, LAUNCHER)
LAUNCHER_SOURCE = "launcher.c"
SHARED_WITH_TAP = ("libraries.c", "network.c", "output.c", "wire.c")

FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-pthread")
LIBRARY_FLAGS = ("-fPIC", "-shared", "-fvisibility=hidden")
LIBRARIES = ("-ldl",)
OPTIONS = (FLAGS, LIBRARY_FLAGS, LIBRARIES)


def sources() -> list[Path]:
    """The files that the native part is made of."""
    return sorted(path for folder in (SOURCES, SOURCES / "tap") for path in folder.glob("*.[ch]"))


def commands(compiler: Sequence[str], folder: Path, extra: Iterable[str] = ()) -> list[list[str]]:
    """What to run so that all files of the native part are made in a folder."""
    start = [*compiler, *FLAGS, *extra]
    shim = sorted(path for path in SOURCES.glob("*.c") if path.name != LAUNCHER_SOURCE)
    tap = [*sorted((SOURCES / "tap").glob("*.c")), *(SOURCES / name for name in SHARED_WITH_TAP)]
    return [
        [*start, *LIBRARY_FLAGS, "-o", str(folder / SHIM), *map(str, shim), *LIBRARIES],
        [*start, *LIBRARY_FLAGS, "-o", str(folder / TAP), *map(str, tap), *LIBRARIES],
        [*start, "-o", str(folder / LAUNCHER), str(SOURCES / LAUNCHER_SOURCE)],
    ]
