"""What the scenarios of a live run share: secrets fetched once, caps, and the orders that an earlier run left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctpscen.engine.journal import Journal
from ctpscen.live.profiles import Account, BadProfile, LiveOptions, Profile
from ctpscen.live.safety import KeyFile, SentOrder, read_keys
from ctpscen.live.secret import NoSecret, SecretPlace
from ctpscen.live.venue import LiveVenue

ORDER = SentOrder("", (1, -624024875, "17"), "rb2705", "SHFE", "20261123")


def venue(folder: Path, *, allow_orders: bool = True) -> LiveVenue:
    login = Account("", "100001", "100009", SecretPlace("env", "PW"))
    second = Account("second", "100002", "100002", SecretPlace("env", "PW2"))
    fronts = ("tcp://127.0.0.1:1",)
    code = SecretPlace("public", "0" * 16)
    profile = Profile("desk", "9999", login, fronts, fronts, "app", code, accounts={"second": second})
    return LiveVenue(LiveOptions(profile, allow_orders), folder)


def test_a_secret_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "geheim")
    made = venue(tmp_path)
    assert made.credentials("").password.reveal() == "geheim"
    monkeypatch.delenv("PW")
    assert made.credentials("").password.reveal() == "geheim"


def test_a_named_account_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW2", "anders")
    made = venue(tmp_path).credentials("second")
    assert (made.user, made.investor, made.password.reveal()) == ("100002", "100002", "anders")
    with pytest.raises(NoSecret):
        venue(tmp_path).credentials("")
    with pytest.raises(BadProfile):
        venue(tmp_path).credentials("third")


def test_users_and_investors_are_hidden_in_journals(tmp_path: Path) -> None:
    journal = Journal()
    venue(tmp_path).environment(journal)
    assert journal.hidden == {"100001", "100002", "100009"}


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


def test_the_keys_of_a_run_that_was_killed_are_taken_over(tmp_path: Path) -> None:
    path = left_by(tmp_path, dead_process())
    environment = venue(tmp_path).environment(Journal())
    assert environment.keys.orders == [ORDER]
    assert not path.exists()
    assert list(read_keys(environment.keys.path)) == [ORDER]


def test_those_of_a_run_that_goes_on_are_left_alone(tmp_path: Path) -> None:
    path = left_by(tmp_path, os.getpid())
    assert venue(tmp_path).environment(Journal()).keys.orders == []
    assert path.exists()


def test_who_may_send_nothing_takes_over_nothing(tmp_path: Path) -> None:
    path = left_by(tmp_path, dead_process())
    assert venue(tmp_path, allow_orders=False).environment(Journal()).keys.orders == []
    assert path.exists()


def test_the_file_goes_with_the_last_order(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "orders" / "x.jsonl")
    keys.add(ORDER)
    keys.keep([ORDER])
    assert list(read_keys(keys.path)) == [ORDER]
    keys.keep([])
    assert not keys.path.exists()
