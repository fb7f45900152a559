"""CTP's named constants: which value a word has in which field, and that no flag of a record is without names."""

import pytest

from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import record, record_names


def flags() -> set[str]:
    """The types of every field of one character, in any record."""
    return {field.type for name in record_names() for field in record(name).fields.values() if field.storage == "char"}


def test_every_flag_of_a_record_has_constants() -> None:
    assert len(flags()) > 100
    assert {name for name in flags() if not constants.of_type(name)} == {"NewsUrgency"}


def test_every_constant_of_a_flag_is_one_character() -> None:
    wrong = {(name, word) for name in flags() for word, value in constants.of_type(name).items() if len(value) != 1}
    assert not wrong


def test_no_two_constants_of_a_flag_are_spelled_alike() -> None:
    for name in flags():
        words = [word.replace("_", "").lower() for word in constants.of_type(name)]
        assert len(words) == len(set(words)), name


@pytest.mark.parametrize(
    ("type_name", "word", "value"),
    [
        ("Direction", "Buy", "0"),
        ("Direction", "Sell", "1"),
        ("OffsetFlag", "CloseToday", "3"),
        ("OffsetFlag", "CloseYesterday", "4"),
        ("HedgeFlag", "Speculation", "1"),
        ("OrderPriceType", "LimitPrice", "2"),
        ("OrderPriceType", "FiveLevelPrice", "G"),
        ("TimeCondition", "IOC", "1"),
        ("TimeCondition", "GFD", "3"),
        ("VolumeCondition", "CV", "3"),
        ("ContingentCondition", "Immediately", "1"),
        ("OrderStatus", "AllTraded", "0"),
        ("OrderStatus", "NoTradeQueueing", "3"),
        ("OrderStatus", "Unknown", "a"),
        ("OrderSubmitStatus", "InsertRejected", "4"),
        ("PosiDirection", "Short", "3"),
        ("PositionDate", "History", "2"),
        ("InstrumentStatus", "Continous", "2"),  # CTP's own spelling
        ("ForceCloseReason", "NotForceClose", "0"),
    ],
)
def test_a_word_has_the_value_that_ctp_gives_it_in_that_field(type_name: str, word: str, value: str) -> None:
    assert constants.value_of(type_name, word) == value
    assert constants.name_of(type_name, value) == word


@pytest.mark.parametrize("word", ["AllTraded", "all_traded", "ALL_TRADED", "alltraded", "All_Traded"])
def test_case_and_underscores_do_not_matter(word: str) -> None:
    assert constants.value_of("OrderStatus", word) == "0"


def test_a_word_means_nothing_in_a_field_that_lacks_it() -> None:
    assert constants.value_of("OrderStatus", "Buy") is None
    assert constants.value_of("NoSuchType", "Buy") is None
    assert constants.name_of("OrderStatus", "z") is None
    assert not constants.of_type("NoSuchType")


def test_a_word_of_several_fields_is_known_with_each() -> None:
    unknown = constants.meanings()["unknown"]
    assert unknown["OrderStatus"] == "a"
    assert len(unknown) > 1


def test_the_combination_flags_have_the_constants_of_their_single_ones() -> None:
    assert constants.of_type("CombOffsetFlag") == constants.of_type("OffsetFlag") != {}
    assert constants.of_type("CombHedgeFlag") == constants.of_type("HedgeFlag") != {}
