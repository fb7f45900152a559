"""Rows of the data tables that are in force on a day.

A row of `data/products.csv` and of its siblings says in `source` where its figures are from, and in `day` since when
they are known to hold. A product may have several rows in a table; before the first one, that one stands for what is
not known.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from ctpscen.ctp.schema.tables import load_rows

TABLES: Sequence[str] = ("products", "limits", "margins", "fees")
"""The tables of which a product's terms are made."""

Row = Mapping[str, str]


@cache
def _rows(table: str) -> Mapping[str, Sequence[tuple[date, Row]]]:
    """The rows of each product, the oldest first."""
    found: dict[str, list[tuple[date, Row]]] = {}
    for row in load_rows(table):
        found.setdefault(row["product"], []).append((date.fromisoformat(row["day"]), row))
    return {product: sorted(rows, key=lambda each: each[0]) for product, rows in found.items()}


@cache
def _changes() -> Sequence[date]:
    """The days on which anything changes."""
    return sorted({day for table in TABLES for rows in _rows(table).values() for day, _ in rows[1:]})


def period_of(day: date | None) -> int:
    """The number of a period in which no term of any product changes; without a day, the newest one."""
    return len(_changes()) if day is None else bisect_right(_changes(), day)


def rows_in_force(table: str, period: int) -> Mapping[str, Row]:
    """Of each product the row of a table that holds in a period, as `period_of` numbers them."""
    end = _changes()[period - 1] if period else date.min
    return {
        product: [row for day, row in rows if day <= end][-1] if rows[0][0] <= end else rows[0][1]
        for product, rows in _rows(table).items()
    }
