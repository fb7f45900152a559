"""The tables of each version: the slots and layouts that programs built against it rely on."""

import pytest

from ctpscen.ctp.schema.layouts import lay_out
from ctpscen.ctp.schema.methods import Argument
from ctpscen.ctp.schema.spans import entries, number_of
from ctpscen.ctp.schema.versions import DEFAULT, UnknownVersion, tables, versions

# Trader functions, callbacks, market functions, callbacks, counted in the virtual tables of each version's library and
# binding; the callbacks of 6.7.13, which has no binding, in its headers.
COUNTS = {
    "6.3.15": (94, 125, 14, 12),
    "6.3.19": (94, 125, 15, 13),
    "6.5.1": (96, 127, 15, 13),
    "6.6.1": (98, 129, 15, 13),
    "6.6.7": (99, 130, 15, 13),
    "6.6.9": (107, 138, 15, 13),
    "6.7.0": (107, 138, 15, 13),
    "6.7.1": (111, 142, 15, 13),
    "6.7.2": (123, 154, 15, 13),
    "6.7.7": (125, 155, 15, 13),
    "6.7.8": (126, 156, 15, 13),
    "6.7.9": (127, 157, 15, 13),
    "6.7.10": (132, 163, 15, 13),
    "6.7.11": (133, 164, 15, 13),
    "6.7.13": (140, 178, 15, 13),
}


def test_the_versions_are_those_that_can_be_had_oldest_first() -> None:
    assert versions() == tuple(COUNTS)
    assert sorted(versions(), key=lambda version: [int(part) for part in version.split(".")]) == list(versions())
    assert DEFAULT in versions()


@pytest.mark.parametrize("version", versions())
def test_every_class_has_as_many_virtual_functions_as_in_the_library(version: str) -> None:
    found = tables(version)
    lists = (found.trader.functions, found.trader.callbacks, found.market.functions, found.market.callbacks)
    assert tuple(map(len, lists)) == COUNTS[version]
    for methods in lists:
        assert [method.slot for method in methods] == list(range(len(methods)))
        assert len({method.name for method in methods}) == len(methods)


@pytest.mark.parametrize("version", versions())
def test_every_record_that_a_function_passes_is_one_of_the_version(version: str) -> None:
    found = tables(version)
    for interface in (found.trader, found.market):
        for method in (*interface.functions, *interface.callbacks):
            passed = {argument.record for argument in method.arguments if argument.kind == "record"}
            assert passed <= found.record_names
            assert len(passed - {"RspInfo"}) <= 1


@pytest.mark.parametrize("version", versions())
def test_the_text_of_get_api_version_leads_to_the_version(version: str) -> None:
    found = tables(version)
    assert found.version == version
    assert number_of(found.api_version) == number_of(version)
    assert tables(found.api_version) is tables(f" {version}\n") is found


@pytest.mark.parametrize("version", ["6.7.12", "v6.8.0_20260101 9:00:00", "6.7", "", "newest"])
def test_an_unknown_version_is_refused_with_those_that_are_known(version: str) -> None:
    with pytest.raises(UnknownVersion, match=r"no tables of CTP '.*'; known are 6\.3\.15, .*, 6\.7\.13$") as it:
        tables(version)
    assert repr(version) in str(it.value)


@pytest.mark.parametrize(
    ("version", "insert", "order", "sizes"),
    [
        ("6.3.15", 23, 73, (272, 656, 336)),
        ("6.5.1", 23, 73, (392, 856, 496)),
        ("6.6.7", 23, 74, (392, 856, 496)),
        ("6.7.7", 24, 74, (408, 872, 496)),
        ("6.7.10", 26, 74, (408, 872, 496)),
        ("6.7.11", 26, 75, (408, 872, 496)),
        ("6.7.13", 26, 76, (408, 872, 496)),
    ],
)
def test_slots_move_and_records_grow(version: str, insert: int, order: int, sizes: tuple[int, ...]) -> None:
    found = tables(version)
    assert found.trader.function("ReqOrderInsert").slot == insert
    assert found.trader.callback("OnRtnOrder").slot == order
    assert tuple(found.record(name).size for name in ("InputOrder", "Order", "Trade")) == sizes


@pytest.mark.parametrize("version", versions())
def test_creating_takes_a_flag_more_from_6_7_11_on(version: str) -> None:
    found, is_new = tables(version), (number_of(version) or ()) >= (6, 7, 11)
    flag = "b" if is_new else ""
    assert found.trader.create_symbol == f"_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc{flag}"
    assert found.market.create_symbol == f"_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb{flag}"
    assert found.trader.version_symbol == "_ZN19CThostFtdcTraderApi13GetApiVersionEv"
    assert found.market.version_symbol == "_ZN15CThostFtdcMdApi13GetApiVersionEv"


