"""The live environment: what it lets out, what it leaves behind, and what it blames on whom; on a simulated world."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from attrs import define, evolve, field
from support import callbacks, checked, fault_texts
from support.standin import StandinWire

from ctpscen.client.queries import Query
from ctpscen.client.session import Session
from ctpscen.ctp.commands.front import LoseRequest
from ctpscen.ctp.commands.refusals import Refuse, RejectNext
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.times import SECOND
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.live import LiveEnvironment
from ctpscen.environments.simulated import OPENING
from ctpscen.language.meaning.program import Program
from ctpscen.live.care.guard import Credentials
from ctpscen.live.care.keys import KeyFile, SentOrder, read_keys
from ctpscen.live.care.masking import Masker
from ctpscen.live.care.permit import Permit
from ctpscen.live.profile.profiles import ORDER_CAP, RUN_CAP, Account, BadProfile, LiveOptions, Profile
from ctpscen.live.profile.secret import NoSecret, Secret, SecretPlace
from ctpscen.live.relay.process import RelayFailed
from ctpscen.simulator.commands.perform import perform
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

REFUSED = {"front": "tcp://10.0.0.1:1", "accepted": 3, "refused": 3, "reason": "Connection refused"}
ANSWERING = {"front": "tcp://10.0.0.1:1", "accepted": 3, "refused": 0, "reason": ""}

RESTING = "buy open 1 rb2705 at bid - 5 ticks as entry\nexpect entry is no_trade_queueing\n"


def profile(max_order_volume: int = ORDER_CAP, max_run_volume: int = RUN_CAP) -> Profile:
    account = Account("", "100001", "100001", SecretPlace("public", PASSWORD))
    fronts = ("tcp://simulated:1",)
    code = SecretPlace("public", AUTH_CODE)
    return Profile("desk", BROKER, account, fronts, fronts, APP_ID, code, True, max_order_volume, max_run_volume)


@define
class Desk:
    """A front that lives longer than a scenario, and live runs on it."""

    folder: Path
    options: LiveOptions = field(factory=lambda: LiveOptions(profile(), allow_orders=True))
    simulation: Simulation = field(factory=lambda: Simulation(World(OPENING, 0)))
    permit: Permit = field(init=False)
    wire: StandinWire = field(init=False)
    login: Callable[[str], Credentials] | None = None
    adopted: list[SentOrder] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.permit = Permit(self.options)
        self.simulation.list_instruments(["rb2705"])
        self.wire = StandinWire(self.simulation, str(self.folder / "flow"))

    @property
    def keys(self) -> Path:
        return self.folder / "keys.jsonl"

    def credentials(self, account: str) -> Credentials:
        if self.login is not None:
            return self.login(account)
        return Credentials(account, BROKER, "100001", "100001", Secret(PASSWORD), APP_ID, Secret(AUTH_CODE), True)

    def run(self, text: str, meanwhile: Mapping[int, Callable[[StandinWire], None]] | None = None) -> Result:
        """Runs a scenario; `meanwhile` is what happens besides, by seconds after its start."""
        found = checked(text)
        assert found.program is not None, [each.diagnostic.message for each in found.diagnostics]
        front_status = self.wire.front_status
        self.wire = StandinWire(self.simulation, str(self.folder / "flow"), front_status=front_status)

        def environment(_: Program, __: Unit, journal: Journal) -> LiveEnvironment:
            journal.masker = Masker()
            journal.masker.add(*self.options.profile.identities, PASSWORD, AUTH_CODE)
            keys = KeyFile(self.keys)
            for order in self.adopted:
                keys.add(order)
            return LiveEnvironment(self.wire, self.permit, keys, journal, self.credentials)

        for second, action in (meanwhile or {}).items():
            self.simulation.world.at(self.simulation.world.now + second * SECOND, action, self.wire)
        unit = Unit("test.scn", text, found.program.scenarios[0].title, settings=Settings(account=""))
        return run_one(unit, environment, CompiledProgram(found.program))

    @property
    def sent(self) -> list[str]:
        """The requests that reached the library."""
        return [call.name for worker in self.wire.workers.values() for call in worker.calls]

    def statuses(self) -> list[str]:
        """OrderStatus of all orders of the account at the front."""
        (account,) = self.simulation.core.accounts.values()
        return [order.status for order in account.orders.values()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def only_looking(tmp_path: Path) -> Desk:
    return Desk(tmp_path, LiveOptions(profile()))


# ------------------------------------------------------------------------------------------- what a live run can do


def test_what_went_wrong_on_the_wire_is_an_error_beside_the_verdict(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandinWire, "troubles", lambda _: ["the relay died: SIGKILL"])
    result = desk.run("connect\n")
    assert (result.verdict, result.reason) == ("error", "the relay died: SIGKILL")


def test_an_order_is_cancelled_though_the_relay_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session cannot cancel any more; the one that takes its place gets a relay of its own."""

    def fail(_: StandinWire, __: str) -> None:
        raise RelayFailed("the relay died: SIGKILL")

    def lose(wire: StandinWire) -> None:
        monkeypatch.setattr(StandinWire, "control", fail)
        wire.kill("trader")

    desk.run(f"{RESTING}wait 10s\n", {5: lose})
    assert desk.statuses() == ["5"]


