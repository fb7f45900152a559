"""What care a live run takes: of logins that were refused, of orders in flight, of reports that are late, of caps."""

from itertools import pairwise
from pathlib import Path

import pytest
from support import command
from support.counter import SECOND, USER, Counter, counter
from support.standin import StandinWire

from ctpscen.ctp.commands.front import LoseRequest
from ctpscen.ctp.commands.refusals import Refuse
from ctpscen.ctp.messages import Callback
from ctpscen.live.profile.profiles import FILE
from ctpscen.report.journal import read_journal
from ctpscen.simulator.commands.perform import perform


def profile_with(*pairs: tuple[str, str]) -> None:
    path = Path(FILE)
    text = path.read_text(encoding="utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")


def requests(counter: Counter, name: str) -> list[dict[str, object]]:
    """The fields of all requests of a name that reached the library."""
    workers = [worker for wire in counter.wires for worker in wire.workers.values()]
    return [
        call.fields or {} for worker in workers for call in worker.calls if call.name == name and call.kind == "trader"
    ]


# ----------------------------------------------------------------------------------------------------------- logins

TWO = 'scenario "one":\n    connect\nscenario "two":\n    connect\n'


def test_a_wrong_password_is_tried_once_a_run(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "falsch-17")
    code, out, _ = counter.run(TWO)
    assert code == 4
    assert len(requests(counter, "ReqUserLogin")) == 1
    assert "was not sent again: in this run login was refused: 3" in out
    assert "several wrong ones lock the account (75)" in out


