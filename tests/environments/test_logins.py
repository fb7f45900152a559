"""What a program under test brings for its transfers is taken for right the first time, and told in its own names."""

from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.messages import Callback, Request
from ctpscen.environments.logins import Logins

USER, BROKER = "60010086", "8080"
CARD = {"BankID": "9", "BankAccount": "6217001", "Password": "mine", "BankPassWord": "the bank's", "BankPwdFlag": "1"}


class Program:
    """A program of another broker, between which and the venue stand its logins."""

    def __init__(self) -> None:
        self.told: list[Callback] = []
        self.logins = Logins(self.told.append, "100001")
        self.desk = Desk(opened("rb2705"), account="100001")
        self.desk.deliver = self.logins.deliver  # type: ignore[method-assign]
        self.logins.api = self.desk.host
        self._number = 0
        self.call("CreateFtdcTraderApi", pszFlowPath="flow/")
        self.call("RegisterFront", pszFrontAddress="tcp://127.0.0.1:1")
        self.call("Init")
        self.call("ReqAuthenticate", BrokerID=BROKER, UserID=USER, AppID="a", AuthCode="b")
        self.call("ReqUserLogin", BrokerID=BROKER, UserID=USER, Password="secret")

    def call(self, name: str, **fields: Any) -> list[Callback]:
        """Calls a function; gives what the program is told then."""
        self._number += 1
        before = len(self.told)
        self.logins.call(Request(1, "trader", self.desk.world.now, self._number, name, fields, self._number))
        self.desk.rest()
        return self.told[before:]

    def transfer(self, amount: float = 100.0, **changed: Any) -> Callback:
        """A transfer into the account; gives the last that is told of it."""
        fields = {"BrokerID": BROKER, "AccountID": USER, **CARD, "TradeAmount": amount, **changed}
        return self.call("ReqFromBankToFutureByFuture", **fields)[-1]


@pytest.fixture
def program() -> Program:
    return Program()


def test_the_first_transfer_is_right_whatever_it_says(program: Program) -> None:
    told = program.transfer()
    wanted = {"TransferStatus": "0", "BankID": "9", "BankAccount": "6217001", "BrokerID": BROKER, "AccountID": USER}
    assert {name: (told.fields or {})[name] for name in wanted} == wanted
    assert program.desk.simulation.core.accounts["100001"].ledger.deposit == 100.0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Password": "another"}, 2001),
        ({"BankID": "8"}, 1002),
        ({"BankAccount": "777"}, 2019),
        ({"AccountID": "somebody"}, 2011),
    ],
)
def test_another_one_is_refused_as_ctp_refuses_it(program: Program, changed: dict[str, Any], code: int) -> None:
    program.transfer()
    told = program.transfer(**changed)
    assert (told.name, code_of(told)) == ("OnErrRtnBankToFutureByFuture", code)
    (name,) = changed
    assert name == "Password" or (told.fields or {})[name] == changed[name]


def test_another_password_of_the_bank_is_the_bank_s_to_refuse(program: Program) -> None:
    program.transfer()
    assert (program.transfer(BankPassWord="wrong").fields or {})["ErrorID"] == 2050


def test_a_changed_money_password_is_the_right_one_then(program: Program) -> None:
    program.transfer()
    account = {"BrokerID": BROKER, "AccountID": USER}
    change = "ReqTradingAccountPasswordUpdate"
    (refused,) = program.call(change, **account, OldPassword="wrong", NewPassword="654321")
    (done,) = program.call(change, **account, OldPassword="mine", NewPassword="654321")
    assert [code_of(refused), code_of(done)] == [14, 0]
    assert code_of(program.transfer()) == 2001
    assert (program.transfer(Password="654321").fields or {})["TransferStatus"] == "0"


def test_who_asks_for_its_registration_is_told_what_to_transfer_with(program: Program) -> None:
    (row,) = program.call("ReqQryAccountregister", BrokerID=BROKER, AccountID=USER)
    fields = row.fields or {}
    told = program.transfer(BankID=fields["BankID"], BankAccount=fields["BankAccount"])
    assert (told.fields or {})["TransferStatus"] == "0"


class Venue:
    """Takes what it is asked, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def call(self, request: Request) -> int:
        self.asked.append(request)
        return 0


def test_a_market_login_that_comes_before_any_other_keeps_its_broker() -> None:
    told: list[Callback] = []
    venue = Venue()
    logins = Logins(told.append, "100001")
    logins.api = venue
    logins.call(Request(1, "market", 0, 1, "ReqUserLogin", {"BrokerID": "8080", "UserID": "60010086"}, 1))
    (asked,) = venue.asked
    assert asked.fields is not None
    logins.deliver(Callback(1, "market", 0, 1, "OnRspUserLogin", dict(asked.fields), None, 1, True))
    assert told[0].fields == {"BrokerID": "8080", "UserID": "60010086"}
