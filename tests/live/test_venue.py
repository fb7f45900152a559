"""What the scenarios of a live run share: secrets fetched once, caps, and the orders that an earlier run left."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve

from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.environments.live_run import LiveRun
from ctpscen.language.meaning.program import Session
from ctpscen.live.care.keys import SentOrder, read_keys
from ctpscen.live.profile.profiles import Account, BadProfile, LiveOptions, Profile
from ctpscen.live.profile.secret import NoSecret, SecretPlace

ORDER = SentOrder("", (1, -624024875, "17"), "rb2705", "SHFE", "20261123")


Make = Callable[..., LiveRun]


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Make]:
    """Makes live runs, which let go of their accounts when the test is over."""
    made: list[LiveRun] = []

    def make(
        *, allow_orders: bool = True, keep_orders: bool = False, name: str = "desk", broker: str = "9999"
    ) -> LiveRun:
        allowed = options(allow_orders=allow_orders)
        profile = evolve(allowed.profile, name=name, broker=broker)
        made.append(LiveRun(evolve(allowed, keep_orders=keep_orders, profile=profile), tmp_path))
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


def left_by(made: LiveRun) -> Path:
    """The file of an order that a run left, whose process is still there."""
    keys = made.environment(Journal()).keys
    keys.add(ORDER)
    return keys.path


def test_the_keys_of_a_run_that_was_killed_are_taken_over(venue: Make) -> None:
    first = venue()
    path = left_by(first)
    first.close()
    environment = venue().environment(Journal())
    assert environment.keys.orders == [ORDER]
    assert not path.parent.exists()
    assert read_keys(environment.keys.path) == ([ORDER], False)


def test_a_run_is_over_when_it_is_not_when_its_number_is_free(venue: Make) -> None:
    """Another process may have the number of one that was killed; and nobody but that one held its lock."""
    first = venue()
    path = left_by(first)
    first.close()
    path.parent.rename(path.parent.with_name(f"20261123-093000-{os.getpid()}-0000"))
    assert venue().environment(Journal()).keys.orders == [ORDER]


def test_those_of_a_run_that_goes_on_are_left_alone(venue: Make) -> None:
    first = venue()
    path = left_by(first)
    assert venue().environment(Journal()).keys.orders == []
    assert path.exists()


def test_who_may_send_nothing_takes_over_nothing(venue: Make) -> None:
    first = venue()
    path = left_by(first)
    first.close()
    assert venue(allow_orders=False).environment(Journal()).keys.orders == []
    assert path.exists()


def test_orders_that_a_run_was_to_leave_are_not_taken_over(venue: Make) -> None:
    first = venue(keep_orders=True)
    path = left_by(first)
    first.close()
    assert venue().environment(Journal()).keys.orders == []
    assert path.exists()


def test_a_run_that_leaves_its_orders_takes_over_nothing(venue: Make) -> None:
    first = venue()
    path = left_by(first)
    first.close()
    assert venue(keep_orders=True).environment(Journal()).keys.orders == []
    assert path.exists()


@pytest.mark.parametrize("change", [{"name": "desk-test"}, {"name": "desk/../desk"}, {"broker": "8888"}])
def test_another_profile_has_keys_of_its_own(venue: Make, change: dict[str, str]) -> None:
    first = venue(**change)
    path = left_by(first)
    first.close()
    assert venue().environment(Journal()).keys.orders == []
    assert path.exists()


def test_what_was_left_a_week_ago_goes(venue: Make, tmp_path: Path) -> None:
    old, new = tmp_path / "live" / "old", tmp_path / "live" / "new"
    for each in (old, new):
        each.mkdir(parents=True)
    long_ago = time.time() - 8 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    venue().environment(Journal())
    assert (old.exists(), new.exists()) == (False, True)


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
