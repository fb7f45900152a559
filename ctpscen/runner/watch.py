"""Running again whenever a scenario, or a file that it uses, has changed."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from select import select
from typing import Any, Self

from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer

_WATCHED = frozenset({".scn", ".csv"})

# How long the watch listens at a time, in milliseconds; a change ends it at once.
_PATIENCE = 100


CLEARED = "\x1b[H\x1b[2J\x1b[3J"
"""What clears a terminal."""

WHAT_TO_PRESS = "waiting for changes; a runs all, f what failed, q ends"


class Keys:
    """The keys that are pressed on the terminal, one at a time; nothing where the input is none."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if sys.stdin.isatty() and sys.platform != "win32":
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def pressed(self) -> str:
        """A key that waits to be read; '' where there is none."""
        if self._before is None or not select([sys.stdin], [], [], 0)[0]:
            return ""
        return os.read(sys.stdin.fileno(), 1).decode("latin-1").lower()

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)


def run_at_changes(files: Iterable[str], run: Callable[[bool], int], out: Writer) -> int:
    """Runs, waits for a change below the named files' folders, runs again; until it is interrupted.

    `run` is told whether only what failed is wanted. On a terminal each run begins on a cleared screen, and keys say
    what is run next. Gives the exit code of the last run.
    """
    from watchfiles import watch

    def is_watched(_: object, path: str) -> bool:
        return Path(path).suffix in _WATCHED

    code, is_told, clears = 0, False, sys.stdout.isatty()
    due = "first"  # the first run, too, is begun by the watch, so that no change falls between them
    watched = _folders(files)
    try:
        with Keys() as keys:
            waiting = WHAT_TO_PRESS if sys.stdin.isatty() else "waiting for changes; Ctrl-C ends"
            for changes in watch(
                *watched, watch_filter=is_watched, rust_timeout=_PATIENCE, yield_on_timeout=True, raise_interrupt=True
            ):
                key = keys.pressed()
                if key == "q":
                    break
                if changes:
                    due = "changed: " + ", ".join(sorted({Path(path).name for _, path in changes}))
                elif key in ("a", "f"):
                    due = {"a": "all", "f": "what failed"}[key]
                if due:
                    if clears:
                        sys.stdout.write(CLEARED)
                    if due != "first":
                        out.write(plain(due, "heading"))
                    code, due, is_told = run(key == "f"), "", False
                elif not is_told:
                    out.write(plain(waiting, "dim"))
                    out.flush()
                    is_told = True
    except KeyboardInterrupt:
        return code
    return code


def _folders(arguments: Iterable[str]) -> list[str]:
    """The folders in which the named files lie; what they use lies in them or is not watched."""
    found = []
    for argument in arguments:
        path = Path(argument.rpartition(":")[0] if not Path(argument).exists() and ":" in argument else argument)
        found.append(str(path if path.is_dir() else path.parent))
    return list(dict.fromkeys(found))
