"""Fault plans as texts, and which fault fits which message."""

import pytest

from ctpscen.ctp.commands.plan import FAULTS, BadPlan, Boundary, PlannedFault, fits, plan_text, read_plan


def test_a_plan_is_its_text() -> None:
    text = "robot/OnRtnTrade/2:cut robot/ReqQryOrder/1:refuse"
    plan = read_plan(text)
    assert plan == (
        PlannedFault(Boundary("robot", "OnRtnTrade", 2), "cut"),
        PlannedFault(Boundary("robot", "ReqQryOrder", 1), "refuse"),
    )
    assert plan_text(plan) == text
    assert read_plan("  ") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("robot/OnRtnTrade:cut", "is no part of a plan; write ACTOR/NAME/COUNT:FAULT"),
        ("robot/OnRtnTrade/0:cut", "is no part of a plan"),
        ("cut", "is no part of a plan"),
        ("robot/OnRtnTrade/1:cutt", "there is no fault `cutt`"),
        ("robot/OnRtnTrade/1:refuse", "`refuse` does nothing to OnRtnTrade; what fits it: cut, stall"),
        ("robot/OnRtnTrade/1:cut robot/OnRtnTrade/1:swap", "two faults at robot/OnRtnTrade/1"),
    ],
)
def test_what_is_no_plan_is_told(text: str, said: str) -> None:
    with pytest.raises(BadPlan) as told:
        read_plan(text)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("ReqOrderInsert", "cut stall stall25s lose refuse kill"),
        ("ReqSettlementInfoConfirm", "cut stall stall25s lose kill"),
        ("ReqQryTrade", "cut stall stall25s lose refuse kill"),
        ("OnRtnTrade", "cut stall stall25s lose duplicate swap kill"),
        ("OnRtnInstrumentStatus", "cut stall stall25s duplicate swap kill"),
        ("OnRspUserLogin", "cut stall stall25s kill"),
        ("start", "kill"),
        ("end", ""),
    ],
)
def test_a_fault_fits_what_it_can_be_done_to(name: str, fitting: str) -> None:
    assert [fault for fault in FAULTS if fits(fault, name)] == fitting.split()
