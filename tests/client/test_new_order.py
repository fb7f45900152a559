"""How an order that is meant becomes an InputOrder."""

from typing import Any

import pytest
from attrs import evolve

from ctpscen.client.new_order import DURATIONS, OFFSETS, PRICE_TYPES, PURPOSES, SIDES, NewOrder, Trigger, exchange_of
from ctpscen.ctp.codes import CONDITIONS
from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.terms.instruments import Instrument

PLAIN = NewOrder("rb2705", "buy", "open", 2, 3150.0)


def changed(**options: Any) -> dict[str, Any]:
    """What an option changes in the InputOrder of a plain order."""
    usual, fields = PLAIN.fields(), evolve(PLAIN, **options).fields()
    return {name: fields.get(name) for name in {**usual, **fields} if usual.get(name) != fields.get(name)}


def test_a_plain_order_is_for_the_day_at_a_limit_and_says_all_that_a_front_asks_for() -> None:
    assert PLAIN.fields() == {
        "InstrumentID": "rb2705",
        "ExchangeID": "SHFE",
        "OrderPriceType": "2",
        "Direction": "0",
        "CombOffsetFlag": "0",
        "CombHedgeFlag": "1",
        "VolumeTotalOriginal": 2,
        "TimeCondition": "3",
        "VolumeCondition": "1",
        "MinVolume": 1,
        "ContingentCondition": "1",
        "ForceCloseReason": "0",
        "LimitPrice": 3150.0,
    }


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        ({"side": "sell"}, {"Direction": "1"}),
        ({"offset": "close"}, {"CombOffsetFlag": "1"}),
        ({"offset": "close_today"}, {"CombOffsetFlag": "3"}),
        ({"offset": "close_yesterday"}, {"CombOffsetFlag": "4"}),
        ({"purpose": "hedge"}, {"CombHedgeFlag": "3"}),
        ({"purpose": "arbitrage"}, {"CombHedgeFlag": "2"}),
        ({"duration": "fak"}, {"TimeCondition": "1"}),
        ({"duration": "fok"}, {"TimeCondition": "1", "VolumeCondition": "3"}),
        ({"duration": "fak", "min_volume": 2}, {"TimeCondition": "1", "VolumeCondition": "2", "MinVolume": 2}),
        ({"memo": "a note"}, {"OrderMemo": "a note"}),
    ],
)
def test_what_an_order_says_changes_the_fields_that_ctp_has_for_it(
    options: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert changed(**options) == changes


@pytest.mark.parametrize(("word", "code"), [("market", "1"), ("best", "3"), ("five_levels", "G")])
def test_a_price_that_is_no_number_is_a_type_of_price_and_lasts_no_longer_than_a_moment(word: str, code: str) -> None:
    assert changed(price=word) == {"OrderPriceType": code, "TimeCondition": "1", "LimitPrice": None}


def test_every_comparison_of_a_price_is_a_condition_of_ctp_s() -> None:
    for code, (price, comparison) in CONDITIONS.items():
        found = changed(trigger=Trigger(price, comparison, 3160.0))
        assert found == {"ContingentCondition": code, "StopPrice": 3160.0}


def test_the_tables_hold_nothing_that_ctp_has_no_name_for() -> None:
    named = {
        "Direction": SIDES.values(),
        "OffsetFlag": OFFSETS.values(),
        "HedgeFlag": PURPOSES.values(),
        "OrderPriceType": PRICE_TYPES.values(),
        "TimeCondition": [time for time, _ in DURATIONS.values()],
        "VolumeCondition": [volume for _, volume in DURATIONS.values()],
    }
    for kind, codes in named.items():
        assert all(constants.name_of(kind, code) for code in codes), kind
    assert PLAIN.fields().keys() <= record("InputOrder").fields.keys()


def test_the_exchange_is_the_one_that_is_written_else_the_product_s() -> None:
    assert exchange_of("m2705") == "DCE"
    assert exchange_of(Instrument("rb2705", "CZCE")) == "CZCE"
    assert exchange_of("unknown") == ""