def test_an_order_trades(desk: Desk) -> None:
    result = desk.run("buy open 2 rb2705 at ask as entry\nexpect trades of entry total 2")
    assert result.verdict == "passed", result.reason
    assert desk.wire.closed


def test_an_order_in_flight_survives_a_break(desk: Desk) -> None:
    result = desk.run(
        "buy open 2 rb2705 at ask as entry\ndisconnect\nwait 10s\nreconnect\n"
        "expect trades of entry total 2 within 30s\nexpect reconciled"
    )
    assert result.verdict == "passed", result.reason
    assert desk.wire.controls == ["cut trader/*", "heal trader/*"]


@pytest.mark.parametrize("cut", ["disconnect", "network: cut"])
def test_what_follows_a_cut_finds_the_path_cut(desk: Desk, cut: str) -> None:
    """It is heard of a moment later: until then the library would take requests, and be ready."""
    result = desk.run(
        f"connect\n{cut}\nbuy open 1 rb2705 at 3151 as entry\nexpect rejection of entry by api -1\n"
        "reconnect\nbuy open 1 rb2705 at ask as again\nexpect trade of again\n"
    )
    assert result.verdict == "passed", result.reason


def test_a_reconnect_at_once_connects_again(desk: Desk) -> None:
    result = desk.run("connect\ndisconnect\nreconnect\n")
    assert result.verdict == "passed", result.reason
    assert [each["connection"] for each in callbacks(result, "OnFrontConnected")][-1] == 2


def test_a_cut_that_nobody_hears_of_does_not_hold_the_scenario(desk: Desk) -> None:
    def deafen(wire: StandinWire) -> None:
        wire.cut_takes = 3600 * SECOND

    result = desk.run("connect\nwait 10s\ndisconnect\ncheck now() < 09:30:20\n", {8: deafen})
    assert result.verdict == "passed", result.reason


def test_network_steps_are_told_to_the_relay(desk: Desk) -> None:
    result = desk.run("network:\n    latency 200ms\n    cut\n    heal\nconnect\n")
    assert result.verdict == "passed", result.reason
    assert desk.wire.controls == ["latency 200000us */*", "cut */*", "heal */*"]
    assert fault_texts(result) == ["latency 200 ms", "every path is cut", "every path is healed"]


def test_time_is_that_of_the_wire(desk: Desk) -> None:
    result = desk.run("connect\nlet before = now()\nwait 10s\ncheck now() - before == 10s")
    assert result.verdict == "passed", result.reason


def test_what_the_day_brought_before_feeds_the_books_and_is_nothing_to_expect(desk: Desk) -> None:
    first = desk.run("buy open 2 rb2705 at ask as entry\nexpect trades of entry total 2")
    assert first.verdict == "passed"
    second = desk.run("connect\nexpect no trade\nexpect no order\ncheck book(rb2705).long == 2\nexpect reconciled")
    assert second.verdict == "passed", second.reason
    assert len(callbacks(second, "OnRtnTrade")) == 1


@pytest.mark.parametrize(
    "way",
    ["connect", "never trade; connect", "connect front; never trade; authenticate; login; confirm settlement; forget"],
)
def test_the_first_login_is_the_one_that_brings_the_day_however_it_is_made(desk: Desk, way: str) -> None:
    desk.run("buy open 2 rb2705 at ask as entry\nexpect trades of entry total 2")
    second = desk.run(f"{way}\nexpect no trade for 2s\nexpect no order\ncheck book(rb2705).long == 2")
    assert second.verdict == "passed", second.reason


