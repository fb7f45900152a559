"""The records of commands and of what faults did: one class each, told apart by its name in a journal."""

import json
import subprocess
import sys
from collections.abc import Iterator

import attrs
import pytest
from support import ROOT
from support.faults import RECORDS

from ctpscen.ctp import commands
from ctpscen.ctp.commands.market import Quote, Replay
from ctpscen.ctp.commands.network import Cut, Stall
from ctpscen.ctp.commands.record import Record


def test_a_journal_tells_records_apart_by_the_names_of_their_classes() -> None:
    names = [kind.__name__ for kind in RECORDS]
    assert len(names) == len(set(names)) > 40


@pytest.mark.parametrize("kind", RECORDS)
def test_no_field_is_named_like_what_every_fault_event_has(kind: type[Record]) -> None:
    assert not {"event", "time", "fault", "text"} & {each.name for each in attrs.fields(kind) if each.repr}


def test_records_are_equal_where_class_and_fields_are() -> None:
    assert Cut(session="alice") == Cut(session="alice") != Cut(session="bob")
    assert Cut(session="alice") != Stall(session="alice")
    assert Replay("a.csv", "one") != Replay("a.csv", "two"), "also by what no journal keeps"
    assert len({Cut(), Cut(), Stall()}) == 2
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Cut().session = "bob"  # type: ignore[misc]


def test_what_is_kept_has_all_fields_but_the_text_of_a_file() -> None:
    assert Quote("rb2705", bid=(3150.0, 2)).kept() == {
        "instrument": "rb2705",
        "bid": (3150.0, 2),
        "ask": None,
        "last": None,
        "pre_settlement": None,
    }
    replay = Replay("ticks.csv", "InstrumentID,UpdateTime\n", speed=2)
    assert repr(replay) == "Replay(file='ticks.csv', speed=2, start=None)"


def asked_for(*names: str) -> Iterator[str]:
    """The families that are imported where only these were asked for."""
    lines = ("import json, sys", "from ctpscen.ctp import commands", *(f"commands.{name}" for name in names))
    show = "print(json.dumps([name.rpartition('.')[2] for name in sys.modules if name.startswith('ctpscen.ctp.comm')]))"
    ran = subprocess.run([sys.executable, "-c", "\n".join([*lines, show])], capture_output=True, cwd=ROOT, check=True)
    return (name for name in json.loads(ran.stdout) if name not in ("commands", "record"))


def test_a_family_is_imported_when_it_is_asked_for() -> None:
    assert list(asked_for()) == []
    assert list(asked_for("network.Cut", "network.Heal")) == ["network"]
    with pytest.raises(AttributeError, match="no attribute 'weather'"):
        commands.weather  # noqa: B018
