"""What an event of a journal must have, so that a file that was altered is told of instead of breaking a report.

The shapes are those of docs/schemas/journal.schema.json. Faults have the fields of their records in `ctp.commands`; one
of which no words can be made is none.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec

from ctpscen.engine.state.outcomes import Verdict
from ctpscen.report.faults import fault_words

Event = Mapping[str, Any]

# Microseconds since 1970 that fall into the years that dates can have, 1 to 9999; a journal without a run has 0.
Time = Annotated[int, msgspec.Meta(ge=-62_135_596_800_000_000, le=253_402_300_799_999_999)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Line = Annotated[int, msgspec.Meta(ge=1)]
ApiKind = Literal["trader", "market"]
Fields = dict[str, str | int | float | bool | list[str] | None] | None


class _Label(TypedDict):
    span: tuple[int, int]
    text: str


class _Diagnostic(TypedDict):
    code: str
    severity: Literal["error", "warning"]
    message: str
    file: str
    line: Line
    column: Line
    span: tuple[int, int]
    label: str
    others: list[_Label]
    notes: list[str]


class _Scenario(TypedDict):
    time: Time
    title: str
    file: str
    line: Line
    tags: list[str]
    sessions: Annotated[list[str], msgspec.Meta(min_length=1)]
    row: Count | None
    cells: dict[str, str]
    seed: int
    plan: str
    repetition: NotRequired[Count]
    live: NotRequired[Literal[True]]


class _Step(TypedDict):
    time: Time
    text: str
    actor: str
    depth: Count
    file: NotRequired[str]
    line: NotRequired[Line]
    implicit: NotRequired[bool]


class _End(TypedDict):
    time: Time
    waited: Count


class _Call(TypedDict):
    time: Time
    session: str
    api: ApiKind
    name: str
    fields: Fields
    request: int
    returned: int | str


class _Callback(TypedDict):
    time: Time
    session: str
    api: ApiKind
    name: str
    fields: Fields
    error: Fields
    request: int
    last: bool
    connection: Count
    replayed: bool
    number: NotRequired[Count]


class _Account(TypedDict):
    time: Time
    sessions: list[str]
    money: dict[str, float]
    held: dict[str, tuple[Count, Count, Count, Count]]


class _Fault(TypedDict):
    time: Time
    fault: str
    session: NotRequired[str | None]
    to: NotRequired[str | None]


class _Text(TypedDict):
    time: Time
    text: str


class _Said(_Text):
    session: str


class _Written(_Said):
    stream: str


class _Exit(TypedDict):
    time: Time
    session: str
    code: int | None
    signal: str | None
    killed: bool


class _Soft(TypedDict):
    time: Time
    reason: str


class _Verdict(TypedDict):
    time: Time
    verdict: Verdict
    reason: str
    elapsed: Count
    diagnostics: list[_Diagnostic]
    errors: NotRequired[list[str]]


_SHAPES: Mapping[str, Any] = {
    "scenario": _Scenario,
    "step": _Step,
    "end": _End,
    "call": _Call,
    "callback": _Callback,
    "account": _Account,
    "fault": _Fault,
    "note": _Text,
    "log": _Text,
    "line": _Written,
    "exit": _Exit,
    "hazard": _Said,
    "typed": _Said,
    "prompt": _Said,
    "soft": _Soft,
    "verdict": _Verdict,
}


def what_is_wrong(event: Event, sessions: list[str] | None) -> str:
    """Why this is no event of a journal with these sessions, None before its head; empty where it is one."""
    kind = event["event"]
    shape = _SHAPES.get(kind)
    if shape is None:
        return f"there is no event `{kind}`"
    if (kind == "scenario") != (sessions is None):
        return "the scenario comes first, and once"
    try:
        msgspec.convert(event, shape)
        if kind == "fault":
            fault_words(event)
    except msgspec.ValidationError as reason:
        return f"{kind}: {reason}"
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return f"{kind}: `{event['fault']}` does not have the fields of that fault"
    if sessions is not None and event.get("session", sessions[0]) not in (*sessions, None):
        return f"{kind}: there is no session `{event['session']}`"
    return ""
