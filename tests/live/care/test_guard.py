"""Between a session and its API: what the guard holds back, and what it keeps before it lets a request out."""

from pathlib import Path

import pytest
from attrs import define, evolve, field

from ctpscen.client.identity import Identity
from ctpscen.client.session import Session
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.engine.state.outcomes import Blocked, ScenarioError, Skipped
from ctpscen.live.care.guard import GuardedApi, Logins
from ctpscen.live.care.keys import KeyFile, read_keys
from ctpscen.live.care.permit import Permit
from ctpscen.live.library.process import WorkerDied
from ctpscen.live.profile.profiles import Account, LiveOptions, Profile
from ctpscen.live.profile.secret import SecretPlace

PASSWORD = "geheim-17"


@define
class Api:
    """What the guard stands before: it keeps what reaches it, with the keys that were on disk at that moment."""

    keys: Path
    sent: list[str] = field(factory=list)
    on_disk: list[int] = field(factory=list)
    raises: Exception | None = None
    returns: int = 0

    def call(self, request: Request) -> int:
        if self.raises is not None:
            raise self.raises
        self.sent.append(request.name)
        self.on_disk.append(len(read_keys(self.keys)[0]) if self.keys.exists() else 0)
        return self.returns


@define
class Guarded:
    guard: GuardedApi
    api: Api

    def call(self, name: str, fields: Fields | None = None, number: int = 1) -> int | str:
        return self.guard.call(Request(1, "trader", 0, 0, name, fields or {}, number))


def guarded(folder: Path, *, allow_orders: bool = True, logins: Logins | None = None, account: str = "") -> Guarded:
    login = Account("", "100001", "100001", SecretPlace("public", PASSWORD))
    fronts = ("tcp://127.0.0.1:1",)
    profile = Profile("desk", "9999", login, fronts, fronts, "app", SecretPlace("public", "0" * 16))
    session = Session("trader", Identity("9999", "100001", PASSWORD, "app", "0" * 16, flow="trader"))
    keys = KeyFile(folder / "orders" / "x.jsonl")
    api = Api(keys.path)
    permit = Permit(LiveOptions(profile, allow_orders))
    return Guarded(GuardedApi(api, session, account, permit, keys, logins or Logins(), {PASSWORD}), api)


ORDER = {"OrderRef": "17", "InstrumentID": "rb2705", "ExchangeID": "SHFE", "VolumeTotalOriginal": 1}


def test_the_key_of_an_order_is_on_disk_before_it_is_sent(tmp_path: Path) -> None:
    made = guarded(tmp_path)
    made.call("ReqOrderInsert", ORDER)
    assert (made.api.sent, made.api.on_disk) == (["ReqOrderInsert"], [1])
    (kept,) = read_keys(made.guard.keys.path)[0]
    assert (kept.key, kept.instrument, kept.exchange) == ((0, 0, "17"), "rb2705", "SHFE")


def test_an_order_whose_key_cannot_be_kept_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("a file where the folder would be")
    made = guarded(tmp_path)
    with pytest.raises(ScenarioError, match="no order was sent: its key cannot be kept"):
        made.call("ReqOrderInsert", ORDER)
    assert made.api.sent == []


def test_an_order_that_is_not_permitted_leaves_no_key(tmp_path: Path) -> None:
    made = guarded(tmp_path, allow_orders=False)
    with pytest.raises(Blocked):
        made.call("ReqOrderInsert", ORDER)
    assert (made.api.sent, made.guard.keys.orders) == ([], [])
    assert not made.guard.keys.path.exists()


