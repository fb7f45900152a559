"""The flow files of a program: which of its API objects continue which streams.

A flow path is the beginning of file names: `flow/` are files in a folder, `flow/a_` have a prefix. The library makes
the files when an object is made; a program that removes them begins its streams anew.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field, frozen

NAMES: Sequence[str] = ("DialogRsp", "QueryRsp", "TradingDay", "Private", "Public")
_EMPTY = bytes(6)


@frozen
class FlowPath:
    """Where an object keeps its files. `key` names the streams that it continues."""

    key: str
    folder: str
    is_missing: bool


@define(eq=False)
class FlowFiles:
    """The flow files of one program, whose own folder is `home`. Files elsewhere are left alone."""

    home: Path
    _generations: dict[str, int] = field(factory=dict)

    def open(self, folder: str, flow: str) -> FlowPath:
        """The flow path that a program whose working directory is `folder` gives."""
        prefix = os.path.normpath(os.path.join(folder, flow)) + ("/" if flow.endswith("/") or not flow else "")
        parent = os.path.dirname(prefix)
        name = os.path.relpath(prefix, self.home) + ("/" if prefix.endswith("/") else "")
        is_inside = not name.startswith("..")
        files = [Path(f"{prefix}{each}.con") for each in NAMES]
        known = prefix in self._generations
        if is_inside and known and not any(path.exists() for path in files):
            self._generations[prefix] += 1
        generation = self._generations.setdefault(prefix, 0)
        if not os.path.isdir(parent):
            return FlowPath(name, parent, is_missing=True)
        if is_inside:
            for path in files:
                if not path.exists():
                    path.write_bytes(_EMPTY)
        key = name if is_inside else prefix
        return FlowPath(f"{key}#{generation}" if generation else key, parent, is_missing=False)
