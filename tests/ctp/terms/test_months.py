"""Contracts by the calendar: those that can be traded on a day, and the one on which trading gathers."""

from datetime import date, timedelta

import pytest

from ctpscen.ctp.terms.months import contracts, most_traded
from ctpscen.ctp.terms.products import product_of, products

NOVEMBER = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("product", "wanted"),
    [
        ("rb", "rb2612 rb2701 rb2702"),
        ("m", "m2612 m2701 m2703"),
        ("au", "au2612 au2701 au2702 au2704"),
        ("SR", "SR701 SR703 SR705"),
        ("T", "T2612 T2703"),
        ("IF", "IF2612 IF2701 IF2703 IF2706"),
    ],
)
def test_the_nearest_contracts_come_first(product: str, wanted: str) -> None:
    found = contracts(product, NOVEMBER)
    assert " ".join(found[: len(wanted.split())]) == wanted


def test_an_index_contract_is_there_until_the_third_friday() -> None:
    """Until then the contract after next is a quarter's."""
    assert contracts("IF", date(2026, 11, 20)) == ["IF2612", "IF2703", "IF2706"]
    assert contracts("IF", date(2026, 11, 21)) == ["IF2612", "IF2701", "IF2703", "IF2706"]
    assert most_traded("IF", date(2026, 11, 20)) == "IF2611"
    assert most_traded("IF", date(2026, 11, 21)) == "IF2612"


@pytest.mark.parametrize(
    ("product", "day", "wanted"),
    [
        ("rb", NOVEMBER, "rb2701"),
        ("rb", date(2026, 12, 1), "rb2705"),
        ("rb", date(2027, 3, 31), "rb2705"),
        ("rb", date(2027, 4, 1), "rb2710"),
        ("cu", NOVEMBER, "cu2701"),
        ("au", NOVEMBER, "au2702"),
        ("MA", date(2029, 12, 3), "MA005"),
        ("T", NOVEMBER, "T2612"),
    ],
)
def test_trading_gathers_on_a_few_months(product: str, day: date, wanted: str) -> None:
    assert most_traded(product, day) == wanted


def test_every_product_has_contracts_on_every_day_of_two_years() -> None:
    for product in sorted(products()):
        for days in range(0, 730, 7):
            today = NOVEMBER + timedelta(days=days)
            found = contracts(product, today)
            assert len(found) >= 2, product
            assert len(set(found)) == len(found), product
            assert product_of(most_traded(product, today)) is products()[product], product