def test_a_method_says_what_is_passed() -> None:
    trader, market = tables().trader, tables().market
    login = trader.callback("OnRspUserLogin")
    assert [argument.kind for argument in login.arguments] == ["record", "record", "int", "bool"]
    assert (login.record, login.record_argument) == ("RspUserLogin", 0)
    assert (login.has_error, login.has_request, login.has_last, login.result) == (True, True, True, "void")
    failed = trader.callback("OnRspError")
    assert (failed.record, failed.record_argument, failed.has_error) == (None, None, True)
    insert = trader.function("ReqOrderInsert")
    assert insert.arguments == (Argument("record", record="InputOrder"), Argument("int", "nRequestID"))
    assert (insert.result, insert.has_error, insert.has_request, insert.has_last) == ("int", False, True, False)
    assert trader.function("GetTradingDay").result == "char*"
    assert trader.function("Release").arguments == ()
    assert trader.callback("OnFrontDisconnected").arguments == (Argument("int", "nReason"),)
    subscribe = market.function("SubscribeMarketData")
    assert subscribe.arguments == (Argument("char**", "ppInstrumentID"), Argument("int", "nCount"))


def test_one_version_takes_an_argument_more_than_another() -> None:
    def taken(version: str) -> list[str]:
        return [argument.name for argument in tables(version).trader.function("SubscribePrivateTopic").arguments]

    assert taken("6.7.11") == ["nResumeType"]
    assert taken("6.7.13") == ["nResumeType", "nSeqNo"]


def test_a_function_or_record_that_a_version_lacks_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        tables("6.3.15").trader.function("GetFrontInfo")
    with pytest.raises(KeyError):
        tables("6.3.15").record("FrontInfo")
    with pytest.raises(KeyError):
        tables("6.3.15").record("NoSuchRecord")
    assert "FrontInfo" not in tables("6.3.15").record_names


def test_a_field_may_grow_move_and_come_anew() -> None:
    old, new = tables("6.3.15").record("InputOrder").fields, tables("6.7.11").record("InputOrder").fields
    assert (old["InstrumentID"].c_type, old["InstrumentID"].offset) == ("char[31]", 24)
    assert (new["InstrumentID"].c_type, new["reserve1"].c_type) == ("char[81]", "char[31]")
    assert new["reserve1"].offset == old["InstrumentID"].offset
    assert "OrderMemo" not in old
    assert new["OrderMemo"].c_type == "char[13]"


@pytest.mark.parametrize("version", versions())
def test_two_types_are_short_in_every_version(version: str) -> None:
    found = tables(version)
    fields = [field for name in found.record_names for field in found.record(name).fields.values()]
    assert {field.type for field in fields if field.c_type == "short"} == {"SequenceSeries", "CommPhaseNo"}


@pytest.mark.parametrize("version", versions())
def test_fields_follow_each_other_at_multiples_of_their_size(version: str) -> None:
    found = tables(version)
    for name in found.record_names:
        record, end = found.record(name), 0
        aligned = [1]
        for field in record.fields.values():
            unit = 1 if field.is_text else field.size
            aligned.append(unit)
            assert field.offset % unit == 0
            assert 0 <= field.offset - end < unit
            end = field.offset + field.size
        assert record.size % max(aligned) == 0
        assert 0 <= record.size - end < max(aligned)


def test_a_layout_is_that_of_a_compiler() -> None:
    laid = lay_out(
        "Example", [("a", "A", "char"), ("b", "B", "short"), ("c", "C", 5), ("d", "D", "double"), ("e", "E", 3)]
    )
    assert [field.offset for field in laid.fields.values()] == [0, 2, 4, 16, 24]
    assert laid.size == 32
    assert lay_out("Text", [("a", "A", 3)]).size == 3


@pytest.mark.parametrize(
    ("version", "found"),
    [("6.3.15", "a:A c"), ("6.5.1", "a:A b c"), ("6.6.7", "b c d"), ("6.7.0", "b d"), ("6.7.10", "b d")],
)
def test_entries_hold_from_and_to_the_versions_that_they_name(version: str, found: str) -> None:
    text = "a:A@-6.5.1 b@6.5.1 c@-6.6.9 d@6.6.7-6.7.11"
    assert " ".join(entries(text, number_of(version) or ())) == found


def test_a_span_before_all_entries_is_that_of_them_all() -> None:
    assert list(entries("@6.7.2 a b@6.7.11", (6, 7, 1))) == []
    assert list(entries("@6.7.2 a b@6.7.11", (6, 7, 2))) == ["a"]
    assert list(entries("@6.7.2 a b@6.7.11", (6, 7, 11))) == ["a", "b"]
