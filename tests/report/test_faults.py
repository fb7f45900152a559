"""Faults in a journal: their fields, which keep to the schema, and the words that are made of these."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support import ROOT, compare, events, passes, simulate
from support.faults import EFFECTS, RECORDS, kept_names

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.engine.unit import Unit
from ctpscen.report import faults
from ctpscen.report.faults import fault_words

TICKS = "InstrumentID,UpdateTime,LastPrice\nrb2705,09:31:00,3151\nrb2705,09:32:00,3152\n"

# Between them these have every command, and everything that a fault does.
TEXTS = {
    "the accounts and the market": """
        venue:
            clock 2026-11-23 09:30
            balance trader 100000
            deposit trader 1234.5
            withdraw trader 10
            position trader long 2 rb2705 yesterday at 3100
            profile production
            quote rb2705 bid 3150 x 2 ask 3151 x 3 last 3150 pre_settlement 3140
            quote rb2710 bid 3150 x 2
            phase SHFE break
            phase rb2705 continuous
            halt rb2705
            resume rb2705
            list rb2713
            list m2705 least 2 most 20 margin 12% expires 2026-12-01
            list all
            unlist m2707
            still rb2710
            still
            walk rb2710 volatility 5% seed 7 for 10m
            replay "ticks.csv" from 09:31 speed 2
            password trader first_login
            unconfirmed trader
            forbid trader open rb2705
            forbid trader all
            allow trader all
            most rb2705 20
            surcharge 0.005
            ban trader
            ban trader by 144
        wait 1s
    """,
    "orders, and the end of the day": """
        buy open 3 rb2705 at 3100 as entry
        expect order of entry
        venue:
            fill entry 1
            fill entry 1 at 3099
            cancel entry
            sell 4 rb2705 at 3150
            settle
    """,
    "refusals": """
        connect
        venue:
            refuse login by 8 for 45s
            refuse authentication by 4043, "not today"
            refuse queries by 90 for 3s after login
            refuse ReqOrderInsert in CZCE by 21
            limit failures 3
            fronts 3
            down front 3
            up front 3
            limit queries 2 per second
            limit sessions 2
            reject next order by counter 31
            reject next cancel by exchange 26, "not now"
        wait 1s
    """,
    "the network": """
        network:
            latency 20ms jitter 5ms
            latency 20ms
            stall
            heal
            cut
            heal
            flap every 5s for 12s
        connect
        wait 30s
        disconnect market
        reconnect
        disconnect silently
    """,
    "a program's login": """
        program robot "true"
        venue: admit robot user "60010086" password "a secret"
        wait 1s
    """,
    "the front": """
        connect
        venue: lose next request
        place order as lost
        wait 1s
        venue:
            latency 100ms
            kick trader
            down
            up
    """,
    "reports": """
        connect
        venue:
            drop next 1 trade
            delay next 2 orders 3s for 1m to trader
            duplicate next 1 order
            reverse next 2 reports
            hold OnRtnTrade
        place order as first
        place order as second
        wait 10s
        venue: release OnRtnTrade
    """,
}


def seen(text: str) -> list[dict[str, Any]]:
    """The faults of a run."""
    lines = [line.removeprefix("        ") for line in text.strip("\n").splitlines()]
    return events(passes("\n".join(lines) + "\n"), "fault")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("ticks")
    (folder / "ticks.csv").write_text(TICKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = {title: seen(text) for title, text in TEXTS.items()}
    cut = simulate(Unit("a.scn", "connect\n", "a", plan=read_plan("trader/ReqAuthenticate/1:lose")))
    return {**found, "a plan": events(cut, "fault")}


def test_everything_that_can_be_done_is_said_in_words(
    everything: dict[str, list[dict[str, Any]]], request: pytest.FixtureRequest
) -> None:
    lines = []
    for title, found in everything.items():
        lines += [f"{title}:", *(f"  {event['fault']}: {fault_words(event)}" for event in found)]
    compare(ROOT / "tests" / "report" / "golden" / "faults.txt", "\n".join(lines) + "\n", request)
    there = {event["fault"] for found in everything.values() for event in found}
    assert there == {kind.__name__ for kind in RECORDS} == set(faults._WORDS)


def test_every_fault_keeps_to_the_schema(everything: dict[str, list[dict[str, Any]]]) -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / "journal.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    for found in everything.values():
        for event in found:
            validator.validate(json.loads(json.dumps(event)))
    told = {row["properties"]["fault"]["const"]: row for row in schema["$defs"]["fault"]["oneOf"]}
    assert list(told) == [kind.__name__ for kind in RECORDS]
    for kind in RECORDS:
        row = told[kind.__name__]
        assert row["required"] == list(row["properties"])
        assert row["required"][1 : 1 + len(kept_names(kind))] == kept_names(kind)
        assert kind not in EFFECTS or len(row["required"]) == 1 + len(kept_names(kind))
