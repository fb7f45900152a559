"""Records as bytes: whatever a field can hold comes back, and nothing that a program passes is too much."""

import struct
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.ctp.schema.layouts import Field, Record, lay_out
from ctpscen.ctp.schema.packing import pack, unpack
from ctpscen.ctp.schema.versions import tables, versions

ORDER = tables().record("Order")


def texts(room: int) -> st.SearchStrategy[str]:
    """Texts that fit into so many bytes."""
    alphabet = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(alphabet, max_size=room).filter(lambda text: len(text.encode("gb18030")) <= room)


def values(field: Field) -> st.SearchStrategy[Any]:
    """What a field can hold, and what the default does not say already."""
    if field.storage == "char":
        return texts(1).filter(bool)
    if field.is_text:
        return texts(min(field.size - 1, 40)).filter(bool)
    if field.storage == "double":
        return st.floats(allow_nan=False).filter(bool)
    bits = 8 * field.size - 1
    return st.integers(-(2**bits), 2**bits - 1).filter(bool)


@st.composite
def filled(draw: st.DrawFn) -> tuple[Record, dict[str, Any]]:
    found = tables(draw(st.sampled_from(versions())))
    record = found.record(draw(st.sampled_from(sorted(found.record_names))))
    names = draw(st.sets(st.sampled_from(list(record.fields)), max_size=8))
    return record, {name: draw(values(field)) for name, field in record.fields.items() if name in names}


@given(filled())
def test_what_is_packed_is_unpacked(case: tuple[Record, dict[str, Any]]) -> None:
    record, fields = case
    content = pack(record, fields)
    assert len(content) == record.size
    assert unpack(record, content) == fields
    for name, value in fields.items():
        field = record.fields[name]
        raw = content[field.offset : field.offset + field.size]
        if field.is_text:
            assert raw.rstrip(b"\0") == value.encode("gb18030")
        else:
            assert struct.unpack({"short": "<h", "int": "<i", "double": "<d"}[field.c_type], raw) == (value,)


@given(st.sampled_from(sorted(tables().record_names)), st.data())
def test_any_bytes_can_be_unpacked(name: str, data: st.DataObject) -> None:
    record = tables().record(name)
    content = data.draw(st.binary(min_size=record.size, max_size=record.size))
    found = unpack(record, content)
    assert list(found) == [field for field in record.fields if field in found]
    assert all("\0" not in value and value for value in found.values() if isinstance(value, str))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60), st.integers(2, 20))
def test_a_text_that_is_too_long_is_cut_at_a_character(text: str, width: int) -> None:
    record = lay_out("Example", [("before", "A", 1), ("text", "B", width), ("after", "C", "char")])
    content = pack(record, {"text": text, "after": "x"})
    assert content[width] == 0
    assert content[-1:] == b"x"
    kept = unpack(record, content).get("text", "")
    assert text.startswith(kept)
    following = text[len(kept) : len(kept) + 1]
    assert not following or len((kept + following).encode("gb18030")) > width - 1


def test_what_is_not_said_is_zero() -> None:
    assert pack(ORDER, {}) == bytes(ORDER.size)
    assert unpack(ORDER, bytes(ORDER.size)) == {}


def test_values_at_their_default_are_not_told() -> None:
    content = pack(ORDER, {"OrderSysID": "", "OrderStatus": "", "LimitPrice": 0.0, "VolumeTotal": 0, "OrderRef": "7"})
    assert unpack(ORDER, content) == {"OrderRef": "7"}


def test_the_largest_double_stays() -> None:
    quote = tables().record("DepthMarketData")
    assert unpack(quote, pack(quote, {"AskPrice1": sys.float_info.max})) == {"AskPrice1": sys.float_info.max}


def test_a_number_without_a_fraction_fits_a_double() -> None:
    price = unpack(ORDER, pack(ORDER, {"LimitPrice": 3500}))["LimitPrice"]
    assert (price, type(price)) == (3500.0, float)


def test_fields_that_a_version_lacks_are_left_out() -> None:
    fields = {"InstrumentID": "rb2510", "OrderMemo": "mine"}
    old, new = tables("6.3.15").record("InputOrder"), tables("6.7.11").record("InputOrder")
    assert unpack(old, pack(old, fields)) == {"InstrumentID": "rb2510"}
    assert unpack(new, pack(new, fields)) == fields


def test_what_stands_behind_the_end_mark_is_not_told() -> None:
    content = bytearray(ORDER.size)
    broker, investor, message = (ORDER.fields[name] for name in ("BrokerID", "InvestorID", "StatusMsg"))
    content[broker.offset : broker.offset + 6] = b"9999\0x"
    content[investor.offset : investor.offset + 4] = b"\0old"
    content[message.offset : message.offset + 8] = "撤单".encode("gb18030") + b"\0\xff\xfe\0"
    assert unpack(ORDER, bytes(content)) == {"BrokerID": "9999", "StatusMsg": "撤单"}


def test_a_text_without_an_end_mark_ends_with_its_field() -> None:
    content = bytearray(ORDER.size)
    field = ORDER.fields["BrokerID"]
    content[field.offset : field.offset + field.size] = b"x" * field.size
    assert unpack(ORDER, bytes(content)) == {"BrokerID": "x" * field.size}


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    content = bytearray(ORDER.size)
    field = ORDER.fields["BrokerID"]
    content[field.offset : field.offset + 3] = b"ab\xff"
    assert unpack(ORDER, bytes(content)) == {"BrokerID": "ab\ufffd"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"LimitPrice": "cheap"}, r"Order\.LimitPrice is double and cannot hold 'cheap'"),
        ({"LimitPrice": None}, r"Order\.LimitPrice is double and cannot hold None"),
        ({"RequestID": 2**31}, r"Order\.RequestID is int and cannot hold 2147483648"),
        ({"RequestID": 1.5}, r"Order\.RequestID is int and cannot hold 1\.5"),
        ({"OrderRef": "1", "BrokerID": 9999}, r"Order\.BrokerID is char\[11\] and cannot hold 9999"),
        ({"Direction": 0}, r"Order\.Direction is char and cannot hold 0"),
    ],
)
def test_a_value_that_a_field_cannot_hold_is_named(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pack(ORDER, fields)


def test_a_short_holds_no_more_than_a_short() -> None:
    record = tables().record("CommPhase")
    assert unpack(record, pack(record, {"CommPhaseNo": 32767})) == {"CommPhaseNo": 32767}
    with pytest.raises(ValueError, match=r"CommPhase\.CommPhaseNo is short and cannot hold 32768"):
        pack(record, {"CommPhaseNo": 32768})


@pytest.mark.parametrize("size", [0, 871, 873])
def test_bytes_of_another_size_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"Order has 872 bytes, and {size} were passed"):
        unpack(ORDER, bytes(size))