def test_what_is_no_order_leaves_no_key(tmp_path: Path) -> None:
    made = guarded(tmp_path)
    made.call("ReqQryOrder", {"InstrumentID": "rb2705"})
    made.call("ReqOrderAction", {"ActionFlag": "0", "OrderRef": "17"})
    assert made.guard.keys.orders == []


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (WorkerDied("the CTP library of trader died: SIGSEGV"), "the CTP library of trader died: SIGSEGV"),
        (
            ValueError("ReqUserLogin has no field X"),
            "the CTP library cannot be given this: ReqUserLogin has no field X",
        ),
    ],
)
def test_what_the_library_refuses_ends_the_scenario(tmp_path: Path, reason: Exception, said: str) -> None:
    made = guarded(tmp_path)
    made.api.raises = reason
    with pytest.raises(ScenarioError) as raised:
        made.call("ReqUserLogin")
    assert raised.value.reason == said


def test_a_clean_up_may_cancel_and_nothing_else(tmp_path: Path) -> None:
    """It may do so without leave: what is cancelled was sent when there was some."""
    made = guarded(tmp_path, allow_orders=False)
    made.guard.cleaning = True
    made.call("ReqOrderAction", {"ActionFlag": "0", "OrderRef": "17"})
    for name in ("ReqOrderInsert", "ReqUserPasswordUpdate", "ReqParkedOrderInsert", "ReqFromBankToFutureByFuture"):
        with pytest.raises(Blocked):
            made.call(name)
    assert made.api.sent == ["ReqOrderAction"]


def test_a_cancel_needs_leave_outside_of_a_clean_up(tmp_path: Path) -> None:
    made = guarded(tmp_path, allow_orders=False)
    with pytest.raises(Blocked, match="ReqOrderAction was not sent"):
        made.call("ReqOrderAction", {"ActionFlag": "0", "OrderRef": "17"})


@pytest.mark.parametrize("name", ["Password", "OldPassword", "NewPassword", "BankPassWord"])
def test_a_password_that_is_not_the_profile_s_is_not_sent(tmp_path: Path, name: str) -> None:
    made = guarded(tmp_path)
    with pytest.raises(Skipped, match="a password in the text is for simulated runs only") as raised:
        made.call("ReqUserLogin", {name: "guess-me"})
    assert "guess-me" not in raised.value.reason
    assert made.api.sent == []
    made.call("ReqUserLogin", {name: PASSWORD})
    made.call("ReqUserLogin", {name: ""})
    assert made.api.sent == ["ReqUserLogin"] * 2


def refuse(made: Guarded, number: int, code: int = 3, name: str = "OnRspUserLogin") -> None:
    made.guard.watch(Callback(1, "trader", 0, 0, name, None, {"ErrorID": code, "ErrorMsg": "no"}, number, True))


def log_in(made: Guarded, number: int = 1, password: str = PASSWORD) -> None:
    """As a session does that is on its way to being logged in."""
    made.guard.session.goal = made.guard.session.aim("logged_in", 0)
    made.guard.passwords = {password}
    made.call("ReqUserLogin", {"Password": password}, number)


def test_a_login_that_was_refused_for_good_is_sent_once_a_run(tmp_path: Path) -> None:
    logins = Logins()
    first = guarded(tmp_path, logins=logins)
    log_in(first)
    refuse(first, 1)
    with pytest.raises(Blocked, match=r"ReqUserLogin was not sent again: in this run login was refused: 3 no"):
        log_in(guarded(tmp_path, logins=logins))
    log_in(guarded(tmp_path, logins=logins, account="second"))
    log_in(guarded(tmp_path, logins=logins), password="another")


def test_a_login_that_may_be_tried_again_is(tmp_path: Path) -> None:
    logins = Logins()
    for answer in ({"code": 8}, {"code": 0}, {"name": "OnRspError"}, {"number": 99}):
        made = guarded(tmp_path, logins=logins)
        log_in(made)
        refuse(made, **{"number": 1, **answer})  # type: ignore[arg-type]
    log_in(guarded(tmp_path, logins=logins))


def prove(made: Guarded, number: int, name: str = "ReqUserLogin", proof: str = "falsch") -> None:
    """As a step does that logs in by itself."""
    made.guard.passwords = {proof}
    word = {"ReqAuthenticate": "AuthCode", "ReqUserPasswordUpdate": "OldPassword"}.get(name, "Password")
    made.call(name, {word: proof}, number)


