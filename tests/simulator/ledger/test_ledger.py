"""The ledger under any stream of orders: money and positions add up at every moment, and nothing stays frozen."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.desk import Desk, opened

from ctpscen.ctp.commands.accounts import Deposit, SetBalance, SetPosition, Withdraw
from ctpscen.ctp.commands.market import OutsideOrder, Quote
from ctpscen.ctp.times import MILLISECOND, SECOND
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.front.queries import answer
from ctpscen.simulator.simulation import Simulation

# Two contracts of a product with margin for the larger side, one with undated positions, one of whole other terms, and
# an option.
INSTRUMENTS = ("rb2705", "rb2710", "m2705", "SR705", "m2705-P-3300")
HELD = (
    ("rb2705", "long", 3, True),
    ("rb2705", "short", 2, False),
    ("m2705", "long", 4, True),
    ("SR705", "short", 3, True),
    ("m2705-P-3300", "long", 2, True),
    ("m2705-P-3300", "short", 4, True),
)

Operation = tuple[Any, ...]


def stream(seed: int) -> list[Operation]:
    """Sixty operations by chance: hypothesis's own lists are too short and too much alike to fill a ledger."""
    chance = Random(seed)

    def one() -> Operation:
        which, volume, away = chance.choice(INSTRUMENTS), chance.randint(1, 5), chance.randint(-4, 4)
        match chance.choices(["insert", "wait", "cancel", "elsewhere", "quote", "money"], [8, 3, 2, 2, 2, 1])[0]:
            case "insert":
                conditions = chance.choice([("3", "1"), ("3", "1"), ("1", "1"), ("1", "3")])
                return "insert", which, chance.choice("01"), chance.choice("000134"), volume, away, conditions
            case "wait":
                return "wait", chance.randint(0, 12)
            case "cancel":
                return "cancel", chance.randint(0, 30)
            case "elsewhere":
                return "elsewhere", which, chance.choice(["buy", "sell"]), volume, away
            case "quote":
                return "quote", which, away, volume, chance.randint(1, 5)
            case _:
                return chance.choice(["deposit", "withdraw"]), chance.randint(1, 1000)

    return [one() for _ in range(60)]


STREAMS = st.integers(0, 2**32).map(stream)


def price(simulation: Simulation, instrument: str, away: int) -> float:
    contract = simulation.contract(instrument)
    middle = contract.ticks(contract.pre_settlement)
    assert middle is not None
    return contract.price(middle + away)


def prepared() -> Desk:
    """A desk whose account holds lots of yesterday and of today."""
    desk = Desk(opened(*INSTRUMENTS)).connect()
    for instrument, side, volume, since_yesterday in HELD:
        desk.command(
            SetPosition(
                session="alice",
                holding="long" if side == "long" else "short",
                volume=volume,
                instrument=instrument,
                price=price(desk.simulation, instrument, 2),
                yesterday=since_yesterday,
            )
        )
    return desk


def perform(desk: Desk, operation: Operation) -> None:
    match operation:
        case ("insert", instrument, side, offset, volume, away, (time, condition)):
            limit = price(desk.simulation, instrument, away)
            assert (
                desk.insert(instrument, side, offset, volume, limit, TimeCondition=time, VolumeCondition=condition) == 0
            )
        case ("cancel", number):
            orders = list(desk.orders().values())
            if orders:
                desk.cancel(orders[number % len(orders)])
        case ("elsewhere", instrument, side, volume, away):
            at = price(desk.simulation, instrument, away)
            desk.command(OutsideOrder(side, volume, instrument, at))
        case ("quote", instrument, away, bid, ask):
            low, high = price(desk.simulation, instrument, away), price(desk.simulation, instrument, away + 1)
            desk.command(Quote(instrument, (low, bid), (high, ask)))
        case ("wait", milliseconds):
            desk.rest(milliseconds * MILLISECOND)
        case ("deposit", amount):
            desk.command(Deposit(session="alice", amount=amount))
        case ("withdraw", amount):
            desk.command(Withdraw(session="alice", amount=amount))
        case _:
            raise AssertionError(f"{operation} is no operation")


def answered(desk: Desk, query: str) -> list[dict[str, Any]]:
    """What a query would be answered at this moment."""
    simulation = desk.simulation
    return list(answer(simulation.core, simulation.account_of("alice"), query, {}))


def close_to(value: float) -> Any:
    return pytest.approx(value, abs=1e-5)