def test_a_later_login_brings_what_its_mode_says(desk: Desk) -> None:
    result = desk.run(
        "session trader private restart\nbuy open 2 rb2705 at ask as entry\nexpect trades of entry total 2\n"
        "disconnect\nreconnect\nexpect trade of entry as again\ncheck again.replayed"
    )
    assert result.verdict == "passed", result.reason


def test_flow_files_are_a_session_s_own(desk: Desk) -> None:
    desk.run("session alice\nsession bob\nalice: connect\nbob: connect\n")
    flows = {
        (call.fields or {})["pszFlowPath"]
        for worker in desk.wire.workers.values()
        for call in worker.calls
        if call.name == "CreateFtdcTraderApi"
    }
    assert len(flows) == 2


@pytest.mark.parametrize(
    "text",
    [
        'scenario "x":\n    venue: halt rb2705\n    place order as entry\n',
        "venue:\n    quote rb2705 bid 3000 x 5 ask 3001 x 5\nplace order as entry\n",
        "connect\nvenue: settle\n",
    ],
)
def test_a_scenario_that_uses_the_venue_is_skipped_and_says_why(desk: Desk, text: str) -> None:
    result = desk.run(text)
    assert result.verdict == "skipped"
    assert "simulated venue" in result.reason
    assert "ReqOrderInsert" not in desk.sent


# -------------------------------------------------------------------------------------------------- what may go out


def test_without_leave_no_order_goes_out(tmp_path: Path) -> None:
    desk = only_looking(tmp_path)
    result = desk.run("place order as entry\nexpect trade of entry")
    assert result.verdict == "blocked"
    assert "--allow-orders" in result.reason
    assert "ReqOrderInsert" not in desk.sent
    assert not desk.keys.exists()


def test_without_leave_it_may_log_in_and_ask(tmp_path: Path) -> None:
    result = only_looking(tmp_path).run("query account as money\ncheck money.available > 0\nlogout\n")
    assert result.verdict == "passed", result.reason


def test_an_order_above_its_cap_is_not_sent(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LiveOptions(profile(max_order_volume=2), allow_orders=True))
    assert desk.run("buy open 2 rb2705 at ask as entry\nexpect trades of entry total 2").verdict == "passed"
    result = desk.run("buy open 3 rb2705 at ask as entry")
    assert result.verdict == "blocked"
    assert "max_order_volume" in result.reason
    assert "ReqOrderInsert" not in desk.sent


def test_the_cap_of_a_run_counts_over_its_scenarios(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LiveOptions(profile(max_run_volume=3), allow_orders=True))
    assert desk.run("buy open 2 rb2705 at ask as entry\nexpect trades of entry total 2").verdict == "passed"
    result = desk.run("buy open 1 rb2705 at ask as one\nexpect trade of one\nbuy open 1 rb2705 at ask as two")
    assert result.verdict == "blocked"
    assert "max_run_volume" in result.reason
    assert desk.sent.count("ReqOrderInsert") == 1


def test_a_volume_below_nothing_makes_no_room(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LiveOptions(profile(), allow_orders=True))
    request = "request ReqOrderInsert(VolumeTotalOriginal = -{0}) as r{0}"
    assert desk.run(f"connect\n{request.format(10)}\n").verdict == "passed"
    assert desk.permit.used == 10
    assert desk.run(f"connect\n{request.format(11)}\n").verdict == "blocked"


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ('ReqParkedOrderInsert(InstrumentID = "rb2705", VolumeTotalOriginal = 1)', "--keep-orders"),
        ('ReqFromFutureToBankByFuture(BrokerID = "9999")', "money"),
    ],
)
def test_what_cannot_be_taken_back_is_not_sent(desk: Desk, request_: str, word: str) -> None:
    result = desk.run(f"connect\nrequest {request_}")
    assert result.verdict == "blocked"
    assert word in result.reason
    assert not [name for name in desk.sent if name in request_]


# ------------------------------------------------------------------------------------------------ what is left over


def test_an_order_left_working_is_cancelled_by_its_own_session(desk: Desk) -> None:
    result = desk.run(RESTING)
    assert result.verdict == "passed", result.reason
    assert desk.statuses() == ["5"]
    assert desk.wire.opened == ["trader"]
    assert not desk.keys.exists()


def test_what_was_filled_is_left_alone(desk: Desk) -> None:
    desk.run("buy open 1 rb2705 at ask as entry\nexpect trade of entry")
    assert "ReqOrderAction" not in desk.sent
    assert not desk.keys.exists()