def test_a_wrong_auth_code_is_tried_once_a_run(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE", "falsch-17")
    _, out, _ = counter.run(TWO)
    assert len(requests(counter, "ReqAuthenticate")) == 1
    assert "app_id and auth_code do not fit" in out


def test_a_step_that_logs_in_by_itself_means_what_it_says(counter: Counter) -> None:
    step = 'connect front\n    authenticate\n    login password secret("NAMED")\n    expect login where code == 3\n'
    code, out, _ = counter.run(
        f'scenario "one":\n    {step}\nscenario "two":\n    {step}\nscenario "three":\n    connect\n'
    )
    assert code == 0, out
    assert len(requests(counter, "ReqUserLogin")) == 3


def test_a_front_in_maintenance_is_asked_again_after_ten_seconds(counter: Counter) -> None:
    """BEHAVIOUR 11, hazard 26: a hasty program gets its address banned."""

    def refuse(wire: StandinWire) -> None:
        perform(wire.simulation, Refuse("ReqUserLogin", 8, lasting=15_000_000))

    counter.meanwhile[0] = refuse
    code, out, _ = counter.run("connect within 60s\n", "--journal", "journals")
    assert code == 0, out
    (journal,) = Path("journals").iterdir()
    times = [each["time"] for each in read_journal(journal) if each.get("name") == "ReqUserLogin"]
    assert len(times) == 3
    assert all(later - earlier >= 10_000_000 for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    "step",
    [
        'connect front; authenticate; login password "123456"',
        'connect; change password from secret("NAMED") to "abc123"',
        'connect; request ReqUserPasswordUpdate(OldPassword = "123456", NewPassword = secret("NAMED"))',
    ],
)
def test_a_password_in_the_text_is_not_sent(counter: Counter, step: str) -> None:
    code, out, _ = counter.run(step + "\n", "--allow-orders")
    assert (code, "1 skipped" in out) == (0, True)
    assert "a password in the text is for simulated runs only" in out
    assert not [each for each in requests(counter, "ReqUserLogin") if each["Password"] == "123456"]
    assert "ReqUserPasswordUpdate" not in counter.sent


# --------------------------------------------------------------------------------------------------- orders in flight

IN_FLIGHT = """
session trader private {mode}
buy open 2 rb2705 at ask as entry
disconnect
wait 5s
check entry.status is none
reconnect
"""


def test_an_order_in_flight_is_found_by_the_repetition(counter: Counter) -> None:
    text = IN_FLIGHT.format(mode="resume") + "expect trades of entry total 2\ncheck entry is all_traded\n"
    code, out, _ = counter.run(text, "--allow-orders")
    assert code == 0, out
    assert len(requests(counter, "ReqOrderInsert")) == 1


def test_one_that_no_stream_repeats_is_found_by_a_query(counter: Counter) -> None:
    text = IN_FLIGHT.format(mode="quick") + "expect no trade of entry\ncheck entry is all_traded\n"
    code, out, _ = counter.run(text, "--allow-orders")
    assert code == 0, out
    assert "in flight at the break, was found by a query" in out
    assert len(requests(counter, "ReqOrderInsert")) == 1


def test_one_that_never_arrived_is_over_and_is_not_sent_again(counter: Counter) -> None:
    text = "connect\nwait 10s\n" + IN_FLIGHT.format(mode="resume").replace("session trader private resume\n", "")

    def lose(wire: StandinWire) -> None:
        perform(wire.simulation, LoseRequest())

    counter.meanwhile[8] = lose
    code, out, _ = counter.run(text + "check entry.is_final\n", "--allow-orders")
    assert code == 0, out
    assert "is not known to the front: it has never arrived" in out
    assert len(requests(counter, "ReqOrderInsert")) == 1


def test_quotes_that_never_end_keep_nobody_waiting(counter: Counter) -> None:
    def quote(wire: StandinWire) -> None:
        fields = {"InstrumentID": "rb2705", "LastPrice": 3150.0, "AskPrice1": 3151.0, "BidPrice1": 3149.0}
        wire.workers["trader"].deliver(Callback(2, "market", wire.now, 0, "OnRtnDepthMarketData", fields))
        wire.simulation.world.at(wire.now + 100_000, quote, wire)

    counter.meanwhile[2] = quote
    text = IN_FLIGHT.format(mode="quick").replace("buy open", "subscribe rb2705\nbuy open") + "check now() < 09:30:20\n"
    code, out, _ = counter.run(text, "--allow-orders")
    assert code == 0, out
    assert "was found by a query" in out


def test_late_reports_count_before_the_verdict(counter: Counter) -> None:
    text = "connect\nnever trade\nplace order as entry\n"
    code, out, _ = counter.run(text, "--allow-orders")
    assert code == 1, out
    assert "never trade" in out


# ----------------------------------------------------------------------------------------------------- who and how much


def test_a_profile_has_several_accounts(counter: Counter) -> None:
    text = (
        "session alice\nsession bob account second\n"
        "alice: sell open 1 rb2705 at last as offer\nbob: buy open 1 rb2705 at last as bid_order\n"
        "alice: expect trade of offer\nbob: expect trade of bid_order\n"
    )
    code, out, _ = counter.run(text, "--allow-orders")
    assert code == 0, out
    assert [each["UserID"] for each in requests(counter, "ReqUserLogin")] == [USER, SECOND]


def test_an_account_on_the_command_line_is_that_of_sessions_that_name_none(counter: Counter) -> None:
    assert counter.run("connect\n", "--account", "second")[0] == 0
    assert [each["UserID"] for each in requests(counter, "ReqUserLogin")] == [SECOND]


def test_the_cap_of_a_run_counts_over_its_scenarios(counter: Counter) -> None:
    profile_with(('user = "880017"\n', 'user = "880017"\nmax_order_volume = 2\nmax_run_volume = 3\n'))
    step = "    buy open 2 rb2705 at ask as entry\n    expect trades of entry total 2\n"
    code, out, _ = counter.run(f'scenario "one":\n{step}scenario "two":\n{step}', "--allow-orders")
    assert code == 4
    assert "with the 2 lots before, profile `desk` allows 3 a run (max_run_volume)" in out
    assert len(requests(counter, "ReqOrderInsert")) == 1


def test_the_cap_of_a_run_counts_what_is_tried_again(counter: Counter) -> None:
    profile_with(('user = "880017"\n', 'user = "880017"\nmax_run_volume = 2\n'))
    code, out, _ = counter.run(
        "place order as entry\nexpect trade of entry\ncheck 1 == 2\n", "--allow-orders", "--retry", "9"
    )
    assert code == 4, out
    assert len(requests(counter, "ReqOrderInsert")) == 2


# ----------------------------------------------------------------------------------------------------------- contracts


@pytest.mark.parametrize(
    ("text", "instrument"),
    [
        ("buy open 1 (dominant(rb)) at ask as entry\nexpect trade of entry\n", "rb2701"),
        ("let chosen = month(rb, 6)\nbuy open 1 chosen at ask as entry\nexpect trade of entry\n", "rb2705"),
    ],
)
def test_a_contract_is_named_by_its_product(counter: Counter, text: str, instrument: str) -> None:
    counter.simulation.list_instruments(["rb2701", "rb2705"])
    code, out, _ = counter.run(text, "--allow-orders")
    assert code == 0, out
    (order,) = requests(counter, "ReqOrderInsert")
    assert order["InstrumentID"] == instrument


# --------------------------------------------------------------------------------------------------------- dry running

NO_CONNECTION = """
import sys

def refuse(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.posix_spawn")):
        raise RuntimeError(f"a dry run did {event}")

sys.addaudithook(refuse)
from ctpscen.cli import main
sys.exit(main(["run", "test.scn", "--live", "desk", "--allow-orders", "--dry-run"]))
"""


def test_a_dry_run_opens_no_socket_and_starts_no_process(counter: Counter) -> None:
    import subprocess
    import sys

    Path("test.scn").write_text("place order as entry\nexpect trade of entry\n")
    ran = subprocess.run([sys.executable, "-c", NO_CONNECTION], capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "place order as entry" in ran.stdout
    assert counter.wires == []


@pytest.mark.usefixtures("counter")
def test_a_dry_run_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PW")
    Path("test.scn").write_text("place order\n")
    assert command("run", "test.scn", "--live", "desk", "--dry-run")[0] == 0


__all__ = ["counter"]
