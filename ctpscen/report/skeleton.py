"""A scenario of what a program under test did: each kind of request once, its orders, what became of them, its end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from ctpscen.ctp.codes import Direction, OrderSubmitStatus
from ctpscen.ctp.times import MINUTE, SECOND

Event = Mapping[str, Any]

MOST_ORDERS = 5
"""So many orders are told one by one."""

_LEAST_WAIT = 10 * SECOND
_CALLS = ("Req", "Subscribe", "UnSubscribe")
_OFTEN = frozenset({"SubscribePrivateTopic", "SubscribePublicTopic"})


def quoted(text: str) -> str:
    """A text as a scenario writes it."""
    for character, written in (("\\", "\\\\"), ('"', '\\"'), ("{", "{{"), ("}", "}}"), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(character, written)
    return f'"{text}"'


def skeleton(name: str, command: str, folder: str, events: Sequence[Event]) -> str:
    """The text of a scenario that passes for a program which does again what it did in a journal's events.

    `name` is the program's there; `command` and `folder` go into its item.
    """
    seen = _Seen(name)
    steps = [step for event in events for step in seen.steps(event)]
    named = [_without_idle_name(step, steps) for step in steps]
    body = "".join(f"        {step}\n" for step in ["start", *named])
    return (
        '"""What a program did when it was tried. Say here what it must do, and break what it relies on."""\n\n'
        f"program {name} {quoted(command)} in {quoted(folder)}\n\n"
        f'scenario "as it was tried" @program:\n    {name}:\n{body}'
    )


def _without_idle_name(step: str, steps: Sequence[str]) -> str:
    """A step without the name that it gives an order, where no other step is about that."""
    before, _, name = step.partition(" as ")
    return step if any(f" of {name} " in f"{each} " for each in steps if each is not step) else before


@define
class _Seen:
    """What has been told already. Orders are numbered from 1, and known by CTP's keys."""

    program: str
    _names: set[str] = field(factory=set)
    _orders: dict[tuple[Any, ...], int] = field(factory=dict)
    _systems: dict[tuple[Any, Any], int] = field(factory=dict)
    _refused: set[int] = field(factory=set)
    _canceled: set[int] = field(factory=set)
    _trades: set[tuple[Any, ...]] = field(factory=set)
    _login: tuple[int, int] = (0, 0)
    _time: int | None = None

    def steps(self, event: Event) -> Iterator[str]:
        """The steps that an event is worth."""
        if self._time is None:
            self._time = event["time"]
        if event.get("session") != self.program:
            return
        said = ""
        if event["event"] == "call" and event["returned"] == 0:
            said = self._call(event["name"], event["fields"] or {})
        elif event["event"] == "callback" and event["api"] == "trader":
            said = self._callback(event["name"], event["fields"] or {}, event["replayed"])
        elif event["event"] == "exit" and not event["killed"]:
            ended = f"signal == {quoted(event['signal'])}" if event["signal"] else f"code == {event['code']}"
            said = f"expect exit where {ended}"
        if said:
            yield f"{said} within {self._patience(event['time'])}{self._named(event)}"

    def _call(self, name: str, fields: Mapping[str, Any]) -> str:
        if name == "ReqOrderInsert":
            return self._insert(fields)
        if name == "ReqOrderAction":
            number = self._number(fields)
            if number is None or number in self._canceled:
                return ""
            self._canceled.add(number)
            return f"expect ReqOrderAction of order_{number}"
        if name in self._names or name in _OFTEN or not name.startswith(_CALLS):
            return ""
        self._names.add(name)
        return f"expect {name}"

    def _insert(self, fields: Mapping[str, Any]) -> str:
        if len(self._orders) == MOST_ORDERS:
            return ""
        self._orders[*self._login, str(fields.get("OrderRef", "")).strip()] = len(self._orders) + 1
        side = "Buy" if fields.get("Direction") == Direction.BUY else "Sell"
        wanted = [
            f"InstrumentID == {quoted(str(fields.get('InstrumentID', '')))}",
            f"direction == {side}",
            f"volume_total_original == {fields.get('VolumeTotalOriginal', 0)}",
        ]
        return f"expect ReqOrderInsert where {' and '.join(wanted)}"

    def _named(self, event: Event) -> str:
        is_insert = event["event"] == "call" and event["name"] == "ReqOrderInsert"
        return f" as order_{len(self._orders)}" if is_insert else ""

    def _callback(self, name: str, fields: Mapping[str, Any], replayed: bool) -> str:
        if name == "OnRspUserLogin" and "SessionID" in fields:
            self._login = fields.get("FrontID", 0), fields["SessionID"]
        if replayed:
            return ""
        if name == "OnRtnOrder":
            return self._order(fields)
        if name == "OnRtnTrade":
            key = fields.get("ExchangeID"), fields.get("TradeID"), fields.get("Direction")
            number = self._systems.get((fields.get("ExchangeID"), fields.get("OrderSysID")))
            if number is not None and key not in self._trades:
                self._trades.add(key)
                return f"expect trade of order_{number} where volume == {fields.get('Volume', 0)}"
        return ""

    def _order(self, fields: Mapping[str, Any]) -> str:
        """Learns the exchange's number of an order; tells that the exchange refused it."""
        number = self._number(fields)
        if number is None:
            return ""
        if fields.get("OrderSysID"):
            self._systems[fields.get("ExchangeID"), fields["OrderSysID"]] = number
        if fields.get("OrderSubmitStatus") != OrderSubmitStatus.INSERT_REJECTED or number in self._refused:
            return ""
        self._refused.add(number)
        return f"expect rejection of order_{number}"

    def _number(self, fields: Mapping[str, Any]) -> int | None:
        key = fields.get("FrontID", 0), fields.get("SessionID", 0), str(fields.get("OrderRef", "")).strip()
        return self._orders.get(key) or self._systems.get((fields.get("ExchangeID"), fields.get("OrderSysID")))

    def _patience(self, time: int) -> str:
        """Twice the time since what was told before, in whole minutes or ten seconds."""
        assert self._time is not None
        passed, self._time = time - self._time, time
        wanted = max(2 * passed, _LEAST_WAIT)
        if wanted > MINUTE:
            return f"{-(-wanted // MINUTE)}m"
        return f"{-(-wanted // (10 * SECOND)) * 10}s"
