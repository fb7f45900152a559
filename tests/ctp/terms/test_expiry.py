"""The last trading days of contracts, as the exchanges published them."""

from datetime import date

import pytest
from support import passes

from ctpscen.ctp.terms.expiry import delivery_month, last_trading_day


@pytest.mark.parametrize(
    ("product", "month", "day"),
    [
        ("rb", (2026, 1), date(2026, 1, 15)),
        ("cu", (2026, 11), date(2026, 11, 16)),  # the 15th is a Sunday
        ("sc", (2026, 12), date(2026, 11, 30)),
        ("fu", (2027, 1), date(2026, 12, 31)),
        ("m", (2026, 11), date(2026, 11, 13)),
        ("jd", (2026, 11), date(2026, 11, 25)),
        ("SR", (2026, 11), date(2026, 11, 13)),
        ("si", (2026, 11), date(2026, 11, 13)),
        ("IF", (2026, 11), date(2026, 11, 20)),
        ("T", (2026, 12), date(2026, 12, 11)),
        ("ec", (2026, 12), date(2026, 12, 28)),
        # Of 2025, with its holidays.
        ("rb", (2025, 3), date(2025, 3, 17)),
        ("m", (2025, 5), date(2025, 5, 19)),
        ("jd", (2025, 5), date(2025, 5, 27)),
        ("eb", (2025, 3), date(2025, 3, 26)),
        ("sc", (2025, 4), date(2025, 3, 31)),
        ("fu", (2025, 5), date(2025, 4, 30)),
        ("IF", (2025, 3), date(2025, 3, 21)),
        ("T", (2025, 6), date(2025, 6, 13)),
        ("ec", (2025, 4), date(2025, 4, 28)),
        ("IO", (2026, 11), date(2026, 11, 20)),
        ("MO", (2026, 2), date(2026, 2, 24)),  # the third Friday is in the Spring Festival
        ("HO", (2026, 12), date(2026, 12, 18)),
        ("cu", (2026, 2), date(2026, 2, 24)),  # the 15th is in the Spring Festival
    ],
)
def test_trading_ends_on_the_day_that_the_exchange_names(product: str, month: tuple[int, int], day: date) -> None:
    assert last_trading_day(product, *month) == day


@pytest.mark.parametrize(
    ("digits", "month"), [("2705", (2027, 5)), ("705", (2027, 5)), ("612", (2026, 12)), ("501", (2025, 1))]
)
def test_the_decade_of_zhengzhou_is_the_nearest(digits: str, month: tuple[int, int]) -> None:
    assert delivery_month(digits, date(2026, 11, 23)) == month


def test_the_instrument_query_tells_when_a_contract_ends() -> None:
    passes("""
query instruments of cu2612 as found
check found[0].delivery_year == 2026 and found[0].delivery_month == 12 and found[0].expire_date == "20261215"
venue: list rb8888
query instruments of rb8888 as strange
check strange[0].delivery_month == 0 and strange[0].expire_date == ""
""")


@pytest.mark.parametrize(("code", "words"), [(40, "未处理请求超过许可数"), (41, "每秒发送请求数超过许可数")])
def test_a_seat_that_asks_too_much_of_an_exchange_is_refused_in_ctp_s_words(code: int, words: str) -> None:
    passes(f"""
venue: reject next order by exchange {code}
buy open 1 rb2705 as order_
expect rejection of order_ by exchange {code} as refused
check refused.message == "已撤单报单被拒绝CTP:交易所{words}"
""")
