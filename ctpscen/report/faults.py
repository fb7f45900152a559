"""Fault events in words: a table from the name of the record to what is said of its fields (`ctp.commands`)."""

from collections.abc import Callable, Mapping
from typing import Any

from ctpscen.ctp.times import spoken_duration

Event = Mapping[str, Any]


def fault_words(event: Event) -> str:
    """What a fault event says, in a few words."""
    return _WORDS[event["fault"]](event)


def _path(event: Event) -> str:
    """The path that a command is about."""
    path = "market path" if event["market"] else "path"
    return f"every {path}" if event["session"] is None else f"the {path} of {event['session']}"


def _one_path(event: Event) -> str:
    """The path to which something happened."""
    return f"the path of {event['session']}{' market' if event['market'] else ''}"


def _report(event: Event) -> str:
    return f"{event['report']} to {event['session']}{' market' if event['market'] else ''}"


def _lasting(event: Event) -> str:
    return "" if event.get("lasting") is None else f" for {spoken_duration(event['lasting'])}"


def _flap(event: Event) -> str:
    return f"{_path(event)} flaps every {spoken_duration(event['every'])}{_lasting(event)}"


def _latency(event: Event) -> str:
    jitter = f", jitter {spoken_duration(event['jitter'])}" if event["jitter"] else ""
    return f"latency {spoken_duration(event['latency'])}{jitter}"


def _reports(what: str) -> Callable[[Event], str]:
    """What will become of which reports, as the step says it."""

    def words(event: Event) -> str:
        count, by, to = event.get("count"), event.get("by"), event["to"]
        which = f"every {event['reports']}" if count is None else f"the next {count} {event['reports']}"
        whom = "" if to is None else f" to {to}"
        later = "" if by is None else f" by {spoken_duration(by)}"
        return f"will {what} {which}{whom}{later}{_lasting(event)}"

    return words


def _reject_next(event: Event) -> str:
    return f"the next {event['request']} will be refused by the {event['source']} with {event['code']}"


def _numbered(event: Event) -> str:
    return "" if event["number"] is None else f" {event['number']}"


def _refuse(event: Event) -> str:
    where = "" if event["where"] is None else f" in {event['where']}"
    since = " after each login" if event["after_login"] else ""
    return f"every {event['request']}{where} is refused with {event['code']}{_lasting(event)}{since}"


def _limit(event: Event) -> str:
    if event["limited"] == "failure":
        return f"at most {event['number']} failed logins of a machine in a day"
    limited = "queries" if event["limited"] == "query" else f"{event['limited']}s"
    return f"at most {event['number']} {limited} {'at a time' if event['limited'] == 'session' else 'each second'}"


def _outside_order(event: Event) -> str:
    return f"somebody {event['side']}s {event['volume']} {event['instrument']}; {event['met']} met orders"


def _fill(event: Event) -> str:
    return f"the order {event['order_ref'].strip()} trades {event['volume']} at {event['traded_at']:g}"


def _position(event: Event) -> str:
    return f"{event['account']} holds {event['holding']} {event['volume']} {event['instrument']}"


def _right(event: Event) -> str:
    what = "trade" if event["right"] == "all" else event["right"]
    return f"{what} {event['instrument'] or 'anything'}"


def _terms(event: Event) -> str:
    """The terms that a contract is listed with, where it has any of its own."""
    said = {
        "at least {} lots": event["least"],
        "at most {} lots": event["most"],
        "margin {:.2%}": event["margin"],
        "until {}": event["expires"],
    }
    found = [words.format(value) for words, value in said.items() if value is not None]
    return f", {', '.join(found)}" if found else ""


_WORDS: Mapping[str, Callable[[Event], str]] = {
    "Cut": lambda e: f"{_path(e)} is cut",
    "Silence": lambda e: f"{_path(e)} swallows everything",
    "Stall": lambda e: f"{_path(e)} stalls",
    "Heal": lambda e: f"{_path(e)} is healed",
    "Flap": _flap,
    "PathLatency": _latency,
    "Drop": _reports("drop"),
    "Delay": _reports("delay"),
    "Duplicate": _reports("duplicate"),
    "Reverse": _reports("reverse"),
    "Hold": _reports("hold"),
    "ReleaseReports": lambda e: f"{e['held']} held reports go on",
    "Fronts": lambda e: f"there are {e['count']} fronts",
    "FrontDown": lambda e: f"the front{_numbered(e)} is down",
    "FrontUp": lambda e: f"the front{_numbered(e)} is up",
    "Kick": lambda e: f"{e['session']} is kicked off the front",
    "LoseRequest": lambda _: "the next request will be lost",
    "ExchangeLatency": _latency,
    "RejectNext": _reject_next,
    "Refuse": _refuse,
    "Limit": _limit,
    "BehaveAs": lambda e: f"the venue behaves as {e['profile']} does",
    "SetClock": lambda _: "the clock is set",
    "Settle": lambda _: "the day ends, and is settled",
    "Quote": lambda e: f"a quote of {e['instrument']}",
    "OutsideOrder": _outside_order,
    "Fill": _fill,
    "CancelByExchange": lambda e: f"the exchange cancels the order {e['order_ref'].strip()}",
    "SetPhase": lambda e: f"{e['scope']} is in phase {e['phase']}",
    "Halt": lambda e: f"{e['instrument']} is halted",
    "Resume": lambda e: f"{e['instrument']} trades again",
    "Replay": lambda e: f"{e['quotes']} quotes of {e['file']} will be played",
    "ListInstrument": lambda e: f"{e['instrument']} is listed{_terms(e)}",
    "ListAll": lambda _: "everything is listed",
    "Unlist": lambda e: f"{e['instrument']} is not listed any more",
    "Still": lambda e: f"only the scenario moves {e['instrument'] or 'the market'}",
    "Walk": lambda e: f"the price of {e['instrument']} walks",
    "SetBalance": lambda e: f"{e['account']} has {e['amount']:,.2f}",
    "Deposit": lambda e: f"{e['amount']:,.2f} come into {e['account']}",
    "Withdraw": lambda e: f"{e['amount']:,.2f} go out of {e['account']}",
    "SetPosition": _position,
    "SetPasswordState": lambda e: f"the password of {e['account']} is {e['state'].replace('_', ' ')}",
    "Forbid": lambda e: f"{e['account']} may not {_right(e)}",
    "Allow": lambda e: f"{e['account']} may {_right(e)} again",
    "LimitPositions": lambda e: f"nobody may hold more than {e['most']} {e['instrument']}",
    "Surcharge": lambda e: f"{e['amount']:g} a lot are taken beside the fees",
    "Ban": lambda e: f"{e['session']} may not log in any more ({e['code']})",
    "ForgetConfirmation": lambda e: f"{e['account']} has not confirmed the settlement",
    "Admit": lambda e: f"{e['session']} may log in as {e['user']}",
    "EndFaults": lambda _: "all faults end",
    "Planned": lambda e: f"plan: {e['does']} at {e['boundary']}",
    "PathCut": lambda e: f"{_one_path(e)} is cut",
    "PathHealed": lambda e: f"{_one_path(e)} is healed",
    "ReportDropped": lambda e: f"{_report(e)} is dropped",
    "ReportDelayed": lambda e: f"{_report(e)} is delayed by {spoken_duration(e['by'])}",
    "ReportDuplicated": lambda e: f"{_report(e)} comes twice",
    "ReportHeld": lambda e: f"{_report(e)} is held",
    "ReportReversed": lambda e: f"{_report(e)} comes in reverse order",
    "RequestLost": lambda e: f"{e['request']} is lost",
}
