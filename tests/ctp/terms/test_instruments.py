"""Names of instruments: the exchange may stand on either side."""

import pytest

from ctpscen.ctp.terms.instruments import Instrument


@pytest.mark.parametrize(
    ("text", "name", "exchange"),
    [
        ("cu2612", "cu2612", ""),
        ("SHFE.cu2612", "cu2612", "SHFE"),
        ("cu2612.shfe", "cu2612", "SHFE"),
        ("SPD MA701&MA705", "SPD MA701&MA705", ""),
        ("DCE.cu2612.SHFE", "DCE.cu2612.SHFE", ""),
    ],
)
def test_an_exchange_is_split_off(text: str, name: str, exchange: str) -> None:
    found = Instrument.parse(text)
    assert (found, found.exchange) == (name, exchange)
