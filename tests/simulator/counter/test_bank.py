"""Transfers between bank and futures account: what is refused by whom, what moves, and what is told of it."""

from datetime import datetime
from random import Random
from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.accounts import Deposit
from ctpscen.ctp.times import from_moment
from ctpscen.simulator.counter.accounts import Account

INTO, OUT, ASK = "ReqFromBankToFutureByFuture", "ReqFromFutureToBankByFuture", "ReqQueryBankAccountMoneyByFuture"
CAME, WENT, TOLD = "OnRtnFromBankToFutureByFuture", "OnRtnFromFutureToBankByFuture", "OnRtnQueryBankBalanceByFuture"


def at(hour: int = 10, minute: int = 0) -> Desk:
    return Desk(opened("rb2705", at=from_moment(datetime(2026, 11, 24, hour, minute)))).connect()


def transfer(desk: Desk, request: str, amount: float = 1_000.0, **changed: Any) -> None:
    fields = {"BrokerID": "9999", "AccountID": "100001", "BankID": "1", "CurrencyID": "CNY", "Password": "123456"}
    if request != ASK:
        fields |= {"TradeAmount": amount, "BankBranchID": "0000"}  # type: ignore[dict-item]
    desk.call(request, **{**fields, **changed})
    desk.rest()


def account(desk: Desk) -> Account:
    return desk.simulation.core.accounts["100001"]


def newest(desk: Desk, name: str) -> dict[str, Any]:
    return desk.of(name)[-1].fields or {}


def test_money_comes_from_the_bank_and_goes_back() -> None:
    desk = at()
    transfer(desk, INTO, 5_000.5, RequestID=8, BankPassWord="secret")
    came = newest(desk, CAME)
    wanted = {"TradeCode": "202001", "TradeAmount": 5_000.5, "TransferStatus": "0", "ErrorID": 0, "RequestID": 8}
    wanted |= {"TradeDate": "20261124", "TradeTime": "10:00:00", "TradingDay": "20261124", "BankAccount": "6222100001"}
    wanted |= {"Password": "******", "BankPassWord": "******", "FutureSerial": 1, "BankSerial": "000000000001"}
    assert {name: came[name] for name in wanted} == wanted
    assert (account(desk).ledger.deposit, account(desk).bank.balance) == (5_000.5, 9_994_999.5)
    transfer(desk, OUT, 2_000.0)
    assert [newest(desk, WENT)[name] for name in ("TradeCode", "TransferStatus", "FutureSerial")] == ["202002", "0", 2]
    assert (account(desk).ledger.withdrawn, account(desk).bank.balance) == (2_000.0, 9_996_999.5)
    assert desk.of("OnRspFromBankToFutureByFuture", "OnRspFromFutureToBankByFuture") == []


@pytest.mark.parametrize("request_name", [INTO, OUT])
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"BrokerID": "1"}, 2),
        ({"AccountID": "100002"}, 2011),
        ({"CurrencyID": "USD"}, 1035),
        ({"BankID": "77"}, 1002),
        ({"BankID": "3"}, 1004),
        ({"BankAccount": "1"}, 2019),
        ({"Password": "wrong"}, 2001),
        ({"TradeAmount": 0.0}, 2014),
        ({"TradeAmount": -5.0}, 2014),
    ],
)
def test_what_ctp_refuses_moves_nothing(request_name: str, changed: dict[str, Any], code: int) -> None:
    desk = at()
    transfer(desk, request_name, **changed)
    answer, report = desk.seen[-2:]
    side = request_name.removeprefix("ReqFrom")
    assert (answer.name, code_of(answer)) == (f"OnRspFrom{side}", code)
    assert (report.name, code_of(report)) == (f"OnErrRtn{side}", code)
    for told in (answer, report):
        assert (told.fields or {})["Password"] == "******"
    assert [account(desk).ledger.deposit, account(desk).ledger.withdrawn, account(desk).bank.balance] == [0, 0, 1e7]


def test_no_more_goes_out_than_the_quota() -> None:
    desk = at()
    quota = account(desk).ledger.withdraw_quota
    transfer(desk, OUT, quota + 0.01)
    assert code_of(desk.of("OnRspFromFutureToBankByFuture")[-1]) == 31
    transfer(desk, OUT, quota)
    assert newest(desk, WENT)["TransferStatus"] == "0"


def test_what_the_bank_refuses_is_told_as_repealed() -> None:
    desk = at()
    transfer(desk, INTO, 1e7 + 1)
    assert [newest(desk, CAME)[name] for name in ("TransferStatus", "ErrorID")] == ["1", 2051]
    transfer(desk, OUT, BankPwdFlag="1", BankPassWord="wrong")
    assert [newest(desk, WENT)[name] for name in ("TransferStatus", "ErrorID")] == ["1", 2050]
    assert [account(desk).ledger.deposit, account(desk).ledger.withdrawn, account(desk).bank.balance] == [0, 0, 1e7]


