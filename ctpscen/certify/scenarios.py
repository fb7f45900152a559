"""The scenarios of the points, with a user's own driver in the place of the example's."""

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from ctpscen import bundled
from ctpscen.certify.points import points
from ctpscen.language import cache
from ctpscen.language.meaning.program import Checked, Param, Program
from ctpscen.language.text.diagnostics import Located
from ctpscen.language.text.source import Read, Source
from ctpscen.loading import Selected, read_text, read_used
from ctpscen.runner.selection import Item, items_of

DRIVER = "driver.scn"
_REHEARSAL, _LIVE = "rehearsal.scn", "live.scn"


class DoesNotCheck(Exception):
    """The driver has errors, or does not have what the points call for."""

    def __init__(self, found: list[Located]) -> None:
        super().__init__("the driver does not check")
        self.found = found


@frozen(eq=False)
class Scenarios:
    """The scenario of each point, by its id, and the params of all."""

    items: Mapping[str, Item]
    params: Mapping[str, Param]

    @property
    def program(self) -> Program:
        """One of the files, with the program that all of them test."""
        return next(iter(self.items.values())).program


def scenarios_of(folder: Path, *, live: bool) -> Scenarios:
    """The scenarios of all points, with the driver of a folder. Raises DoesNotCheck and Unreadable."""
    items: dict[str, Item] = {}
    params: dict[str, Param] = {}
    read = _reader(folder, live=live)
    for path in sorted((bundled.folder("scenarios") / "certification").glob("*.scn")):
        if path.name in (_REHEARSAL, _LIVE):
            continue
        program = _checked(str(path), read)
        params.update(program.params)
        for item in items_of(program, Selected(str(path))):
            items[item.scenario.tags[0]] = item
    return Scenarios({each: items[each] for each in points()}, params)


def _checked(path: str, read: Read) -> Program:
    checked = cache.checked(Source(path, read_text(path)), read, _check)
    if checked.program is None:
        raise DoesNotCheck([each for each in checked.diagnostics if each.diagnostic.severity == "error"])
    return checked.program


def _check(source: Source, read: Read) -> Checked:
    from ctpscen.language.checking.file import check

    return check(source, read)


def _reader(folder: Path, *, live: bool) -> Read:
    """Reads what the scenarios use: the driver of the folder, and what fits a rehearsal, or a live test."""

    def read(user: str, path: str) -> tuple[str, str]:
        name = os.path.basename(path)
        if name == DRIVER:
            return read_used(str(folder / name), name)
        return read_used(user, _LIVE if live and name == _REHEARSAL else path)

    return read