def test_it_may_be_left_working(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LiveOptions(profile(), allow_orders=True, keep_orders=True))
    assert desk.run(RESTING).verdict == "passed"
    assert desk.statuses() == ["3"]
    (key,) = read_keys(desk.keys)[0]
    assert (key.instrument, key.exchange, key.key[2]) == ("rb2705", "SHFE", "2")


@pytest.mark.parametrize("end", ["disconnect", "disconnect silently", "logout", "release"])
def test_an_order_of_a_session_that_is_gone_is_cancelled_by_another(desk: Desk, end: str) -> None:
    result = desk.run(RESTING + end)
    assert result.verdict == "passed", result.reason
    assert desk.statuses() == ["5"]
    assert not desk.keys.exists()


@pytest.mark.parametrize("last", [3000, 4000])
def test_what_a_conditional_order_became_is_cancelled_too(desk: Desk, last: int) -> None:
    """Met or not, and by a session to which no stream told of it."""
    result = desk.run(
        "session trader private quick\n"
        f"buy open 1 rb2705 at bid - 20 ticks when last >= {last} as entry\nexpect order of entry\n"
        "wait until quiet for 1s\ndisconnect\n"
    )
    assert result.verdict == "passed", result.reason
    assert set(desk.statuses()) <= {"c", "5"}
    assert not desk.keys.exists()


def test_a_failed_scenario_leaves_nothing_working_either(desk: Desk) -> None:
    assert desk.run(f"{RESTING}expect trade of entry within 1s").verdict == "failed"
    assert desk.statuses() == ["5"]


def test_a_worker_that_dies_is_an_error_and_its_orders_are_cancelled(desk: Desk) -> None:
    result = desk.run(f"{RESTING}wait 60s", {20: lambda wire: wire.kill("trader")})
    assert result.verdict == "error"
    assert "SIGSEGV" in result.reason
    assert desk.statuses() == ["5"]
    assert desk.wire.opened == ["trader", "trader"]


def test_a_call_into_a_dead_worker_is_an_error(desk: Desk) -> None:
    def die_unheard(wire: StandinWire) -> None:
        wire.workers["trader"].dead = True

    result = desk.run("connect\nwait 20s\nplace order as entry", {10: die_unheard})
    assert result.verdict == "error"
    assert "died" in result.reason


def test_the_run_goes_on_after_a_worker_died(desk: Desk) -> None:
    desk.run("connect\nwait 60s", {20: lambda wire: wire.kill("trader")})
    assert desk.run("buy open 1 rb2705 at ask as entry\nexpect trade of entry").verdict == "passed"


def test_orders_that_could_not_be_cancelled_are_told_and_their_keys_kept(desk: Desk) -> None:
    def close_the_front(wire: StandinWire) -> None:
        wire.simulation.trading.go_down()

    result = desk.run(f"{RESTING}wait 20s", {15: close_the_front})
    assert result.verdict == "error"
    assert "1 order may still be working: rb2705" in result.reason
    assert str(desk.keys) in result.reason
    assert desk.statuses() == ["3"]
    assert len(read_keys(desk.keys)[0]) == 1


def test_the_key_is_on_disk_before_the_order_is_on_the_wire(desk: Desk) -> None:
    seen: list[int] = []

    def note(request: Request) -> None:
        if request.name == "ReqOrderInsert":
            seen.append(len(read_keys(desk.keys)[0]))

    def look(wire: StandinWire) -> None:
        wire.workers["trader"].watch = note

    desk.run(f"connect\nwait 20s\n{RESTING}", {10: look})
    assert seen == [1]


UNNAMED = {
    "an order step": 'buy open 3 rb2705 at bid - 5 ticks with (OrderRef = "")\nwait until quiet for 1s\n',
    "a request": """request ReqOrderInsert(
    BrokerID = "9999", InvestorID = "100001", UserID = "100001", InstrumentID = "rb2705", ExchangeID = "SHFE",
    OrderPriceType = "2", Direction = "0", CombOffsetFlag = "0", CombHedgeFlag = "1", VolumeTotalOriginal = 1,
    TimeCondition = "3", VolumeCondition = "1", MinVolume = 1, ContingentCondition = "1", ForceCloseReason = "0",
    LimitPrice = 3000)
wait until quiet for 1s
""",
}