@pytest.mark.parametrize(
    ("hour", "minute", "comes", "goes"),
    [(8, 50, 0, 1022), (10, 0, 0, 0), (15, 25, 0, 0), (20, 45, 0, 1022), (1, 0, 0, 1022), (2, 40, 1022, 1022)],
)
def test_money_comes_by_day_and_night_and_goes_by_day(hour: int, minute: int, comes: int, goes: int) -> None:
    desk = at(hour, minute)
    transfer(desk, INTO)
    transfer(desk, OUT)
    refused = [code_of(each) for each in desk.of("OnErrRtnBankToFutureByFuture", "OnErrRtnFutureToBankByFuture")]
    assert refused == [code for code in (comes, goes) if code]


def test_the_bank_tells_what_is_in_it() -> None:
    desk = at()
    transfer(desk, ASK)
    told = newest(desk, TOLD)
    assert [told[name] for name in ("TradeCode", "BankUseAmount", "BankFetchAmount")] == ["204002", 1e7, 1e7]
    transfer(desk, ASK, Password="wrong")
    assert [code_of(each) for each in desk.seen[-2:]] == [2001, 2001]
    assert desk.seen[-1].name == "OnErrRtnQueryBankBalanceByFuture"


def test_the_money_password_is_another_than_that_of_logins() -> None:
    desk = at()

    def change(old: str, new: str, who: str = "100001") -> int:
        desk.call("ReqTradingAccountPasswordUpdate", BrokerID="9999", AccountID=who, OldPassword=old, NewPassword=new)
        return code_of(desk.answered("OnRspTradingAccountPasswordUpdate"))

    assert [change("1", "654321"), change("123456", "123456"), change("123456", "1")] == [14, 142, 131]
    assert [change("123456", "654321", "100002"), change("123456", "654321")] == [2011, 0]
    transfer(desk, INTO, Password="123456")
    transfer(desk, INTO, Password="654321")
    transfer(desk, INTO, Password="", SecuPwdFlag="0")
    assert [code_of(each) for each in desk.of("OnErrRtnBankToFutureByFuture")] == [2001]
    assert account(desk).password == "123456"


def test_transfers_registration_and_banks_can_be_asked_for() -> None:
    desk = at()
    transfer(desk, INTO, 100.0)
    transfer(desk, INTO, 2e7)

    def rows(query: str, **wanted: str) -> list[dict[str, Any]]:
        desk.rest(2_000_000)
        desk.call(query, **wanted)
        desk.rest()
        return [each.fields for each in desk.of(query.replace("Req", "OnRsp")) if each.fields]

    serials = rows("ReqQryTransferSerial", BrokerID="9999", AccountID="100001", BankID="1")
    assert [(row["TradeAmount"], row["AvailabilityFlag"]) for row in serials] == [(100.0, "1"), (2e7, "2")]
    (registered,) = rows("ReqQryAccountregister", BrokerID="9999", AccountID="100001")
    assert [registered[name] for name in ("BankID", "BankAccount", "OpenOrDestroy")] == ["1", "6222100001", "1"]
    assert len(rows("ReqQryTransferBank")) == 5
    assert [row["BankName"] for row in rows("ReqQryContractBank", BrokerID="9999", BankID="2")] == ["工商银行"]
    desk.simulation._settle()
    assert list(desk.simulation.core.bank.rows(account(desk))) == []


@pytest.mark.parametrize("seed", range(4))
def test_no_money_is_made_or_lost(seed: int) -> None:
    """Beside a second statement of the rules: what is in the bank, came in, went out, and may go out."""
    chance, desk = Random(seed), at(14)
    bank, came, went, given = 1e7, 0.0, 0.0, 0.0
    for _ in range(40):
        amount = round(chance.choice([chance.uniform(0, 4e6), chance.uniform(0, 3e7)]), 2)
        request = chance.choice([INTO, OUT, "venue"])
        free = int(max(0.0, 0.8 * (20_000_000 + given + came - went)) * 100 + 1e-6) / 100
        if request == INTO and amount <= bank:
            bank, came = bank - amount, came + amount
        elif request == OUT and amount <= free:
            bank, went = bank + amount, went + amount
        if request == "venue":
            desk.command(Deposit(session="alice", amount=1_000))
            given += 1_000
        else:
            transfer(desk, request, amount)
        ledger = account(desk).ledger
        assert account(desk).bank.balance == pytest.approx(bank)
        assert [ledger.deposit, ledger.withdrawn] == pytest.approx([came + given, went])
        assert ledger.balance + account(desk).bank.balance == pytest.approx(30_000_000 + given)
