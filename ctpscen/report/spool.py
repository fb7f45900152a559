"""Text that is put aside while a run goes on, so that a long run holds its size."""

import tempfile
from collections.abc import Iterator
from typing import IO

from attrs import define, field

IN_MEMORY = 4_000_000
"""So many characters are kept in memory; what is more goes into a file without a name, which ends with the process."""

_PIECE = 1_000_000


def _file() -> IO[str]:
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+", encoding="utf-8", newline="")


@define(eq=False, repr=False)
class Spool:
    """Pieces of text, to be read again in their order."""

    _kept: IO[str] = field(factory=_file)

    def add(self, text: str) -> None:
        """Takes the next piece. Raises OSError."""
        self._kept.write(text)

    def pieces(self) -> Iterator[str]:
        """All that was taken, and nothing is kept any more. Raises OSError."""
        with self._kept as kept:
            kept.seek(0)
            while piece := kept.read(_PIECE):
                yield piece
