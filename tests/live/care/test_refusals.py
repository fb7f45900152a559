"""Whose fault a refusal is: the hour's, the front's, or the program's; and which logins need not be tried again."""

import pytest

from ctpscen.client.books.reports import Report, Source
from ctpscen.live.care.refusals import BLOCKING, explanation, refused_for_good


def refusal(code: int, message: str = "", source: Source = "counter") -> Report:
    return Report(1, "", {}, {"ErrorID": code, "ErrorMsg": message}, 0, 1, source=source, code=code, message=message)


@pytest.mark.parametrize("code", sorted(BLOCKING))
def test_a_front_that_is_not_ready_is_to_blame(code: int) -> None:
    assert explanation(refusal(code, "CTP:…")) == f"{BLOCKING[code]}: {code} CTP:…"


@pytest.mark.parametrize("code", sorted(BLOCKING))
def test_what_the_api_returns_has_numbers_of_its_own(code: int) -> None:
    assert explanation(refusal(code, "", "api")) == ""


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (26, "已撤单报单被拒绝"),
        (40045, "已撤单报单被拒绝"),
        *(
            (0, f"已撤单报单被拒绝SHFE:{words}")
            for words in ("当前状态禁止此项操作", "现在不是交易时间", "连续交易暂停")
        ),
        *((0, f"已撤单报单被拒绝DCE:{words}") for words in ("开市暂停", "闭市", "初始化后")),
    ],
)
def test_an_exchange_says_by_number_or_in_words_that_it_is_closed(code: int, message: str) -> None:
    assert explanation(refusal(code, message, "exchange")) == f"the market is closed: {code} {message}"


def test_the_numbers_of_an_exchange_are_not_ctp_s() -> None:
    assert explanation(refusal(7, "已撤单报单被拒绝", "exchange")) == ""
    assert explanation(refusal(26, "CTP:不合法的登录")) == ""


def test_an_exchange_that_is_not_synchronised_is_to_blame_whoever_says_so() -> None:
    for source in ("counter", "exchange"):
        said = explanation(refusal(1, "结算组数据没有同步", source))
        assert said == "the exchange is not ready: 结算组数据没有同步"


def test_what_is_the_program_s_own_blames_nobody_else() -> None:
    assert explanation(refusal(31, "CTP:资金不足")) == ""
    assert explanation(refusal(0)) == ""


@pytest.mark.parametrize("code", [3, 4, 11, 12, 48, 63, 75, 131, 140, 141, 143, 144, 4042, 4043, 4060])
@pytest.mark.parametrize("name", ["OnRspAuthenticate", "OnRspUserLogin"])
def test_a_login_that_makes_matters_worse_is_refused_for_good(name: str, code: int) -> None:
    what = {"OnRspAuthenticate": "authentication", "OnRspUserLogin": "login"}[name]
    assert refused_for_good(name, {"ErrorID": code, "ErrorMsg": "no"}).startswith(f"{what} was refused: {code} no (")


@pytest.mark.parametrize("code", [0, 7, 8, 21, 90])
def test_one_that_may_succeed_later_is_not(code: int) -> None:
    assert refused_for_good("OnRspUserLogin", {"ErrorID": code, "ErrorMsg": "no"}) == ""


def test_other_answers_are_none_of_a_login() -> None:
    assert refused_for_good("OnRspUserLogin", None) == ""
    assert refused_for_good("OnRspSettlementInfoConfirm", {"ErrorID": 3, "ErrorMsg": "no"}) == ""