LOGINS = ["ReqUserLogin", "ReqUserLoginWithCaptcha", "ReqUserLoginWithText", "ReqUserLoginWithOTP"]


@pytest.mark.parametrize("name", [*LOGINS, "ReqUserPasswordUpdate", "ReqAuthenticate"])
@pytest.mark.parametrize("answered", [True, False])
def test_steps_may_try_three_proofs_that_are_not_agreed_to(tmp_path: Path, name: str, answered: bool) -> None:
    logins = Logins()
    made = guarded(tmp_path, logins=logins)
    for number in (1, 2, 3):
        prove(made, number, name, f"falsch-{number}")
        if answered:
            refuse(made, number, name=name.replace("Req", "OnRsp"))
    with pytest.raises(Blocked, match=f"{name} was not sent: 3 that were not agreed to are enough"):
        prove(guarded(tmp_path, logins=logins), 1, name)
    prove(guarded(tmp_path, logins=logins, account="second"), 1, name)


def test_what_is_agreed_to_is_no_risk_and_neither_is_a_front_that_is_not_ready(tmp_path: Path) -> None:
    made = guarded(tmp_path)
    for number in range(1, 20, 2):
        prove(made, number, proof="right")
        refuse(made, number, code=0)
        prove(made, number + 1, proof="perhaps")
        refuse(made, number + 1, code=8)
    for number in (21, 22, 23):
        prove(made, number)
    prove(made, 24, proof="right")
    refuse(made, 24, code=0)
    with pytest.raises(Blocked):
        prove(made, 25)


def test_a_proof_that_did_not_leave_is_no_risk(tmp_path: Path) -> None:
    made = guarded(tmp_path)
    made.api.returns = -1
    for number in range(1, 10):
        prove(made, number)
    assert len(made.api.sent) == 9


def test_a_cancel_of_what_the_run_did_not_send_needs_leave(tmp_path: Path) -> None:
    made = guarded(tmp_path)
    made.guard.logins.seen.add((1, 7))
    books = made.guard.session.books.orders
    for session, number in ((7, "  1"), (8, "  2")):
        books.reported(
            {"FrontID": 1, "SessionID": session, "OrderRef": "1", "ExchangeID": "SHFE", "OrderSysID": number}
        )
    made.call("ReqOrderAction", {"FrontID": 1, "SessionID": 7, "OrderRef": "1"})
    made.call("ReqOrderAction", {"OrderRef": "1"})
    made.call("ReqOrderAction", {"ExchangeID": "SHFE", "OrderSysID": "  1"})
    made.call("ReqOrderAction", {"ExchangeID": "SHFE", "OrderSysID": "  3"})
    for fields in (
        {"FrontID": 1, "SessionID": 8, "OrderRef": "1"},
        {"ExchangeID": "SHFE", "OrderSysID": "  2"},
        {"FrontID": 1, "SessionID": 9, "OrderRef": "1"},  # of which nothing was heard
    ):
        with pytest.raises(Blocked, match=r"this run did not send that order in .*; it needs --cancel-others"):
            made.call("ReqOrderAction", fields)
    made.guard.permit.options = evolve(made.guard.permit.options, cancel_others=True)
    made.call("ReqOrderAction", {"ExchangeID": "SHFE", "OrderSysID": "  2"})
    assert len(made.api.sent) == 5


def test_a_batch_of_cancels_is_for_a_login_of_the_run(tmp_path: Path) -> None:
    made = guarded(tmp_path)
    made.guard.logins.seen.add((1, 7))
    made.call("ReqBatchOrderAction", {"FrontID": 1, "SessionID": 7})
    for fields in ({}, {"FrontID": 1, "SessionID": 8}):
        with pytest.raises(Blocked, match="it would cancel what this run did not send"):
            made.call("ReqBatchOrderAction", fields)
    assert made.api.sent == ["ReqBatchOrderAction"]
