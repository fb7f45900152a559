"""Where evidence comes from: simulated or live, with what versions, and of which files of the program."""

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from ctpscen.language.meaning.program import Program
from ctpscen.language.syntax.tree import LiteralValue
from ctpscen.report.journal import environment

_CHUNK = 1 << 20


def program_folder(program: Program) -> Path | None:
    """The folder that the program under test runs in a copy of, where its item names one plainly."""
    (tested,) = program.programs
    written = tested.folder
    if not isinstance(written, LiteralValue) or not isinstance(written.value, str):
        return None
    return Path(os.path.dirname(tested.source.name), written.value)


def file_hashes(folder: Path) -> Mapping[str, str]:
    """SHA-256 of every file below a folder, by its path; what cannot be read says so."""
    return {path.relative_to(folder).as_posix(): _hash(path) for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        yield from (Path(parent, name) for name in sorted(names) if Path(parent, name).is_file())


def _hash(path: Path) -> str:
    found = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                found.update(piece)
    except OSError as reason:
        return f"cannot be read: {reason.strerror}"
    return found.hexdigest()


def listed(hashes: Mapping[str, str]) -> str:
    """The hashes as `sha256sum` writes and checks them."""
    return "".join(f"{found}  {name}\n" for name, found in sorted(hashes.items()))


def provenance(hashes: Mapping[str, str], profile: str | None, seed: int) -> dict[str, str]:
    """What stands beside all evidence of a run; `profile` is that of a live one.

    The program is known by the hash of the list of its files' hashes, '' where it has no folder of its own.
    """
    made = {name: str(value) for name, value in environment().items() if name not in ("event", "schema")}
    return {
        "mode": "simulated" if profile is None else f"live {profile}",
        "program": hashlib.sha256(listed(hashes).encode()).hexdigest() if hashes else "",
        "seed": str(seed),
        "system": platform.platform(),
        **made,
    }
