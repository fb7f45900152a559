"""The Chinese names of CTP's functions, records and fields."""

import pytest

from ctpscen.ctp.schema import api, descriptions
from ctpscen.ctp.schema.records import record, record_names


@pytest.mark.parametrize(
    ("name", "field", "text"),
    [
        ("Order", "OrderStatus", "报单状态"),
        ("InputOrder", "OrderRef", "报单引用"),
        ("Trade", "Direction", "买卖方向"),
        ("InputOrder", "NoSuchField", ""),
    ],
)
def test_a_field_has_the_name_that_the_binding_gives_it(name: str, field: str, text: str) -> None:
    assert descriptions.of_field(name, field) == text


def test_a_record_may_name_a_field_otherwise_than_the_others_do() -> None:
    assert descriptions.of_field("ReqUserLogin", "SystemInfo") == descriptions.of_field("UserSystemInfo", "SystemInfo")
    assert descriptions.of_field("Dissemination", "SequenceNo") == "序列号"
    assert descriptions.of_field("Order", "SequenceNo") == "序号"


def test_records_and_functions_have_names() -> None:
    assert descriptions.of_record("InputOrder") == "输入报单"
    assert descriptions.of_function("OnRtnOrder") == "报单通知"
    assert descriptions.of_function("OnFrontDisconnected.nReason") == "错误原因"
    assert descriptions.of_function("OnNothing") == ""


def test_hardly_a_field_is_without_a_name() -> None:
    nameless = [
        (name, field)
        for name in record_names()
        for field in record(name).fields
        if not descriptions.of_field(name, field)
    ]
    assert nameless == [("CombInstrumentGuard", "GuarantRatio")]
    assert all(descriptions.of_function(name) for name in api.callbacks())
    assert all(descriptions.of_function(name) for name in api.requests())
