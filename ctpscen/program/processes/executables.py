"""What kind of file a command runs: what cannot be reached by a library that is loaded before others is named."""

import os
import shutil
import stat
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ctpscen.program.spec import CannotStart

Reach = Literal["dynamic", "static", "go", "setuid", "musl", "foreign"]
"""Whether a program can be reached: only one that is linked dynamically, against glibc, for this machine, can."""

WHY: Mapping[Reach, str] = {
    "static": "it is linked statically, so no library can be put in CTP's place",
    "go": "it is a Go program, which reads clocks and the network past the C library",
    "setuid": "it is setuid, so the system loads nothing before it",
    "musl": "it is built for musl, and the libraries that are put before it are glibc's",
    "foreign": "it is built for another kind of machine",
}

_MACHINES = {"x86_64": 62, "aarch64": 183}
_PT_INTERP, _PT_NOTE = 3, 4
_HEADER = struct.Struct("<16xHHIQQQIHHHHHH")
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
_MOST_SCRIPTS = 5


def locate(command: str, folder: Path, path: str) -> Path:
    """The file that a command runs, started in `folder`. Raises CannotStart."""
    if "/" in command:
        found = folder / command
        if not found.exists():
            where = "" if Path(command).is_absolute() else " in the program's folder"
            raise CannotStart(f"there is no `{command}`{where}")
        if found.is_dir():
            raise CannotStart(f"`{command}` is a folder")
        if not os.access(found, os.X_OK):
            raise CannotStart(f"`{command}` is not executable; `chmod +x` makes it so")
        return found
    which = shutil.which(command, path=path)
    if which is None:
        script = f"; a script is started by `python {command}`" if command.endswith(".py") else ""
        raise CannotStart(f"there is no command `{command}`{script}")
    return Path(which)


def reach_of(executable: Path) -> Reach:
    """Whether a library can be put before what this file runs; of a script, before its interpreter."""
    for _ in range(_MOST_SCRIPTS):
        try:
            with executable.open("rb") as stream:
                start = stream.read(4096)
        except OSError:
            return "dynamic"  # it can be run, but not read: that it is reached is seen when it runs
        if not start.startswith(b"#!"):
            break
        words = start[2:].split(b"\n", 1)[0].split()
        interpreter = _interpreter(words)
        if interpreter is None:
            return "dynamic"
        executable = interpreter
    if executable.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
        return "setuid"
    return _reach_of_elf(executable, start) if start.startswith(b"\x7fELF") else "dynamic"


def _interpreter(words: Sequence[bytes]) -> Path | None:
    """What a script's first line has it run by, through `env` as well."""
    names = [os.fsdecode(word) for word in words]
    if names and os.path.basename(names[0]) == "env":
        names = [name for name in names[1:] if not name.startswith("-") and "=" not in name]
    found = shutil.which(names[0]) if names else None
    return None if found is None else Path(found)


def _reach_of_elf(executable: Path, start: bytes) -> Reach:
    if start[4] != 2 or start[5] != 1:  # neither 64 bits nor little-endian
        return "foreign"
    _, machine, _, _, headers, _, _, _, size, count, *_ = _HEADER.unpack_from(start)
    if machine != _MACHINES.get(os.uname().machine):
        return "foreign"
    interpreter = b""
    with executable.open("rb") as stream:
        for number in range(count):
            stream.seek(headers + number * size)
            kind, _, offset, _, _, length, *_ = _PROGRAM_HEADER.unpack(stream.read(_PROGRAM_HEADER.size))
            if kind == _PT_INTERP:
                stream.seek(offset)
                interpreter = stream.read(length)
            elif kind == _PT_NOTE:
                stream.seek(offset)
                if b"Go\0\0" in stream.read(min(length, 4096)):
                    return "go"
    if not interpreter:
        return "static"
    return "musl" if b"musl" in interpreter else "dynamic"


def check_python(command: Sequence[str]) -> None:
    """Raises CannotStart for a Python that is told not to look at its environment, where the stand-in is named."""
    if not os.path.basename(command[0]).lower().startswith("python"):
        return
    for word in command[1:]:
        if not word.startswith("-") or word.startswith("--") or word in ("-c", "-m", "-"):
            return
        if found := sorted(set(word) & set("IES")):
            raise CannotStart(f"`{command[0]} -{found[0]}` does not look where the stand-in of the CTP library is")


def loaded_ctp(process: int) -> bool:
    """Whether a process has a CTP library loaded."""
    try:
        maps = Path(f"/proc/{process}/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "thosttraderapi" in maps or "thostmduserapi" in maps
