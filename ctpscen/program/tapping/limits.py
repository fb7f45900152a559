"""The page in which the lots of a live run are counted, by all its programs and by ctpscen (`native/tap/limits.c`)."""

import ctypes
import mmap
import os
from pathlib import Path

from attrs import define, field

from ctpscen.private_files import open_private

_MAGIC, _LAYOUT = 0x6C696D74, 1


class _Page(ctypes.Structure):
    _fields_ = (
        ("magic", ctypes.c_uint32),
        ("layout", ctypes.c_uint32),
        ("most_of_an_order", ctypes.c_int64),
        ("most_of_the_run", ctypes.c_int64),
        ("used", ctypes.c_int64),
        ("elsewhere", ctypes.c_int64),
        ("lost", ctypes.c_uint64),
        ("asleep", ctypes.c_uint32),
    )


@define(eq=False)
class LimitsPage:
    """The page of a run, in a file that its programs map. The caps are lots."""

    path: Path
    most_of_an_order: int
    most_of_the_run: int
    _map: mmap.mmap = field(init=False)
    _page: _Page = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Raises OSError."""
        with os.fdopen(open_private(self.path, os.O_RDWR), "r+b") as stream:
            os.ftruncate(stream.fileno(), mmap.PAGESIZE)
            self._map = mmap.mmap(stream.fileno(), mmap.PAGESIZE)
        page = self._page = _Page.from_buffer(self._map)
        page.most_of_an_order, page.most_of_the_run = self.most_of_an_order, self.most_of_the_run
        page.layout, page.magic = _LAYOUT, _MAGIC

    @property
    def used(self) -> int:
        """The lots of the programs."""
        return int(self._page.used)

    @property
    def elsewhere(self) -> int:
        """The lots of ctpscen's own sessions."""
        return int(self._page.elsewhere)

    @elsewhere.setter
    def elsewhere(self, lots: int) -> None:
        self._page.elsewhere = lots

    @property
    def lost(self) -> int:
        """The events that could not be written down."""
        return int(self._page.lost)

    def sleep(self) -> None:
        """Whoever writes an event rings from now on."""
        self._page.asleep = 1

    def close(self) -> None:
        del self._page
        self._map.close()
        self.path.unlink(missing_ok=True)
