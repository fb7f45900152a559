"""The folder that keeps what the next run can use again: compiled grammar, checked files, what failed last."""

import os
import stat
import time
from functools import cache
from pathlib import Path


@cache
def cache_folder() -> Path | None:
    """The user's cache folder for ctpscen; None where there is none that belongs to the user alone."""
    from platformdirs import user_cache_path

    found = user_cache_path("ctpscen", appauthor=False)
    try:
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = found.stat()
    except OSError:
        return None
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return None
    return found


ABANDONED = 3600.0
"""Seconds after which nobody writes a file any more."""


def clear_abandoned(folder: Path) -> None:
    """Takes away what processes that were killed have left half written. Raises OSError."""
    for part in folder.glob("*.part"):
        if time.time() - part.stat().st_mtime > ABANDONED:
            part.unlink(missing_ok=True)
