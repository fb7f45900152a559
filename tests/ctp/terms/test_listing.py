"""What is listed on a day: months by each exchange's rule, options by their strikes, and nothing else."""

from collections import Counter
from datetime import date

import pytest

from ctpscen.ctp.terms.listing import everything, last_day, why_not
from ctpscen.ctp.terms.months import listed
from ctpscen.ctp.terms.products import options, product_of, products, spreads

NOVEMBER = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("product", "day", "wanted"),
    [
        ("rb", NOVEMBER, "2612 2701 2702 2703 2704 2705 2706 2707 2708 2709 2710 2711"),
        ("rb", date(2026, 11, 16), "2611 2612 2701 2702 2703 2704 2705 2706 2707 2708 2709 2710"),
        ("au", NOVEMBER, "2612 2701 2702 2704 2706 2708 2710 2712"),
        ("bu", NOVEMBER, "2612 2701 2702 2703 2704 2705 2706 2709 2712 2803 2806 2809"),
        ("m", NOVEMBER, "2612 2701 2703 2705 2707 2708 2709 2711"),
        ("SR", NOVEMBER, "701 703 705 707 709 711"),
        ("AP", NOVEMBER, "612 701 703 704 705 710 711"),
        ("IF", date(2026, 11, 20), "2611 2612 2703 2706"),
        ("IF", date(2026, 11, 23), "2612 2701 2703 2706"),
        ("T", NOVEMBER, "2612 2703 2706"),
        ("T", date(2026, 12, 14), "2703 2706 2709"),
        (
            "sc",
            date(2025, 3, 3),
            "2504 2505 2506 2507 2508 2509 2510 2511 2512 2601 2602 2603 2606 2609 2612 2703 2706 2709 2712 2803",
        ),
        ("IF", date(2025, 3, 24), "2504 2505 2506 2509"),
        ("lh", date(2025, 3, 3), "2503 2505 2507 2509 2511 2601"),
    ],
)
def test_an_exchange_lists_the_months_of_its_specification(product: str, day: date, wanted: str) -> None:
    assert " ".join(contract[len(product) :] for contract in listed(product, day)) == wanted


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("rb2705", date(2027, 5, 17)),
        ("cu2612C72000", date(2026, 11, 24)),
        ("m2705-C-3100", date(2027, 4, 16)),
        ("SR705C5600", date(2027, 4, 13)),
        ("sc2701C520", date(2026, 12, 15)),
    ],
)
def test_a_listed_contract_has_a_last_trading_day(name: str, last: date) -> None:
    assert last_day(name, NOVEMBER) == last


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("rb2713", "no contract `rb2713`: rb lists 2612 … 2711"),
        ("rb2712", "no contract `rb2712`: rb lists 2612 … 2711"),
        ("cu2601", "no contract `cu2601`: cu lists 2612 … 2711"),
        ("m2702", "no contract `m2702`: m lists 2612, 2701, 2703, 2705, 2707, 2708, 2709, 2711"),
        ("SR2705", "no contract `SR2705`: SR lists 701, 703, 705, 707, 709, 711"),
        ("rb705", "no contract `rb705`: rb lists 2612 … 2711"),
        ("RB2705", "no exchange has a product of `RB2705`"),
        ("zz2705", "no exchange has a product of `zz2705`"),
        ("rb", "no exchange has a product of `rb`"),
        ("m2705-C-3110", "no contract `m2705-C-3110`: it has ended, or no option has that strike"),
        ("m2705-C-0", "no contract `m2705-C-0`: it has ended, or no option has that strike"),
        ("m2705C3100", "no contract `m2705C3100`: m has no such option"),
        ("wr2701C3000", "no contract `wr2701C3000`: wr has no such option"),
        ("SP m2701&m2709", "no spread `SP m2701&m2709`: listed are SP m2701&m2703, SP m2701&m2705"),
        (
            "SPD SR705&SR701",
            "no spread `SPD SR705&SR701`: listed are SPD SR705&SR707, SPD SR705&SR709, SPD SR705&SR711",
        ),
        ("SPC y2701&m2701", "no exchange lists spreads of `SPC y&m`, but of SP y&y, SPC y&p"),
        ("SP rb2701&rb2705", "no exchange lists spreads of `SP rb&rb`"),
        ("SP rb2705&rb2713", "no spread `SP rb2705&rb2713`: no contract `rb2713`: rb lists 2612 … 2711"),
        ("m2612-C-3000", "no contract `m2612-C-3000`: it has ended, or no option has that strike"),
    ],
)
def test_another_name_is_no_instrument(name: str, why: str) -> None:
    assert last_day(name, NOVEMBER) is None
    assert why_not(name, NOVEMBER) == why


def test_everything_is_every_month_of_every_product_and_options() -> None:
    found = list(everything(NOVEMBER))
    assert len(found) == len(set(found))
    assert all(last_day(name, NOVEMBER) is not None for name in found)
    by_product = Counter(product.id for name in found if (product := product_of(name)))
    assert by_product.keys() >= products().keys()
    assert by_product.keys() == {*products(), *(product.id for product in options().values()), *spreads()}
    assert len(found) > 9_000


@pytest.mark.parametrize("day", [date(2025, 3, 3), date(2026, 2, 24), date(2026, 12, 31)])
def test_there_is_everything_on_any_day(day: date) -> None:
    assert {product_of(name) for name in everything(day)} >= set(products().values())


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2019, 9, 25), "SP c1911&c2001"),
        (date(2019, 9, 25), "SP c2001&c2005"),
        (date(2026, 1, 5), "SP a2605&a2609"),
        (date(2026, 1, 5), "SPC y2605&p2605"),
        (date(2026, 1, 5), "SPD MA605&MA609"),
        (date(2026, 1, 5), "IPS SF605&SM605"),
        (date(2026, 11, 24), "SPC j2701&jm2701"),
    ],
)
def test_a_spread_that_was_reported_is_listed(day: date, name: str) -> None:
    first, second = name.split(" ")[1].split("&")
    assert last_day(name, day) == min(last_day(leg, day) or day for leg in (first, second))
    assert last_day("SP c1911&c2005", date(2019, 9, 25)) is None


def test_the_legs_of_a_spread_have_one_tick() -> None:
    for product in spreads().values():
        assert len({products()[leg].tick for leg in product.legs}) == 1


def test_options_on_an_index_have_six_months_and_two_grids() -> None:
    """Three near months and three quarters: those of 2020 at their launch but for the month that was ending."""
    assert listed("IO", NOVEMBER) == ["IO2612", "IO2701", "IO2702", "IO2703", "IO2706", "IO2709"]
    assert listed("IO", date(2020, 1, 20))[:] == ["IO2002", "IO2003", "IO2004", "IO2006", "IO2009", "IO2012"]
    for name in ("IO2612-C-4500", "IO2612-P-4550", "IO2706-C-4500", "MO2612-C-7000", "HO2612-P-2475"):
        assert last_day(name, NOVEMBER) is not None, name
    for name in ("IO2612-C-4525", "IO2706-C-4550", "IO2612C4500", "IO2612", "IF2612-C-4500", "IO2704-C-4500"):
        assert last_day(name, NOVEMBER) is None, name
    assert why_not("IO2704-C-4500", NOVEMBER).endswith("IO lists 2612, 2701, 2702, 2703, 2706, 2709")
