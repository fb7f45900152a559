"""What a live run may send: by leave, by the profile's caps, and never money."""

import pytest

from ctpscen.ctp.messages import Request
from ctpscen.ctp.schema.api import requests
from ctpscen.ctp.schema.records import record
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.live.care.permit import VOLUMES, Permit
from ctpscen.live.profile.profiles import Account, LiveOptions, Profile
from ctpscen.live.profile.secret import SecretPlace

CAP, RUN = 5, 12


def permit(*, allow_orders: bool = True, keep_orders: bool = False) -> Permit:
    account = Account("", "100001", "100001", SecretPlace("public", "geheim"))
    fronts = ("tcp://127.0.0.1:1",)
    code = SecretPlace("public", "0" * 16)
    profile = Profile("desk", "9999", account, fronts, fronts, "app", code, True, CAP, RUN)
    return Permit(LiveOptions(profile, allow_orders, keep_orders))


def request(name: str = "ReqOrderInsert", **fields: int) -> Request:
    return Request(1, "trader", 0, 0, name, fields)


@pytest.mark.parametrize(
    "name",
    [
        *("Init", "Release", "SubscribeMarketData", "ReqAuthenticate", "ReqUserLogin", "ReqUserLogout"),
        *("ReqSettlementInfoConfirm", "ReqQryOrder", "ReqQryInstrument", "ReqQueryCFMMCTradingAccountToken"),
    ],
)
def test_what_changes_nothing_needs_no_leave(name: str) -> None:
    permit(allow_orders=False).check(request(name, Volume=CAP + 1))


@pytest.mark.parametrize("name", ["ReqOrderInsert", "ReqOrderAction", "ReqUserPasswordUpdate", "ReqParkedOrderInsert"])
def test_what_changes_something_needs_leave(name: str) -> None:
    with pytest.raises(Blocked, match=f"{name} was not sent: live, orders and changes need --allow-orders"):
        permit(allow_orders=False).check(request(name))


@pytest.mark.parametrize("name", ["ReqParkedOrderInsert", "ReqExecOrderInsert", "ReqQuoteInsert"])
def test_what_cannot_be_taken_back_needs_more_leave(name: str) -> None:
    with pytest.raises(Blocked, match="the clean-up could not take it back; it needs --keep-orders"):
        permit().check(request(name))
    permit(keep_orders=True).check(request(name))


@pytest.mark.parametrize("name", ["ReqFromBankToFutureByFuture", "ReqFromFutureToBankByFuture"])
def test_money_is_never_moved(name: str) -> None:
    with pytest.raises(Blocked, match="moves money"):
        permit(keep_orders=True).check(request(name))


def test_no_request_has_a_volume_that_is_not_counted() -> None:
    """But for the least volume that must trade at once, which raises none."""
    for name, record_name in requests("trader").items():
        volumes = {
            each.name for each in record(record_name).fields.values() if "Volume" in each.name and not each.is_text
        }
        if not name.startswith(("ReqQry", "ReqQuery")):
            assert volumes <= {*VOLUMES, "MinVolume"}, name


def test_a_change_of_an_order_is_one_of_its_volume() -> None:
    with pytest.raises(Blocked, match="an order of 1000 lots was not sent"):
        permit().check(request("ReqOrderAction", ActionFlag=3, VolumeChange=1000))


@pytest.mark.parametrize("field", VOLUMES)
def test_every_volume_counts(field: str) -> None:
    allowed = permit()
    with pytest.raises(Blocked, match=f"an order of {CAP + 1} lots was not sent"):
        allowed.check(Request(1, "trader", 0, 0, "ReqOrderInsert", {field: CAP + 1}))
    assert allowed.used == 0
    allowed.check(Request(1, "trader", 0, 0, "ReqOrderInsert", {field: CAP}))
    assert allowed.used == CAP


def test_both_sides_of_a_quote_count_together() -> None:
    with pytest.raises(Blocked, match=f"an order of {CAP + 1} lots"):
        permit(keep_orders=True).check(request("ReqQuoteInsert", AskVolume=CAP, BidVolume=1))


def test_a_run_may_use_its_cap_to_the_last_lot() -> None:
    allowed = permit()
    for volume in (CAP, CAP, RUN - 2 * CAP):
        allowed.check(request(VolumeTotalOriginal=volume))
    assert allowed.used == RUN
    allowed.check(request("ReqOrderAction"))
    with pytest.raises(Blocked, match=f"with the {RUN} lots before, profile `desk` allows {RUN} a run"):
        allowed.check(request(VolumeTotalOriginal=1))
    assert allowed.used == RUN
