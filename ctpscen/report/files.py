"""Writing files: one that cannot be written is named, with what the system says of it."""

import os
from pathlib import Path


class Unwritable(Exception):
    """A file or a stream that cannot be written; the text says which and why."""

    @classmethod
    def because(cls, what: str, reason: OSError) -> "Unwritable":
        return cls(f"{what}: cannot be written: {reason.strerror or reason}")


def prepare_file(path: str) -> None:
    """Makes the folder of a file that is to be written later, and looks whether that can be. Raises Unwritable."""
    found = Path(path)
    prepare_folder(str(found.parent))
    if found.is_dir():
        raise Unwritable(f"{path}: cannot be written: this is a folder")
    if found.exists() and not os.access(found, os.W_OK):
        raise Unwritable(f"{path}: cannot be written: Permission denied")


def prepare_folder(path: str) -> None:
    """Makes a folder, and looks whether files can be made in it. Raises Unwritable."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Unwritable(f"{path}: this is a file, where a folder is needed") from None
    except OSError as reason:
        raise Unwritable(f"{path}: this folder cannot be made: {reason.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise Unwritable(f"{path}: nothing can be written in this folder: Permission denied")


def write_text(path: str, text: str) -> None:
    """Writes a whole file, in UTF-8. Raises Unwritable."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as reason:
        raise Unwritable.because(path, reason) from None