@pytest.mark.parametrize("how", UNNAMED)
@pytest.mark.parametrize("end", ["", "disconnect\n"])
def test_an_order_without_a_reference_is_cancelled_by_the_one_that_ctp_gave_it(desk: Desk, how: str, end: str) -> None:
    result = desk.run(f"connect\nplace order as first\nexpect trade of first\n{UNNAMED[how]}{end}")
    assert result.verdict == "passed", result.reason
    assert desk.statuses() == ["0", "5"]
    assert not desk.keys.exists()


def test_one_that_was_refused_leaves_nothing_to_look_for(desk: Desk) -> None:
    refused = UNNAMED["a request"].replace('InstrumentID = "rb2705"', 'InstrumentID = "rb9999"')
    assert desk.run(f"connect\n{refused}").verdict == "passed"
    assert not desk.keys.exists()
    assert "ReqQryOrder" not in desk.sent


def test_orders_for_another_investor_are_asked_for_by_that_name(desk: Desk) -> None:
    def lose(wire: StandinWire) -> None:
        perform(wire.simulation, LoseRequest())

    text = 'connect\nwait 10s\nbuy open 1 rb2705 at bid with (InvestorID = "100002")\n'
    assert desk.run(text, {8: lose}).verdict == "passed"
    asked = [call for call in desk.wire.workers["trader"].calls if call.name == "ReqQryOrder"]
    assert {(call.fields or {})["InvestorID"] for call in asked} == {"100002"}
    assert [each.investor for each in read_keys(desk.keys)[0]] == ["100002"]


def test_an_order_that_the_front_does_not_list_is_kept_till_its_day_is_over(desk: Desk) -> None:
    def lose(wire: StandinWire) -> None:
        perform(wire.simulation, LoseRequest())

    result = desk.run("connect\nwait 10s\nplace order\n", {8: lose})
    assert result.verdict == "passed", result.reason
    assert "1 order is not known to the front by now" in repr(list(result.journal))
    (kept,) = read_keys(desk.keys)[0]
    desk.adopted = [kept]
    assert desk.run("connect\n").verdict == "passed"
    assert read_keys(desk.keys)[0] == [kept]
    desk.adopted = [evolve(kept, day="20200101")]
    assert desk.run("connect\n").verdict == "passed"
    assert not desk.keys.exists()


def test_one_that_was_given_up_for_lost_is_looked_for_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The front listed nothing when it was asked after the break, and has it at the end."""
    asked: list[int] = []
    ask = Session.ask

    def behind(session: Session, name: str, fields: Fields, now: int) -> Query:
        asked.append(now)
        return ask(session, name, {**fields, "InvestorID": "?"} if len(asked) == 1 else fields, now)

    monkeypatch.setattr(Session, "ask", behind)
    result = desk.run(
        "session trader private quick\nbuy open 1 rb2705 at bid - 5 ticks as entry\ndisconnect\nwait 5s\nreconnect\n"
    )
    assert result.verdict == "passed", result.reason
    assert "it has never arrived" in repr(list(result.journal))
    assert desk.statuses() == ["5"]


def test_one_that_is_listed_late_is_cancelled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries are answered by a part of the front that may be behind (BEHAVIOUR 1.3)."""
    asked: list[int] = []
    ask = Session.ask

    def behind(session: Session, name: str, fields: Fields, now: int) -> Query:
        asked.append(now)
        return ask(session, name, {**fields, "InvestorID": "?"} if len(asked) == 1 else fields, now)

    monkeypatch.setattr(Session, "ask", behind)
    assert desk.run(RESTING).verdict == "passed"
    assert (desk.statuses(), len(asked)) == (["5"], 2)
    assert not desk.keys.exists()


def test_what_an_order_released_is_cancelled_by_its_own_keys(desk: Desk) -> None:
    text = (
        "buy open 1 rb2705 at bid - 20 ticks when last >= 3000 as entry\nexpect entry is no_trade_queueing\n{}"
        "wait until quiet for 1s\n"
    )
    for step in ("cancel entry\nexpect entry is canceled\n", ""):
        assert desk.run(text.format(step)).verdict == "passed"
        (cancel,) = [call for call in desk.wire.workers["trader"].calls if call.name == "ReqOrderAction"]
        fields, (account,) = cancel.fields or {}, desk.simulation.core.accounts.values()
        released = account.by_sys_id["SHFE", fields["OrderSysID"]]
        assert (fields["FrontID"], fields["SessionID"], fields["OrderRef"]) == (0, 0, released.key[2])
        assert released.status == "5"


