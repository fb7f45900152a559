"""CTP's error codes and the texts that come with them."""

import pytest

from ctpscen.ctp.errors import errors, rsp_info
from ctpscen.ctp.schema.records import record


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        (0, "NONE", "CTP:正确"),
        (3, "INVALID_LOGIN", "CTP:不合法的登录"),
        (6, "NOT_LOGIN_YET", "CTP:还没有登录"),
        (7, "NOT_INITED", "CTP:还没有初始化"),
        (8, "FRONT_NOT_ACTIVE", "CTP:前置不活跃"),
        (15, "BAD_FIELD", "CTP:报单字段有误"),
        (16, "INSTRUMENT_NOT_FOUND", "CTP:找不到合约"),
        (22, "DUPLICATE_ORDER_REF", "CTP:报单错误：不允许重复报单"),
        (25, "ORDER_NOT_FOUND", "CTP:撤单找不到相应报单"),
        (26, "INSUITABLE_ORDER_STATUS", "CTP:报单已全成交或已撤销，不能再撤"),
        (30, "OVER_CLOSE_POSITION", "CTP:平仓量超过持仓量"),
        (31, "INSUFFICIENT_MONEY", "CTP:资金不足"),
        (42, "SETTLEMENT_INFO_NOT_CONFIRMED", "CTP:结算结果未确认"),
        (50, "OVER_CLOSETODAY_POSITION", "CTP:平今仓位不足"),
        (51, "OVER_CLOSEYESTERDAY_POSITION", "CTP:平昨仓位不足"),
        (60, "SINGLEUSERSESSION_EXCEED_LIMIT", "CTP:用户在线会话超出上限"),
        (63, "AUTH_FAILED", "CTP:客户端认证失败"),
        (64, "NOT_AUTHENT", "CTP:客户端未认证"),
        (90, "NEED_RETRY", "CTP：查询未就绪，请稍后重试"),
        (116, "ORDER_FREQ_LIMIT", "CTP:下单频率限制"),
        (157, "CANCEL_UNKNOWN_ORDER_UNSUPPORTED", "CTP:该交易所不支持撤销未知单"),
    ],
)
def test_a_code_has_the_text_that_ctp_sends(code: int, name: str, message: str) -> None:
    assert (errors()[code].name, errors()[code].message) == (name, message)


def test_the_library_that_sessions_use_knows_ten_codes_that_were_taken_for_newer() -> None:
    found = {code for code, error in errors().items() if error.since == "6.7.11"}
    assert found == {132, 162, 163, 164, 165, 6001, 6002, 6004, 6005, 6006}


def test_all_codes_are_there_once_with_a_text() -> None:
    assert len(errors()) == 299
    assert all(row.message and row.name and row.code == code for code, row in errors().items())


@pytest.mark.parametrize("code", [90, 91, 95, 131, 132])
def test_some_texts_have_a_full_width_colon(code: int) -> None:
    assert errors()[code].message.startswith("CTP：")


def test_every_text_fits_into_the_field_that_carries_it() -> None:
    width = record("RspInfo").fields["ErrorMsg"].storage
    assert isinstance(width, int)
    too_long = [row.code for row in errors().values() if len(row.message.encode("gb18030")) >= width]
    assert not too_long


def test_an_error_is_passed_as_a_record() -> None:
    assert rsp_info(42) == {"ErrorID": 42, "ErrorMsg": "CTP:结算结果未确认"}
    assert rsp_info(91, "SHFE:报单已经撤销") == {"ErrorID": 91, "ErrorMsg": "SHFE:报单已经撤销"}
    assert rsp_info(-1, "said otherwise")["ErrorID"] == -1


def test_a_code_without_a_text_must_be_given_one() -> None:
    with pytest.raises(KeyError):
        rsp_info(-1)
