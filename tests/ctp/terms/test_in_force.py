"""Every figure about products has a source and a day, and holds from that day on."""

from datetime import date

import pytest
from support import passes

from ctpscen.ctp.schema.tables import load_rows
from ctpscen.ctp.terms.in_force import TABLES, period_of
from ctpscen.ctp.terms.products import product_of, products


@pytest.mark.parametrize("table", [*TABLES, "months", "options"])
def test_every_row_has_a_source_and_a_day(table: str) -> None:
    for row in load_rows(table):
        assert row["source"]
        assert date.fromisoformat(row["day"]) <= date(2026, 11, 23), row


@pytest.mark.parametrize("table", TABLES)
def test_every_product_is_in_every_table(table: str) -> None:
    assert {row["product"] for row in load_rows(table)} == set(products())


@pytest.mark.parametrize(
    ("day", "tick", "limit"),
    [
        (date(2020, 1, 2), 0.1, 9),  # before the first row, that one
        (date(2026, 5, 10), 0.1, 9),
        (date(2026, 5, 11), 0.5, 9),
        (date(2026, 9, 1), 0.5, 6),
        (None, 0.5, 6),
    ],
)
def test_the_row_of_a_day_is_the_newest_that_is_not_later(day: date | None, tick: float, limit: float) -> None:
    assert products(day)["ec"].tick == tick
    assert products(day)["i"].limit_percent == limit


def test_terms_change_on_few_days_and_are_kept_between_them() -> None:
    assert period_of(date(2026, 5, 11)) != period_of(date(2026, 5, 10))
    assert product_of("rb2705", date(2026, 9, 1)) is product_of("rb2705", date(2026, 11, 23))


def test_a_venue_has_the_terms_of_its_day() -> None:
    passes("""
venue: clock 2026-03-02 10:00
venue: list ec2604
query instruments of ec2604 as found
check found[0].price_tick == 0.1
""")
