"""The products: contract terms, fees and hours, against the published ones."""

from itertools import pairwise

import pytest

from ctpscen.ctp.terms.instruments import EXCHANGES
from ctpscen.ctp.terms.products import Rate, product_of, products
from ctpscen.ctp.times import time_of_day


@pytest.mark.parametrize(
    ("instrument", "exchange", "multiplier", "tick", "margin", "limit", "night_end"),
    [
        ("rb2705", "SHFE", 10, 1, 0.16, 5, "23:00"),
        ("cu2612", "SHFE", 5, 10, 0.16, 9, "01:00"),
        ("au2608", "SHFE", 1000, 0.02, 0.14, 14, "02:30"),
        ("ag2606", "SHFE", 15, 1, 0.19, 20, "02:30"),
        ("sc2606", "INE", 1000, 0.1, 0.17, 9, "02:30"),
        ("m2707", "DCE", 10, 1, 0.14, 6, "23:00"),
        ("i2606", "DCE", 100, 0.5, 0.19, 6, "23:00"),
        ("jd2603", "DCE", 10, 1, 0.15, 7, ""),
        ("SR707", "CZCE", 10, 1, 0.13, 6, "23:00"),
        ("AP703", "CZCE", 10, 1, 0.15, 9, ""),
        ("si2606", "GFEX", 5, 5, 0.1, 8, ""),
        ("IF2609", "CFFEX", 300, 0.2, 0.15, 10, ""),
        ("TS2609", "CFFEX", 20000, 0.002, 0.01, 0.5, ""),
    ],
)
def test_a_product_has_its_exchange_s_terms(
    instrument: str, exchange: str, multiplier: int, tick: float, margin: float, limit: float, night_end: str
) -> None:
    product = product_of(instrument)
    assert product is not None
    assert (product.exchange, product.multiplier, product.tick) == (exchange, multiplier, tick)
    assert (product.long_margin.by_money, product.limit_percent, product.night_end) == (margin, limit, night_end)


@pytest.mark.parametrize(
    ("instrument", "opening", "closing", "closing_today"),
    [
        ("rb2705", Rate(1e-4, 0), Rate(1e-4, 0), Rate(1e-4, 0)),
        ("cu2612", Rate(5e-5, 0), Rate(5e-5, 0), Rate(0, 0)),
        ("m2707", Rate(0, 0.2), Rate(0, 0.2), Rate(0, 0.1)),
        ("MA706", Rate(0, 2), Rate(0, 2), Rate(0, 6)),
        ("IF2609", Rate(2.3e-5, 0), Rate(2.3e-5, 0), Rate(2.3e-4, 0)),
    ],
)
def test_a_product_has_its_fees(instrument: str, opening: Rate, closing: Rate, closing_today: Rate) -> None:
    product = product_of(instrument)
    assert product is not None
    assert (product.open_fee, product.close_fee, product.close_today_fee) == (opening, closing, closing_today)


@pytest.mark.parametrize(
    ("instrument", "multiplier", "tick", "night_end", "most"),
    [
        ("ad2705", 10, 5, "01:00", 500),
        ("op2705", 40, 2, None, 500),
        ("bz2705", 30, 1, None, None),
        ("PL705", 20, 1, None, None),
        ("pt2706", 1000, 0.05, "", 1000),
        ("pd2706", 1000, 0.05, "", 1000),
        ("ec2612", 50, 0.5, "", 500),
    ],
)
def test_a_product_listed_since_the_middle_of_2025_has_the_terms_of_its_notice(
    instrument: str, multiplier: int, tick: float, night_end: str | None, most: int | None
) -> None:
    product = product_of(instrument)
    assert product is not None
    assert (product.multiplier, product.tick) == (multiplier, tick)
    assert night_end in (None, product.night_end)
    assert most in (None, product.max_limit_volume)


def test_the_limits_are_those_of_september_2026() -> None:
    seen = {"i": 6, "j": 8, "lh": 6, "m": 6, "MA": 6, "rb": 5, "cu": 9, "ag": 20}
    assert {name: products()[name].limit_percent for name in seen} == seen


def test_positions_are_dated_in_shanghai_only() -> None:
    assert {p.exchange for p in products().values() if p.dated_positions} == {"SHFE", "INE"}
    assert all(p.dated_positions for p in products().values() if p.exchange in ("SHFE", "INE"))


def test_larger_side_margin_is_shanghai_s_and_the_financial_exchange_s() -> None:
    assert {p.exchange for p in products().values() if p.larger_side} <= {"SHFE", "INE", "CFFEX"}
    assert not products()["ec"].larger_side
    assert products()["ag"].larger_side


def test_every_product_is_whole() -> None:
    assert len(products()) == 88
    for name, product in products().items():
        assert product.id == name
        assert product.exchange in EXCHANGES
        assert product.multiplier > 0
        assert 0 < product.long_margin.by_money < 1
        assert 0 < product.limit_percent < 100
        ticks = product.reference_price / product.tick
        assert abs(ticks - round(ticks)) < 1e-6, f"the reference price of {name} is no price of it"


def test_every_product_s_day_is_in_order() -> None:
    for product in products().values():
        moments = [time_of_day(moment) for span in product.day_sessions.split() for moment in span.split("-")]
        assert len(moments) >= 4
        assert all(a < b for a, b in pairwise(moments)), product.id


@pytest.mark.parametrize("name", ["zz2612", "cu", "SP rb2701&rb2705", "SPC y2705&m2705", "SPD MA701&", ""])
def test_what_is_of_no_known_product_has_none(name: str) -> None:
    assert product_of(name) is None
