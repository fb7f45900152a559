"""Two journals with the numbers paired that CTP gives by chance: sessions, orders and trades.

The first session number of one journal stands for the first of the other, and so on, so that what differs then is
what happened, not what it was called.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Event = Mapping[str, Any]

_GROUPS: Mapping[str, str] = {
    "SessionID": "session",
    "OrderRef": "order",
    "MaxOrderRef": "order",
    "OrderSysID": "system order",
    "RelativeOrderSysID": "system order",
    "OrderLocalID": "local order",
    "OrderActionRef": "cancel",
    "ActionLocalID": "local cancel",
    "TradeID": "trade",
    "SequenceNo": "sequence",
    "BrokerOrderSeq": "broker order",
}
"""Fields that hold such numbers, by what they number."""

_NONE = (None, 0, "")


def paired(first: Sequence[Event], second: Sequence[Event]) -> list[Event]:
    """The second journal with the first one's numbers, as far as that has any.

    A number that has no counterpart stays what it is.
    """
    ours, theirs = _numbers(first), _numbers(second)
    by: dict[tuple[str, Any], Any] = {}
    for group, numbers in theirs.items():
        by |= {(group, number): own for number, own in zip(numbers, ours.get(group, []), strict=False)}
    return [_renamed(event, by) for event in second]


def _numbers(events: Sequence[Event]) -> dict[str, list[Any]]:
    """The numbers of each group in the order in which they first appear."""
    found: dict[str, dict[Any, None]] = {}
    for event in events:
        for group, number in _numbers_in(event):
            found.setdefault(group, {})[number] = None
    return {group: list(numbers) for group, numbers in found.items()}


def _numbers_in(event: Event) -> list[tuple[str, Any]]:
    fields = event.get("fields")
    if not isinstance(fields, Mapping):
        return []
    return [(group, fields[name]) for name, group in _GROUPS.items() if fields.get(name) not in _NONE]


def _renamed(event: Event, by: Mapping[tuple[str, Any], Any]) -> Event:
    if all(by.get(each, each[1]) == each[1] for each in _numbers_in(event)):
        return event
    fields = event["fields"]
    named = {name: by.get((group, fields[name]), fields[name]) for name, group in _GROUPS.items() if name in fields}
    return {**event, "fields": {**fields, **named}}
