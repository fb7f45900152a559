"""What the scenarios of a live run share: secrets fetched once, caps, and the orders that an earlier run left."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.environments.live_run import LiveVenue
from ctpscen.language.meaning.program import Session
from ctpscen.live.care.keys import KeyFile, SentOrder, read_keys
from ctpscen.live.care.locks import AccountInUse, AccountLocks
from ctpscen.live.profile.profiles import Account, BadProfile, LiveOptions, Profile
from ctpscen.live.profile.secret import NoSecret, SecretPlace

ORDER = SentOrder("", (1, -624024875, "17"), "rb2705", "SHFE", "20261123")


Make = Callable[..., LiveVenue]


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Make]:
    """Makes live runs, which let go of their accounts when the test is over."""
    made: list[LiveVenue] = []

    def make(*, allow_orders: bool = True) -> LiveVenue:
        made.append(LiveVenue(options(allow_orders=allow_orders), tmp_path))
        return made[-1]

    yield make
    for each in made:
        each.close()


def options(*, allow_orders: bool = True) -> LiveOptions:
    login = Account("", "100001", "100009", SecretPlace("env", "PW"))
    second = Account("second", "100002", "100002", SecretPlace("env", "PW2"))
    fronts = ("tcp://127.0.0.1:1",)
    code = SecretPlace("public", "0" * 16)
    profile = Profile("desk", "9999", login, fronts, fronts, "app", code, accounts={"second": second})
    return LiveOptions(profile, allow_orders)


def test_a_secret_is_fetched_once(venue: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "geheim")
    made = venue()
    assert made.credentials("").password.reveal() == "geheim"
    monkeypatch.delenv("PW")
    assert made.credentials("").password.reveal() == "geheim"


def test_a_named_account_has_its_own(venue: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW2", "anders")
    made = venue()
    second = made.credentials("second")
    assert (second.user, second.investor, second.password.reveal()) == ("100002", "100002", "anders")
    with pytest.raises(NoSecret):
        made.credentials("")
    with pytest.raises(BadProfile):
        made.credentials("third")


def test_users_and_investors_are_hidden_in_journals(venue: Make) -> None:
    journal = Journal()
    venue().environment(journal)
    assert journal.shown("100001 100002 100009 100003") == "••• ••• ••• 100003"


def dead_process() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def left_by(folder: Path, process: int) -> Path:
    path = folder / "orders" / f"desk-20261123-093000-{process}-1.jsonl"
    KeyFile(path).add(ORDER)
    return path


def test_keys_survive_the_run_that_wrote_them_and_half_a_line(tmp_path: Path) -> None:
    path = left_by(tmp_path, 1)
    with path.open("a") as stream:
        stream.write('{"account": "", "front": 1, "ses')
    assert list(read_keys(path)) == [ORDER]


def test_the_keys_of_a_run_that_was_killed_are_taken_over(venue: Make, tmp_path: Path) -> None:
    path = left_by(tmp_path, dead_process())
    environment = venue().environment(Journal())
    assert environment.keys.orders == [ORDER]
    assert not path.exists()
    assert list(read_keys(environment.keys.path)) == [ORDER]


def test_those_of_a_run_that_goes_on_are_left_alone(venue: Make, tmp_path: Path) -> None:
    path = left_by(tmp_path, os.getpid())
    assert venue().environment(Journal()).keys.orders == []
    assert path.exists()


def test_who_may_send_nothing_takes_over_nothing(venue: Make, tmp_path: Path) -> None:
    path = left_by(tmp_path, dead_process())
    assert venue(allow_orders=False).environment(Journal()).keys.orders == []
    assert path.exists()


def test_the_file_goes_with_the_last_order(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "orders" / "x.jsonl")
    keys.add(ORDER)
    keys.keep([ORDER])
    assert list(read_keys(keys.path)) == [ORDER]
    keys.keep([])
    assert not keys.path.exists()


def test_what_was_left_a_week_ago_goes(venue: Make, tmp_path: Path) -> None:
    old, new = tmp_path / "live" / "old", tmp_path / "live" / "new"
    for each in (old, new):
        each.mkdir(parents=True)
    long_ago = time.time() - 8 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    venue().environment(Journal())
    assert (old.exists(), new.exists()) == (False, True)


# ----------------------------------------------------------------------------------------------------- account locks

HOLDER = """
import sys
from pathlib import Path
from ctpscen.live.care.locks import AccountLocks
locks = AccountLocks(Path(sys.argv[1]))
locks.take("9999", "100001", "the account")
print("taken", flush=True)
sys.stdin.read()
"""


def test_an_account_is_one_run_s_at_a_time_and_free_when_that_dies(tmp_path: Path) -> None:
    locks = AccountLocks(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        with pytest.raises(AccountInUse, match=rf"profile `desk` is in use by another run \(process {other.pid}\)"):
            locks.take("9999", "100001", "profile `desk`")
        locks.take("9999", "100002", "account `second`")
        other.kill()
        other.wait()
    locks.take("9999", "100001", "profile `desk`")
    locks.take("9999", "100001", "profile `desk`")  # what it has, a run may take again
    locks.release()


def test_no_lock_says_whose_account_it_is(tmp_path: Path) -> None:
    locks = AccountLocks(tmp_path)
    locks.take("9999", "100001", "profile `desk`")
    (path,) = tmp_path.iterdir()
    assert "100001" not in path.name + path.read_text()
    locks.release()


def test_a_scenario_whose_account_is_in_use_is_blocked(venue: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "geheim")
    venue().credentials("")
    other = venue().environment(Journal())
    with pytest.raises(Blocked, match="in use by another run"):
        other.actor(Session("trader"), "", lambda: None)


def test_an_account_is_free_when_its_run_is_over(venue: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "geheim")
    first = venue()
    first.credentials("")
    first.close()
    assert venue().credentials("").user == "100001"
