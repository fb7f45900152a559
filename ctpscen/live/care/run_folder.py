"""Where the key files of a run stand: a folder a run, among those of the same profile.

A run holds a lock on its folder for as long as it lives, however it ends: numbers of processes are used again.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from attrs import define, field

from ctpscen.live.care.locks import try_lock
from ctpscen.private_files import make_private_folder, open_private

_LOCK = "lock"


@define(eq=False)
class RunFolder:
    """The folder of one run. `profile_folder` has those of all runs of the profile."""

    profile_folder: Path
    name: str
    _held: list[BinaryIO] = field(factory=list)

    @property
    def path(self) -> Path:
        return self.profile_folder / self.name

    def take(self) -> None:
        """Makes the folder, as this run's. Raises OSError."""
        make_private_folder(self.path)
        stream = _open_lock(self.path)
        try_lock(stream)
        self._held.append(stream)

    def left_over(self) -> Iterator[list[Path]]:
        """The key files of each earlier run that is over. Its folder goes once they have been taken over."""
        for folder in sorted(self.profile_folder.glob("*/")):
            files = sorted(folder.glob("*.jsonl"))
            if folder.name == self.name or not files:
                continue
            with contextlib.suppress(OSError), _open_lock(folder) as stream:
                if try_lock(stream):
                    yield files
                    _remove(folder)

    def release(self) -> None:
        """Lets go of the folder; it goes with its last key."""
        for stream in self._held:
            stream.close()
            _remove(self.path)
        self._held.clear()


def _open_lock(folder: Path) -> BinaryIO:
    return os.fdopen(open_private(folder / _LOCK, os.O_RDWR), "r+b", buffering=0)


def _remove(folder: Path) -> None:
    """Removes a folder in which nothing is left but the lock."""
    if all(path.name == _LOCK for path in folder.glob("*")):
        shutil.rmtree(folder, ignore_errors=True)