def test_what_cannot_be_cancelled_is_an_error_once_and_told_of_after_that(desk: Desk) -> None:
    def refuse(wire: StandinWire) -> None:
        for _ in range(2):  # by the session, and by the one that logs in anew
            perform(wire.simulation, RejectNext("cancel", "counter", 26))

    left = desk.run(f"{RESTING}wait 10s\n", {8: refuse})
    assert (left.verdict, "1 order may still be working" in left.reason) == ("error", True)
    desk.adopted = read_keys(desk.keys)[0]
    later = desk.run("connect\nwait 10s\n", {8: refuse})
    assert later.verdict == "passed", later.reason
    assert "1 order of an earlier run may still be working: rb2705" in repr(list(later.journal))
    assert [each.tried for each in read_keys(desk.keys)[0]] == [2]


def test_a_front_that_is_gone_is_no_error_of_the_runs_after_it(desk: Desk) -> None:
    def go(wire: StandinWire) -> None:
        wire.simulation.trading.go_down()

    assert desk.run(f"{RESTING}wait 20s\n", {15: go}).verdict == "error"
    desk.adopted = read_keys(desk.keys)[0]
    desk.simulation.trading.come_up()
    later = desk.run("connect\nwait 20s\n", {15: go})
    assert later.verdict == "passed", later.reason
    assert "the clean-up of the account failed: " in repr(list(later.journal))


@pytest.mark.parametrize("asked", ["instruments", "quote", "account", "orders", "margin_rate of rb2705"])
def test_every_query_can_be_sent(desk: Desk, asked: str) -> None:
    result = desk.run(f"connect\nquery {asked} as answer\n")
    assert result.verdict == "passed", result.reason


def test_a_query_that_could_not_be_sent_is_in_nobody_s_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Session.ask

    def wrong(session: Session, name: str, fields: Fields, now: int) -> Query:
        return ask(session, name, {"Nothing": 1} if name == "ReqQryTradingAccount" else fields, now)

    monkeypatch.setattr(Session, "ask", wrong)
    result = desk.run(f"after: query orders\n{RESTING}query account\n")
    assert (result.verdict, result.errors) == ("error", [])
    assert "has no field Nothing" in result.reason
    assert desk.statuses() == ["5"]


OF_AN_EARLIER_RUN = "connect\nrequire len(orders()) == 1\n"


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        ("cancel all", "passed"),
        ("cancel orders()", "passed"),
        ("cancel orders()[0]", "blocked"),
    ],
)
def test_an_order_of_an_earlier_run_stays_unless_that_was_said_otherwise(
    tmp_path: Path, step: str, verdict: str
) -> None:
    desk = Desk(tmp_path, LiveOptions(profile(), allow_orders=True, keep_orders=True))
    assert desk.run(RESTING).verdict == "passed"
    result = desk.run(f"{OF_AN_EARLIER_RUN}{step}\nwait until quiet for 1s\n")
    assert (result.verdict, desk.statuses()) == (verdict, ["3"]), result.reason
    desk.permit.options = evolve(desk.options, cancel_others=True)
    assert desk.run(f"{OF_AN_EARLIER_RUN}{step}\nwait until quiet for 1s\n").verdict == "passed"
    assert desk.statuses() == ["5"]


def test_a_list_of_orders_is_cancelled_as_far_as_it_is_the_run_s(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LiveOptions(profile(), allow_orders=True, keep_orders=True))
    desk.run(RESTING)
    result = desk.run(f"{OF_AN_EARLIER_RUN}{RESTING}cancel orders()\nexpect entry is canceled\n")
    assert (result.verdict, desk.statuses()) == ("passed", ["3", "5"]), result.reason
    assert "left alone, because this run did not send them: 1 of 2 orders" in repr(list(result.journal))


# ---------------------------------------------------------------------------------------------- whose fault it is


def test_a_closed_market_blocks_what_fails_by_it(desk: Desk) -> None:
    desk.simulation.set_phase("rb2705", "6")
    result = desk.run("buy open 1 rb2705 at 3000 as entry\nexpect trade of entry")
    assert result.verdict == "blocked"
    assert result.reason.startswith("the market is closed: 26")


