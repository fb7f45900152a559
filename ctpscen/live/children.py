"""The processes of a live run: worker and relay, started so that no secret gets out by them.

They hear passwords on their standard input. Those that stand in the run's own environment are not handed on; where
a process dies, the system writes no image of its memory to a disk; and files that it makes are their owner's alone.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# What Python, the library and the system need; those that end in `*` are all that begin so.
_HANDED_ON = (
    *("HOME", "LANG", "LANGUAGE", "LC_*", "LD_LIBRARY_PATH", "PATH", "PYTHON*", "TMPDIR", "TZ", "TZDIR"),
    *("APPDATA", "COMSPEC", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP"),
    *("USERPROFILE", "WINDIR"),
)

GROUP = 0 if os.name == "posix" else None
"""The process group of a child: one of its own, since what a terminal or a service tells a group is for the run."""

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def command(module: str, *arguments: str) -> list[str]:
    """The command line of a child. The working folder is nobody's to put modules of Python in (-P)."""
    return [sys.executable, "-P", "-u", "-m", module, *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child, in which ctpscen is found and nothing secret stands."""
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    kept = {name: value for name, value in os.environ.items() if _is_handed_on(name.upper())}
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **(more or {})}


def _is_handed_on(name: str) -> bool:
    return any(name == each or (each.endswith("*") and name.startswith(each[:-1])) for each in _HANDED_ON)


def keep_to_itself() -> None:
    """Called first in a child: it leaves no image of its memory when it dies, and no file that others can read."""
    os.umask(0o077)
    leave_no_core()


def leave_no_core() -> None:
    """No image of this process's memory is written when it dies, and nobody without rights looks into it."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":  # where images go to a program, no limit holds
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
