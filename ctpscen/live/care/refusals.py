"""Whose fault a refusal is: the hour's, the front's, or the program's.

What says that the market is closed or the front is not ready blocks a scenario that did not expect it, with the
reason in words; and a login that was refused for good is not tried again by the scenarios after it, because a few
wrong passwords lock an account and too many attempts get an address banned.
"""

from collections.abc import Mapping

from ctpscen.client.books.reports import Report
from ctpscen.ctp.errors import NOT_READY
from ctpscen.ctp.messages import Fields

# What is wrong is the hour or the front, not the program (BEHAVIOUR 1.5, 2.2, 3.6, 9).
BLOCKING: Mapping[int, str] = {**NOT_READY, 162: "the product is in no phase of trading"}
_CLOSED: Mapping[int, str] = {26: "the market is closed", 40045: "the market has a break"}
_CLOSED_WORDS = ("当前状态禁止此项操作", "现在不是交易时间", "连续交易暂停", "开市暂停", "闭市", "初始化后")
_UNSYNCHRONISED = "结算组数据没有同步"

# Refusals that the same login will get again, and that make matters worse (BEHAVIOUR 1.5, 9).
_FOR_GOOD: Mapping[int, str] = {
    3: "user or password is wrong; several wrong ones lock the account (75)",
    4: "the user is not active",
    11: "there is no such user",
    12: "there is no such broker",
    48: "user or password is wrong",
    63: "app_id and auth_code do not fit",
    75: "the account is locked after too many wrong passwords",
    131: "the password is weak and must be changed",
    140: "the first login must change the password",
    141: "the password has expired",
    143: "this address is banned after too many logins",
    144: "this address is on the front's black list",
    4042: "this address is not admitted",
    4043: "this user is not admitted with this app_id",
    4060: "too many authentications failed from this address",
}
ANSWERS: Mapping[str, str] = {
    "OnRspAuthenticate": "authentication",
    "OnRspUserLogin": "login",
    "OnRspSettlementInfoConfirm": "confirmation",
}


def explanation(report: Report) -> str:
    """What a refusal says of the hour or the front; '' where it says something of the program."""
    if not report.code and not report.message:
        return ""
    if _UNSYNCHRONISED in report.message:
        return f"the exchange is not ready: {report.message}"
    if report.source == "exchange":  # its numbers are not those of CTP's errors
        known = _CLOSED.get(report.code) or any(word in report.message for word in _CLOSED_WORDS)
        return f"the market is closed: {report.code} {report.message}" if known else ""
    if report.source == "api" or report.code not in BLOCKING:
        return ""
    return f"{BLOCKING[report.code]}: {report.code} {report.message}"


def refused_for_good(name: str, error: Fields | None) -> str:
    """Why an answer of a login says that it need not be tried again; '' where it may be."""
    code = error["ErrorID"] if error else 0
    if name not in ("OnRspAuthenticate", "OnRspUserLogin") or code not in _FOR_GOOD or error is None:
        return ""
    return f"{ANSWERS[name]} was refused: {code} {error['ErrorMsg']} ({_FOR_GOOD[code]})"