def money_adds_up(desk: Desk) -> None:
    (account,) = answered(desk, "ReqQryTradingAccount")
    rows = answered(desk, "ReqQryInvestorPosition")
    flows = account["Deposit"] - account["Withdraw"]
    assert account["Balance"] == close_to(
        account["PreBalance"]
        + flows
        + account["CloseProfit"]
        + account["PositionProfit"]
        + account["CashIn"]
        - account["Commission"]
    )
    assert account["Available"] == close_to(
        account["Balance"]
        - account["CurrMargin"]
        - account["FrozenMargin"]
        - account["FrozenCommission"]
        - account["FrozenCash"]
        - max(account["PositionProfit"], 0.0)
    )
    for name in "PositionProfit CloseProfit Commission FrozenMargin FrozenCommission FrozenCash CashIn".split():
        assert account[name] == close_to(sum(row[name] for row in rows)), name
    contracts = desk.simulation.core.contracts
    sides: dict[str, dict[str, float]] = {}
    for row in rows:
        side = sides.setdefault(contracts[row["InstrumentID"]].product.id, {"2": 0.0, "3": 0.0})
        side[row["PosiDirection"]] += row["UseMargin"]
    needed = [max(side.values()) if product == "rb" else sum(side.values()) for product, side in sides.items()]
    assert account["CurrMargin"] == close_to(sum(needed))


def equity_is_what_the_trades_made(desk: Desk) -> None:
    """Whichever lots were closed: the balance is the day's result of all that was held and traded, less the fees.

    An option is worth nothing to it, and its premium everything.
    """
    core, account = desk.simulation.core, desk.simulation.account_of("alice")
    made = 0.0
    for instrument, side, volume, since_yesterday in HELD:
        contract = core.contracts[instrument]
        basis = contract.pre_settlement if since_yesterday else price(desk.simulation, instrument, 2)
        sign = 1 if side == "long" else -1
        if contract.terms is None:
            made += sign * volume * contract.multiplier * (contract.last_price - basis)
    for trade in account.trades:
        contract = core.contracts[trade["InstrumentID"]]
        sign = 1 if trade["Direction"] == "0" else -1
        worth = contract.last_price if contract.terms is None else 0.0
        made += sign * trade["Volume"] * contract.multiplier * (worth - trade["Price"])
    (record,) = answered(desk, "ReqQryTradingAccount")
    assert record["Balance"] - record["PreBalance"] - record["Deposit"] + record["Withdraw"] == close_to(
        made - record["Commission"]
    )


def positions_are_what_was_traded(desk: Desk) -> None:
    expected: dict[tuple[str, str], int] = {}
    for instrument, side, volume, _ in HELD:
        key = (instrument, "2" if side == "long" else "3")
        expected[key] = expected.get(key, 0) + volume
    for trade in desk.simulation.account_of("alice").trades:
        opens, buys = trade["OffsetFlag"] == "0", trade["Direction"] == "0"
        key = (trade["InstrumentID"], "2" if opens == buys else "3")
        expected[key] = expected.get(key, 0) + (trade["Volume"] if opens else -trade["Volume"])
    rows = answered(desk, "ReqQryInvestorPosition")
    counted: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["InstrumentID"], row["PosiDirection"])
        counted[key] = counted.get(key, 0) + row["Position"]
        assert 0 <= row["TodayPosition"] <= row["Position"]
    assert {key: lots for key, lots in counted.items() if lots} == {key: lots for key, lots in expected.items() if lots}
    lots_of_details: dict[tuple[str, str], int] = {}
    for row in answered(desk, "ReqQryInvestorPositionDetail"):
        key = (row["InstrumentID"], "2" if row["Direction"] == "0" else "3")
        lots_of_details[key] = lots_of_details.get(key, 0) + row["Volume"]
    assert lots_of_details == {key: lots for key, lots in counted.items() if lots}


def working(account: Account) -> list[Any]:
    return [order for order in account.orders.values() if not order.is_finished]


def frozen_is_what_works(desk: Desk) -> None:
    """Never less than nothing, never more than is held, and lot for lot the orders that work."""
    rows = answered(desk, "ReqQryInvestorPosition")
    for row in rows:
        assert all(value >= 0 for name, value in row.items() if "Frozen" in name)
        closing = row["ShortFrozen"] if row["PosiDirection"] == "2" else row["LongFrozen"]
        assert closing <= row["Position"], "more is about to be closed than is held"
    (account,) = answered(desk, "ReqQryTradingAccount")
    assert account["FrozenMargin"] >= 0
    assert account["FrozenCommission"] >= 0
    assert account["FrozenCash"] >= 0
    orders = working(desk.simulation.account_of("alice"))
    assert sum(row["LongFrozen"] for row in rows) == sum(o.volume - o.traded for o in orders if o.is_buy)
    assert sum(row["ShortFrozen"] for row in rows) == sum(o.volume - o.traded for o in orders if not o.is_buy)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STREAMS)
def test_money_positions_and_what_is_frozen_add_up_at_every_moment(operations: list[Operation]) -> None:
    desk = prepared()
    for operation in operations:
        perform(desk, operation)
        money_adds_up(desk)
        equity_is_what_the_trades_made(desk)
        positions_are_what_was_traded(desk)
        frozen_is_what_works(desk)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STREAMS)
