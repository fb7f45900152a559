"""`system.toml`: the system that is tested, how its points are run, and by which words its lines are known."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen

from ctpscen.certify.points import points
from ctpscen.engine.settings import Pace
from ctpscen.language.meaning.program import Param
from ctpscen.language.meaning.types import TEXT
from ctpscen.language.meaning.values import read_value
from ctpscen.language.text.suggestions import did_you_mean

FILE = "system.toml"
COUNT = "{count}"
"""Stands in a pattern where the number stands in the program's line."""

MOST_HASTE = 1000
"""Times as fast as the wall's clock: beyond it the waits of a program are shorter than the system can make them."""

_AREAS = ("system", "run", "shows")
_OF_THE_RUN = ("contract", "other_contract", "patience", "period", "first_is_a_repeat", "screen", "logs")


class BadSettings(Exception):
    """What is wrong with `system.toml`, and what would fit."""


@frozen
class System:
    """What the forms say of the program, each as it is to be printed."""

    institution: str = ""
    name: str = ""
    version: str = ""
    package_size: str = ""
    vendor: str = ""
    app_id: str = ""
    relay_app_id: str = ""
    connection: str = ""
    counter: str = ""
    environment: str = ""
    operating_system: str = ""


@frozen
class CertifySettings:
    """`run` and `shows` are as they were written, by their names. `left_out` are optional points that do not apply.

    `pace` is how time passes in a rehearsal: `jump`, or so many times as fast as the wall's clock.
    """

    folder: Path
    system: System
    run: Mapping[str, Any]
    shows: Mapping[str, str]
    left_out: Sequence[str] = ()
    pace: Pace = "jump"

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those of some names in `[shows]` for which nothing is written there."""
        return [name for name in names if not self.shows.get(name)]

    def values(self, params: Mapping[str, Param]) -> dict[str, Any]:
        """The values of the scenarios' params. Raises BadSettings."""
        found: dict[str, Any] = {"tested_app": self.system.app_id}
        for name, value in self.run.items():
            found[name] = self._read(f"[run] {name}", value, params[name])
        for name, pattern in self.shows.items():
            try:
                re.compile(pattern.replace(COUNT, "0"))
            except re.error as reason:
                raise self.bad(f"[shows] {name}: this is no regular expression: {reason}") from None
            before, count, behind = pattern.partition(COUNT)
            end = f"shows_{name}_end"
            if end in params:
                if pattern and not count:
                    raise self.bad(f"[shows] {name}: write {COUNT} where the number stands")
                found[end] = behind
            found[f"shows_{name}"] = before if end in params else pattern
        return found

    def _read(self, place: str, value: Any, param: Param) -> Any:
        if isinstance(value, bool) or (param.kind == TEXT and isinstance(value, str)):
            return value
        try:
            return read_value(str(value), param.kind)
        except ValueError as reason:
            raise self.bad(f"{place}: {reason}") from None

    def bad(self, what: str) -> BadSettings:
        return BadSettings(f"{self.folder / FILE}: {what}")


@frozen
class _Table:
    """The tables of a file, looked at one after the other."""

    path: Path
    content: Mapping[str, Any] = field(factory=dict)

    def of(self, name: str, known: Sequence[str]) -> Mapping[str, Any]:
        """One table. Raises BadSettings for a name in it that means nothing."""
        found = self.content.get(name, {})
        if not isinstance(found, dict):
            raise BadSettings(f"{self.path}: [{name}] is a table")
        for key in found:
            if key not in known:
                raise BadSettings(f"{self.path}: [{name}] has no `{key}`{did_you_mean(key, known)}")
        return found

    def texts(self, name: str, known: Sequence[str]) -> dict[str, str]:
        """One table of texts. Raises BadSettings."""
        found = self.of(name, known)
        for key, value in found.items():
            if not isinstance(value, str):
                raise BadSettings(f"{self.path}: [{name}] {key}: a text is wanted, in quotation marks")
        return dict(found)


def read_toml(path: Path, where_from: str = "") -> Mapping[str, Any]:
    """A TOML file; `where_from` says what would write it where it is missing. Raises BadSettings."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(f"{path}: there is no such file{where_from}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as reason:
        raise BadSettings(f"{path}: cannot be read: {reason}") from None


def read_settings(folder: Path, params: Mapping[str, Param]) -> CertifySettings:
    """The settings of a folder; `params` are those of the scenarios. Raises BadSettings."""
    path = folder / FILE
    content = read_toml(path, f"; `ctpscen certify init {folder}` writes one")
    table = _Table(path, content)
    for name in content:
        if name not in _AREAS:
            raise BadSettings(f"{path}: there is no table [{name}]{did_you_mean(name, _AREAS)}")
    system = System(**table.texts("system", [each.name for each in fields(System)]))
    run = dict(table.of("run", [*_OF_THE_RUN, "left_out", "pace"]))
    shown = [name.removeprefix("shows_") for name in params if name.startswith("shows_")]
    shows = table.texts("shows", [name for name in shown if not name.endswith("_end")])
    left_out, pace = run.pop("left_out", []), run.pop("pace", "jump")
    found = CertifySettings(folder, system, run, shows, tuple(_left_out(path, left_out)), _pace(path, pace))
    found.values(params)
    return found


def _left_out(path: Path, ids: Any) -> Sequence[str]:
    known = [point.id for point in points().values() if point.optional]
    if not isinstance(ids, list):
        raise BadSettings(f'{path}: [run] left_out: a list of points is wanted, such as ["O01"]')
    for each in ids:
        if each not in known:
            raise BadSettings(f"{path}: [run] left_out: {each} is no optional point ({', '.join(known)})")
    return ids


def _pace(path: Path, pace: Any) -> Pace:
    if pace == "jump":
        return "jump"
    if isinstance(pace, int | float) and not isinstance(pace, bool) and 0 < pace <= MOST_HASTE:
        return float(pace)
    raise BadSettings(f'{path}: [run] pace: "jump" or a number up to {MOST_HASTE} is wanted, not {pace}')
