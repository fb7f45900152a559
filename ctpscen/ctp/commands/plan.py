"""Fault plans: which fault strikes which message of a run.

A *boundary* is a message on its way, a request to the front or a report to an actor, named by what it is: the second
OnRtnTrade that reaches `robot` is `robot/OnRtnTrade/2`. A plan is a text, `robot/OnRtnTrade/2:cut
robot/ReqQryOrder/1:refuse`, which says all that there is to say of what was done to a run from outside.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeGuard, get_args

from attrs import frozen

from ctpscen.ctp.codes import is_query
from ctpscen.ctp.times import SECOND

Fault = Literal["cut", "stall", "stall25s", "lose", "duplicate", "swap", "refuse", "kill"]
"""What can be done to a message.

`cut`: the path is cut before it passes, and healed after 5 s. `stall`: nothing passes on the connection for 5 s, or
25 s. `lose`: it never arrives. `duplicate`: it arrives twice. `swap`: it arrives after the next one. `refuse`: the
front refuses the request. `kill`: the program is killed, and started again after 5 s.
"""

FAULTS: tuple[Fault, ...] = get_args(Fault)

CUT_LASTS = KILL_LASTS = SWAP_LASTS = 5 * SECOND
STALL_LASTS: Mapping[Fault, int] = {"stall": 5 * SECOND, "stall25s": 25 * SECOND}

PRIVATE = frozenset(
    ["OnRtnOrder", "OnRtnTrade", "OnErrRtnOrderInsert", "OnErrRtnOrderAction", "OnRtnErrorConditionalOrder"]
)
STREAMED = PRIVATE | {"OnRtnInstrumentStatus", "OnRtnBulletin", "OnRtnTradingNotice"}
"""What comes by the private or the public stream, and is no answer."""

START, END = "start", "end"
"""The boundaries at which a program is started and ends."""

REFUSALS: Mapping[str, int] = {"ReqUserLogin": 7, "ReqOrderInsert": 116, "ReqOrderAction": 116}
QUERY_REFUSED = 90

_BOUNDARY = re.compile(r"(?P<actor>[^/:\s]+)/(?P<name>\w+)/(?P<count>[1-9]\d*)")


@frozen(order=True)
class Boundary:
    """One message of a run. `count` counts those of its actor and name from 1."""

    actor: str
    name: str
    count: int

    def __str__(self) -> str:
        return f"{self.actor}/{self.name}/{self.count}"


@frozen
class PlannedFault:
    boundary: Boundary
    fault: Fault

    def __str__(self) -> str:
        return f"{self.boundary}:{self.fault}"


Plan = tuple[PlannedFault, ...]


class BadPlan(ValueError):
    """A text that is no plan; it says what is wrong with which part."""


def plan_text(plan: Iterable[PlannedFault]) -> str:
    return " ".join(map(str, plan))


def read_plan(text: str) -> Plan:
    """The plan that a text says. Raises BadPlan."""
    plan = tuple(_read_part(part) for part in text.split())
    seen = set[Boundary]()
    for each in plan:
        if each.boundary in seen:
            raise BadPlan(f"two faults at {each.boundary}; a message meets one")
        seen.add(each.boundary)
    return plan


def _read_part(part: str) -> PlannedFault:
    where, _, fault = part.rpartition(":")
    found = _BOUNDARY.fullmatch(where)
    if found is None:
        raise BadPlan(f"`{part}` is no part of a plan; write ACTOR/NAME/COUNT:FAULT, such as robot/OnRtnTrade/2:cut")
    if not _is_fault(fault):
        raise BadPlan(f"there is no fault `{fault}` (in `{part}`); there are {', '.join(FAULTS)}")
    boundary = Boundary(found["actor"], found["name"], int(found["count"]))
    if not fits(fault, boundary.name):
        fitting = [each for each in FAULTS if fits(each, boundary.name)]
        raise BadPlan(f"`{fault}` does nothing to {boundary.name}; what fits it: {', '.join(fitting)}")
    return PlannedFault(boundary, fault)


def _is_fault(word: str) -> TypeGuard[Fault]:
    return word in FAULTS


def fits(fault: Fault, name: str) -> bool:
    """Whether a fault can be done to a message of this name. `kill` fits any message, where it is a program's."""
    if name in (START, END):
        return fault == "kill" and name == START
    is_request = not name.startswith("On")
    if fault in ("duplicate", "swap"):
        return name in STREAMED
    if fault == "lose":
        return is_request or name in PRIVATE
    if fault == "refuse":
        return is_request and (name in REFUSALS or is_query(name))
    return True
