"""What SimNow takes of each lot and does not declare (BEHAVIOUR 14.4)."""

import pytest
from support import passes


@pytest.mark.parametrize(
    ("instrument", "fee"),
    [
        ("j2705", "price * 100 * 0.00006 + 0.005"),  # DCE, by money
        ("m2705", "0.2"),  # DCE, by lot
        ("ag2706", "price * 15 * 0.00001 + 0.005"),
        ("SR705", "4"),
        ("sc2701", "20"),
    ],
)
def test_what_is_taken_beside_the_fee(instrument: str, fee: str) -> None:
    passes(f"""
venue: surcharge 0.005
buy open 2 {instrument} at ask as entry
expect trade of entry as traded
let price = traded.price
check account().commission == 2 * ({fee})
""")


def test_a_free_close_and_what_is_frozen_have_it_too() -> None:
    passes("""
venue: surcharge 0.005
buy open 1 ag2706 at ask as entry
expect trade of entry
let paid = account().commission
sell close_today 1 ag2706 at upper_limit as exit
expect order of exit where order_status == NoTradeQueueing
check account().frozen_commission > 0.005
cancel exit
expect order of exit where order_status == Canceled
sell close_today 1 ag2706 at bid as gone
expect trade of gone
check account().commission == paid + 0.005
""")


def test_the_settlement_knows_nothing_of_it() -> None:
    passes("""
venue: surcharge 0.005
buy open 1 rb2705 at ask as entry
expect trade of entry as traded
let today = account()
check today.commission == traded.price * 10 * 0.0001 + 0.005
venue: settle
reconnect
let fee = round(traded.price * 10 * 0.0001, 2)
check account().pre_balance == today.pre_balance + today.position_profit - fee
""")
