"""CTP's error codes, with the message that each carries."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from ctpscen.ctp.schema.tables import load_rows


@frozen
class CtpError:
    """One row of error.xml. `since` is the SDK version that introduced it."""

    code: int
    name: str
    message: str
    since: str


@cache
def errors() -> Mapping[int, CtpError]:
    rows = (CtpError(int(row["code"]), row["name"], row["message"], row["since"]) for row in load_rows("errors"))
    return {row.code: row for row in rows}


def rsp_info(code: int, message: str | None = None) -> dict[str, Any]:
    """The RspInfo record of an error; the message is CTP's own unless given. Raises KeyError for neither."""
    return {"ErrorID": code, "ErrorMsg": errors()[code].message if message is None else message}


EXCHANGE_REFUSALS: Mapping[int, str] = {
    15: "客户没有在该会员开户",
    26: "当前状态禁止此项操作",
    40: "CTP:交易所未处理请求超过许可数",  # of CTP's own seat at any exchange (BEHAVIOUR 2.2)
    41: "CTP:交易所每秒发送请求数超过许可数",
    48: "价格非最小变动价位的倍数",
    49: "价格超出涨停板",
    50: "价格跌破跌停板",
    79: "不被支持的报单类型",
    164: "下单数量不符合交易所规范",
}
"""What SHFE says when it refuses, by the number before its text; SimNow answers so for all (BEHAVIOUR 3.6)."""

OWN_REFUSALS: Mapping[str, Mapping[int, tuple[int, str]]] = {
    "CZCE": {26: (26, "出错: 现在不是交易时间")},
    "DCE": {26: (40045, "该合约当前是连续交易暂停")},
    "GFEX": {26: (40045, "该合约当前是连续交易暂停")},
}
"""The number and the text of other exchanges, by SHFE's number for the same."""

# The hour or the front is to blame, not the request: it may be made again later (BEHAVIOUR 1.5, 2.2, 9).
NOT_READY: Mapping[int, str] = {
    1: "the core is not yet synchronised with the settlement",
    7: "the core is between two days",
    8: "the front is in maintenance",
    21: "the seat is not connected to the exchange",
    35: "the broker's data is being synchronised",
    90: "the query core is not ready",
    154: "the query core is busy",
    5002: "the core is overloaded",
}

# Those of them with which a query is refused that is merely to be asked again (BEHAVIOUR 2.2).
QUERY_LATER = frozenset({90, 154})

WRONG_PASSWORD = 3
"""ErrorID of a login with a user or a password that the core does not know (BEHAVIOUR 1.5)."""
