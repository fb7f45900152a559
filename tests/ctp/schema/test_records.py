"""The records: their fields, how each is stored, and the words by which scenarios call them."""

import pytest

from ctpscen.ctp.schema.records import api_version, defaults, record, record_names


def test_the_records_are_those_of_the_version_that_the_project_is_for() -> None:
    assert api_version().startswith("v6.7.11")


@pytest.mark.parametrize(
    ("name", "field", "storage"),
    [
        ("InputOrder", "BrokerID", 11),
        ("InputOrder", "InvestorID", 13),
        ("InputOrder", "UserID", 16),
        ("InputOrder", "InstrumentID", 81),
        ("InputOrder", "ExchangeID", 9),
        ("InputOrder", "OrderRef", 13),
        ("InputOrder", "OrderMemo", 13),
        ("InputOrder", "CombOffsetFlag", 5),
        ("InputOrder", "LimitPrice", "double"),
        ("InputOrder", "VolumeTotalOriginal", "int"),
        ("InputOrder", "Direction", "char"),
        ("Order", "OrderSysID", 21),
        ("Order", "StatusMsg", 81),
        ("Order", "SessionID", "int"),
        ("Trade", "TradeID", 21),
        ("ReqAuthenticate", "AuthCode", 17),
        ("ReqAuthenticate", "AppID", 33),
        ("ReqUserLogin", "Password", 41),
        ("SettlementInfo", "Content", 501),
        ("RspInfo", "ErrorMsg", 81),
    ],
)
def test_a_field_is_stored_as_ctp_declares_it(name: str, field: str, storage: str | int) -> None:
    assert record(name).fields[field].storage == storage


@pytest.mark.parametrize("word", ["VolumeTraded", "volume_traded", "VOLUME_TRADED", "volumetraded"])
def test_a_field_is_found_in_any_spelling(word: str) -> None:
    field = record("Order").find(word)
    assert field is not None
    assert field.name == "VolumeTraded"


def test_every_field_of_every_record_is_found_by_its_own_name() -> None:
    for name in record_names():
        schema = record(name)
        for field in schema.fields:
            found = schema.find(field)
            assert found is not None
            assert found.name == field, (name, field)


def test_a_word_that_is_no_field_is_not_found() -> None:
    assert record("Order").find("volume_trade") is None
    assert record("Trade").find("last") is None


@pytest.mark.parametrize(
    ("word", "field"),
    [("last", "LastPrice"), ("bid", "BidPrice1"), ("ask", "AskPrice1"), ("upper_limit", "UpperLimitPrice")],
)
def test_a_quote_answers_to_the_words_of_the_language(word: str, field: str) -> None:
    found = record("DepthMarketData").find(word)
    assert found is not None
    assert found.name == field


def test_plain_integers_are_records_of_one_field() -> None:
    reason = record("FrontDisconnected").find("reason")
    assert reason is not None
    assert (reason.name, reason.storage, reason.default) == ("nReason", "int", 0)
    assert set(record("HeartBeatWarning").fields) == {"nTimeLapse"}


def test_an_absent_field_has_the_default_of_its_type() -> None:
    empty = defaults("Order")
    assert set(empty) == set(record("Order").fields)
    assert (empty["OrderStatus"], empty["OrderSysID"], empty["VolumeTraded"]) == ("", "", 0)
    assert isinstance(empty["LimitPrice"], float)


def test_an_unknown_record_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        record("NoSuchRecord")
