"""What the command does otherwise than Python would, so that a short run starts and ends at once.

The other half of a quick start is that a module is imported where it is used.
"""

import argparse
import contextlib
import gc
import os
import sys
from typing import NoReturn

# A run makes many objects that live as long as it does, or as a scenario; looking for garbage among them every 700
# new ones, as Python does, costs a sixth of the start and a third of the time after it.
GARBAGE_THRESHOLDS = (50_000, 20, 20)

# The width of a help page that no terminal shows.
_COLUMNS = 80


def collect_garbage_rarely() -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def exit_at_once(code: int) -> NoReturn:
    """Ends the process. Python would first free every object of the run, one by one: a third of the run's time."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever read has gone, or the stream is closed
            stream.flush()
    os._exit(code)


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Knows its width. For each option that is declared argparse makes one, which else imports `shutil`."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


def _width() -> int:
    """How many columns a help page has, by the rules of `shutil.get_terminal_size`."""
    with contextlib.suppress(ValueError):
        if (told := int(os.environ.get("COLUMNS", "0"))) > 0:
            return told
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS if sys.__stdout__ else _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS
