"""Running again whenever a scenario, or a file that it uses, has changed."""

from collections.abc import Callable, Iterable
from pathlib import Path

from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer

_WATCHED = frozenset({".scn", ".csv"})

# How long the watch listens at a time, in milliseconds; a change ends it at once.
_PATIENCE = 100


def run_at_changes(files: Iterable[str], run: Callable[[], int], out: Writer) -> int:
    """Runs, waits for a change below the named files' folders, runs again; until it is interrupted.

    Gives the exit code of the last run.
    """
    from watchfiles import watch

    def is_watched(_: object, path: str) -> bool:
        return Path(path).suffix in _WATCHED

    code, is_told = 0, False
    due = "first"  # the first run, too, is begun by the watch, so that no change falls between them
    watched = _folders(files)
    try:
        for changes in watch(
            *watched, watch_filter=is_watched, rust_timeout=_PATIENCE, yield_on_timeout=True, raise_interrupt=True
        ):
            if changes:
                due = ", ".join(sorted({Path(path).name for _, path in changes}))
                out.write(plain(f"changed: {due}", "heading"))
            if due:
                code, due, is_told = run(), "", False
            elif not is_told:
                out.write(plain("waiting for changes; Ctrl-C ends", "dim"))
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
