"""Files that are their owner's alone: all that ctpscen keeps for itself.

Where the platform has modes, files are 0600 and folders 0700, whatever the umask says.
"""

import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def state_folder() -> Path:
    """Where flow files, logs, keys of orders and the private locale are kept."""
    import platformdirs

    return Path(platformdirs.user_state_dir("ctpscen"))


def make_private_folder(path: Path) -> None:
    """Makes a folder, with those above it that are missing; one that others may enter is closed to them.

    Raises OSError.
    """
    if not path.parent.exists():
        make_private_folder(path.parent)
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(FOLDER_MODE)


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a file that is made if need be, by `os.open`'s flags. Raises OSError."""
    descriptor = os.open(path, flags | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)
    if os.name == "posix" and os.fstat(descriptor).st_mode & 0o077:
        os.fchmod(descriptor, FILE_MODE)  # made by an earlier version, or by somebody's hand
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Writes a whole file. Raises OSError."""
    with os.fdopen(open_private(path, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8") as stream:
        stream.write(text)
