"""Which scenarios failed when they were last run from this folder, for `--last-failed`."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ctpscen.cache_folder import cache_folder
from ctpscen.hashing import blake2b
from ctpscen.runner.selection import Identity

if TYPE_CHECKING:
    from ctpscen.runner.execution import Done


def _path() -> Path | None:
    where = cache_folder()
    key = blake2b(os.getcwd().encode(), digest_size=8).hexdigest()
    return None if where is None else where / f"failed-{key}.json"


def last_failed() -> set[Identity]:
    """What failed, by file, title and row."""
    path = _path()
    try:
        entries = json.loads(path.read_text(encoding="utf-8")) if path is not None else []
        return {(file, title, row) for file, title, row in entries}
    except (OSError, ValueError, TypeError):
        return set()


def remember(ended: Sequence["Done"]) -> None:
    """Takes note of how items ended; what was not run this time stays as it was."""
    path = _path()
    if path is None:
        return
    before = last_failed()
    run = {each.identity for each in ended}
    failed = {each.identity for each in ended if not each.result.is_sound}
    after = sorted((before - run) | failed, key=str)
    if after or path.exists():
        try:
            path.write_text(json.dumps(after, ensure_ascii=False), encoding="utf-8")
        except OSError:
            return