def test_when_all_is_cancelled_nothing_is_frozen(operations: list[Operation]) -> None:
    desk = prepared()
    for operation in operations:
        perform(desk, operation)
    desk.rest(SECOND)
    for order in desk.orders().values():
        if order["OrderStatus"] in "13":
            desk.cancel(order)
    desk.rest(SECOND)
    assert {order["OrderStatus"] for order in desk.orders().values()} <= {"0", "5"}
    (account,) = answered(desk, "ReqQryTradingAccount")
    assert [account[f"Frozen{what}"] for what in ("Margin", "Commission", "Cash")] == [0.0, 0.0, 0.0]
    for row in answered(desk, "ReqQryInvestorPosition"):
        names = [name for name in row if "Frozen" in name]
        assert len(names) == 10
        assert {row[name] for name in names} == {0}
    positions_are_what_was_traded(desk)
    traded: dict[str, int] = {}
    for callback in desk.of("OnRtnTrade"):
        fields = callback.fields or {}
        traded[fields["OrderRef"]] = traded.get(fields["OrderRef"], 0) + fields["Volume"]
    for (_, _, reference), order in desk.orders().items():
        assert order.get("VolumeTraded", 0) == traded.get(reference, 0)


def test_the_balance_of_a_day_that_was_seen() -> None:
    """Three accounts as SimNow showed them (BEHAVIOUR 5.4)."""
    seen = [
        # PreBalance, CloseProfit, PositionProfit, Commission, margin, frozen → Balance, Available
        (860199.24, 720.0, -15360.0, 3.965, 391080.0, 0.0, 0.0, 845555.275, 454475.275),
        (20_000_000.0, -40.0, 0.0, 31.554, 0.0, 4808.0, 3.01, 19999928.446, 19995117.436),
    ]
    for before, closed, floating, fees, margin, frozen_margin, frozen_fees, balance, available in seen:
        desk = Desk(opened("rb2705"))
        ledger = desk.simulation.account_of("alice").ledger
        ledger.pre_balance, ledger.close_profit, ledger.commission = before, closed, fees
        ledger.frozen_margin, ledger.frozen_commission = frozen_margin, frozen_fees
        record = ledger.account_record()
        assert record["Balance"] + floating == close_to(balance)
        assert record["Available"] + floating - margin == close_to(available)


@pytest.mark.parametrize(
    ("balance", "closed", "quota"),
    [
        (19_995_117.436, -40.0, 15_996_093.94),
        (19_903_002.04425, 0.0, 15_922_401.63),
        (19_070_563.89, 0.0, 15_256_451.11),
    ],
)
def test_four_fifths_may_be_withdrawn_cut_to_cents(balance: float, closed: float, quota: float) -> None:
    ledger = Desk(opened("rb2705")).simulation.account_of("alice").ledger
    ledger.pre_balance, ledger.close_profit = balance - closed, closed
    record = ledger.account_record()
    assert record["Available"] == close_to(balance)
    assert record["WithdrawQuota"] == pytest.approx(quota, abs=1e-6)


def test_what_cannot_be_paid_is_refused_and_freezes_nothing() -> None:
    desk = Desk(opened("rb2705")).connect()
    desk.command(SetBalance(session="alice", amount=10_000.0))
    limit = price(desk.simulation, "rb2705", -3)
    desk.insert("rb2705", "0", "0", 10, limit)
    desk.rest()
    (refused,) = desk.of("OnRspOrderInsert")
    assert refused.error is not None
    assert refused.error["ErrorID"] == 31
    contract = desk.simulation.contract("rb2705")
    short = 10 * limit * 10 * (contract.product.short_margin.by_money + contract.product.open_fee.by_money) - 10_000
    assert refused.error["ErrorMsg"] == f"CTP:资金不足，约缺少资金[{short:.2f}]"
    (account,) = answered(desk, "ReqQryTradingAccount")
    assert account["Available"] == account["Balance"] == 10_000


def test_lots_that_one_order_is_about_to_close_are_not_there_for_another() -> None:
    desk = prepared()
    desk.insert("m2705", "1", "1", 3, price(desk.simulation, "m2705", 4))
    desk.rest()
    desk.insert("m2705", "1", "1", 2, price(desk.simulation, "m2705", 4))
    desk.rest()
    (refused,) = desk.of("OnRspOrderInsert")
    assert refused.error is not None
    assert refused.error["ErrorID"] == 30
    (resting,) = desk.orders().values()
    desk.cancel(resting)
    desk.rest()
    desk.insert("m2705", "1", "1", 4, price(desk.simulation, "m2705", 4))
    desk.rest()
    assert len(desk.of("OnRspOrderInsert")) == 1
