"""A password or a code: it can be used, not shown."""

import getpass
import os
import stat
import sys
from pathlib import Path
from typing import Literal

from attrs import frozen

from ctpscen.regular_files import open_regular, read_bounded

LARGEST = 10_000
"""Bytes that the file of a secret may have."""


class NoSecret(Exception):
    """A secret cannot be had; the text says where it was looked for."""


@frozen(repr=False, str=False)
class Secret:
    """A text that prints as dots, whatever prints it."""

    _text: str

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return "•••"


@frozen
class SecretPlace:
    """Where a secret is to be had: a variable of the environment, a file that only its owner reads, or a prompt."""

    kind: Literal["env", "file", "prompt", "public"]
    name: str = ""

    def fetch(self, what: str) -> Secret:
        """The secret itself; `what` it is, for the prompt and for messages. Raises NoSecret."""
        if self.kind == "env":
            if self.name not in os.environ:
                raise NoSecret(f"{what} is said to be in ${self.name}, which is not set")
            return Secret(os.environ[self.name])
        if self.kind == "file":
            return Secret(_read_private(Path(self.name).expanduser(), what))
        if self.kind == "public":
            return Secret(self.name)
        if not sys.stdin.isatty():
            raise NoSecret(f'{what} is to be asked for, and there is no terminal; give it as {{ env = "…" }}')
        return Secret(getpass.getpass(f"{what}: "))


def _read_private(path: Path, what: str) -> str:
    try:
        with open_regular(path) as stream:
            found = os.fstat(stream.fileno())
            if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
                mode = f"{stat.S_IMODE(found.st_mode):04o}"
                raise NoSecret(f"{path} holds {what} and others can read it (mode {mode}); `chmod 600 {path}`")
            return read_bounded(stream, LARGEST).decode("utf-8").strip()
    except OSError as reason:
        raise NoSecret(f"{what} is said to be in {path}, which cannot be read: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{path} is not UTF-8 text") from None