def test_a_closed_market_blocks_what_fails_softly_by_it(desk: Desk) -> None:
    desk.simulation.set_phase("rb2705", "6")
    result = desk.run("buy open 1 rb2705 at 3000 as entry\nsoft expect trade of entry\n")
    assert (result.verdict, len(result.diagnostics)) == ("blocked", 1)
    assert result.reason.startswith("the market is closed: 26")


def test_a_front_that_is_gone_after_a_break_blocks_and_says_so(desk: Desk) -> None:
    def go(wire: StandinWire) -> None:
        wire.simulation.trading.go_down()
        wire.front_status = [REFUSED]

    result = desk.run("connect\nwait 10s\nreconnect within 5s\n", {5: go})
    assert result.verdict == "blocked"
    assert "trader could not be connected within 5 s: tcp://10.0.0.1:1 cannot be reached" in result.reason


def test_a_scenario_that_expects_a_closed_market_passes(desk: Desk) -> None:
    desk.simulation.set_phase("rb2705", "6")
    result = desk.run("buy open 1 rb2705 at 3000 as entry\nexpect rejection of entry by exchange 26")
    assert result.verdict == "passed", result.reason


def test_a_refusal_that_is_the_program_s_own_stays_a_failure(desk: Desk) -> None:
    result = desk.run("sell close 1 rb2705 at bid as exit\nexpect trade of exit")
    assert result.verdict == "failed"


@pytest.mark.parametrize(("code", "word"), [(7, "between two days"), (8, "maintenance"), (1, "synchronised")])
def test_a_front_that_is_not_ready_blocks_and_says_so_in_words(desk: Desk, code: int, word: str) -> None:
    perform(desk.wire.simulation, Refuse("ReqUserLogin", code, lasting=3600 * SECOND))
    result = desk.run("connect")
    assert result.verdict == "blocked"
    assert word in result.reason


def test_a_front_that_cannot_be_reached_blocks_and_its_relay_s_breaks_are_no_reports(desk: Desk) -> None:
    desk.simulation.trading.go_down()
    desk.wire.front_status = [REFUSED]
    result = desk.run("connect", {2: lambda wire: break_off(wire, 1), 3: lambda wire: break_off(wire, 1)})
    assert result.verdict == "blocked"
    assert "tcp://10.0.0.1:1 cannot be reached: Connection refused" in result.reason
    assert not callbacks(result, "OnFrontDisconnected")


def test_a_front_that_closes_before_the_handshake_is_the_wrong_version_or_address(desk: Desk) -> None:
    desk.simulation.trading.go_down()
    desk.wire.front_status = [ANSWERING]
    result = desk.run("connect", {2: lambda wire: break_off(wire, 1), 3: lambda wire: break_off(wire, 1)})
    assert result.verdict == "blocked"
    assert "2 times, 0x1001 = 4097" in result.reason
    assert "version or address" in result.reason
    assert len(callbacks(result, "OnFrontDisconnected")) == 2


def test_a_front_that_takes_the_connection_and_says_nothing_is_told_as_that(desk: Desk) -> None:
    desk.simulation.trading.go_down()
    desk.wire.front_status = [ANSWERING]
    result = desk.run("connect")
    assert "did not answer the handshake" in result.reason


def break_off(wire: StandinWire, api: int) -> None:
    wire.workers["trader"].deliver(Callback(api, "trader", wire.now, 0, "OnFrontDisconnected", {"nReason": 4097}))


def test_an_account_that_the_profile_lacks_blocks(desk: Desk) -> None:
    def nobody(account: str) -> Credentials:
        raise BadProfile(f"profile `desk` has no account `{account}`")

    desk.login = nobody
    result = desk.run("session alice account second\nconnect")
    assert (result.verdict, "no account `second`" in result.reason) == ("blocked", True)


def test_a_missing_secret_blocks(desk: Desk) -> None:
    def forgotten(_: str) -> Credentials:
        raise NoSecret("the password is said to be in $PW, which is not set")

    desk.login = forgotten
    result = desk.run("connect")
    assert (result.verdict, "$PW" in result.reason) == ("blocked", True)


# ---------------------------------------------------------------------------------------------------------- secrets


def test_the_journal_shows_no_secret_and_not_whose_account_it_is(desk: Desk) -> None:
    result = desk.run("buy open 1 rb2705 at ask as entry\nexpect trade of entry\nquery account")
    text = repr(list(result.journal))
    assert "OnRspUserLogin" in text
    for hidden in (PASSWORD, AUTH_CODE, "100001"):
        assert f"'{hidden}'" not in text
