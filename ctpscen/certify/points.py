"""The points of the functional test, as data: what each is about, what counts as evidence, and how forms group them.

After the standard T/ZQX 0004-2025 and the forms of several brokers, in words of our own. What makes a point pass
stands in `scenarios/certification`, under its id.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from attrs import frozen


@frozen
class Point:
    """`section` is its number in the record. One that is `optional` does not change the verdict of the whole.

    `image` says that a reviewer wants to see the whole screen. `evidence` is what counts, in Chinese; `calls` are the
    functions and callbacks whose traffic shows it, `shows` the names in `[shows]` of the lines that do.
    """

    id: str
    section: str
    group: int
    point: str
    optional: bool
    image: bool
    evidence: str
    calls: frozenset[str]
    shows: tuple[str, ...]


@frozen
class Group:
    """The points of one table of the record, with what that says of them, in Chinese."""

    number: int
    section: str
    area: str
    title: str
    aim: str
    requirement: str
    points: Sequence[Point]


@frozen
class Assessed:
    """A row of the self-assessment, in Chinese. One of several of which `any` must do is met by any of those."""

    item: str
    kind: str
    name: str
    content: str
    grade: str
    points: tuple[str, ...]
    any: tuple[str, ...]

    @property
    def is_required(self) -> bool:
        return self.grade == "严重"


def _rows(name: str) -> Sequence[Mapping[str, str]]:
    text = files("ctpscen.certify").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def points() -> Mapping[str, Point]:
    """All points by their ids, in the order of the record."""
    return {
        row["id"]: Point(
            row["id"],
            row["section"],
            int(row["group"]),
            row["point"],
            bool(row["optional"]),
            bool(row["image"]),
            row["evidence"],
            frozenset(row["calls"].split()),
            tuple(row["shows"].split()),
        )
        for row in _rows("points")
    }


@cache
def groups() -> Sequence[Group]:
    return [
        Group(
            int(row["group"]),
            row["section"],
            row["area"],
            row["title"],
            row["aim"],
            row["requirement"],
            [point for point in points().values() if point.group == int(row["group"])],
        )
        for row in _rows("groups")
    ]


@cache
def self_assessment() -> Sequence[Assessed]:
    return [
        Assessed(
            row["item"],
            row["kind"],
            row["name"],
            row["content"],
            row["grade"],
            tuple(row["points"].split()),
            tuple(row["any"].split()),
        )
        for row in _rows("self_assessment")
    ]
