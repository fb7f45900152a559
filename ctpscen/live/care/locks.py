"""An account is one run's at a time: two that trade on it would take each other's orders and positions for their own.

A lock is a file in the state folder that the system holds for the process and lets go of when that ends, however it
ends. The process's number stands in the file, so that the next one can say who is in the way.
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from attrs import define, field

from ctpscen.hashing import blake2b
from ctpscen.private_files import make_private_folder, open_private


class AccountInUse(Exception):
    """Another run has the account; the text says which process it is."""


@define(eq=False)
class AccountLocks:
    """The accounts that this run has."""

    folder: Path
    _held: dict[Path, BinaryIO] = field(factory=dict)

    def take(self, broker: str, user: str, what: str) -> None:
        """Takes a login, whatever profile it is in; `what` it is called. Raises AccountInUse."""
        # The name of a file is seen by more eyes than its text, so it does not say whose account it is.
        path = self.folder / f"{blake2b(f'{broker}/{user}'.encode(), digest_size=8).hexdigest()}.lock"
        if path in self._held:
            return
        make_private_folder(self.folder)
        stream = os.fdopen(open_private(path, os.O_RDWR), "r+b", buffering=0)
        if not try_lock(stream):
            holder = _holder(stream)
            stream.close()
            raise AccountInUse(
                f"{what} is in use by another run (process {holder}); two at a time would disturb each other, "
                "so wait for it to end, or use another account"
            )
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n".encode())
        self._held[path] = stream

    def release(self) -> None:
        for stream in self._held.values():
            stream.close()
        self._held.clear()


def _holder(stream: BinaryIO) -> str:
    try:
        return stream.read(20).decode("ascii", "replace").strip() or "not known"
    except OSError:  # Windows locks the text as well
        return "not known"


if sys.platform == "win32":
    import msvcrt

    def try_lock(stream: BinaryIO) -> bool:
        """Locks a file for as long as it is open; False where another process, or another opening, has it."""
        try:
            stream.seek(100)  # behind the number, which others want to read
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            stream.seek(0)
        except OSError:
            stream.seek(0)
            return False
        return True

else:
    import fcntl

    def try_lock(stream: BinaryIO) -> bool:
        """Locks a file for as long as it is open; False where another process, or another opening, has it."""
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
