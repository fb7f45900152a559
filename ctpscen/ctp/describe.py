"""A callback in a few words, for people: its name, and the fields that tell it from others.

The words are a table: a further callback that deserves more than its name is a row.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ctpscen.ctp.codes import Direction, has_value
from ctpscen.ctp.messages import Fields, is_secret
from ctpscen.ctp.schema import api, constants
from ctpscen.ctp.schema.records import Field, Record, record


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _constant(type_name: str, value: str) -> str:
    return constants.name_of(type_name, value) or value


def _side(fields: Fields) -> str:
    return {Direction.BUY: "buy", Direction.SELL: "sell"}.get(fields.get("Direction", ""), "")


def _order(fields: Fields) -> str:
    volume = f"{fields.get('VolumeTraded', 0)}/{fields.get('VolumeTotalOriginal', 0)}"
    status = _constant("OrderStatus", fields.get("OrderStatus", ""))
    parts = [f"#{fields.get('OrderRef', '').strip()}", fields.get("InstrumentID", ""), _side(fields), volume, status]
    sys_id = fields.get("OrderSysID", "").strip()
    parts.append(f"sys {sys_id}" if sys_id else "")
    return " ".join(part for part in [*parts, fields.get("StatusMsg", "")] if part)


def _trade(fields: Fields) -> str:
    volume, price = fields.get("Volume", 0), _number(fields.get("Price", 0.0))
    return f"#{fields.get('OrderRef', '').strip()} {fields.get('InstrumentID', '')} {_side(fields)} {volume} at {price}"


def describe_input_order(fields: Fields) -> str:
    volume, price = fields.get("VolumeTotalOriginal", 0), _number(fields.get("LimitPrice", 0.0))
    return f"#{fields.get('OrderRef', '').strip()} {fields.get('InstrumentID', '')} {_side(fields)} {volume} at {price}"


def _error_conditional_order(fields: Fields) -> str:
    return f"{describe_input_order(fields)} {fields.get('ErrorID', 0)} {fields.get('ErrorMsg', '')}".rstrip()


def describe_action(fields: Fields) -> str:
    return f"#{fields.get('OrderRef', '').strip()} {fields.get('InstrumentID', '')}"


def _declaration(kind: str) -> Callable[[Fields], str]:
    """Of an exercise or a self-close: its number, lots, and how far it has come."""

    def describe(fields: Fields) -> str:
        reference, sys_id = (fields.get(f"{kind}{name}", "").strip() for name in ("Ref", "SysID"))
        parts = [
            f"#{reference}" if reference else "",
            fields.get("InstrumentID", ""),
            _constant("ActionType", fields.get("ActionType", "")),
            _constant("OptSelfCloseFlag", fields.get("OptSelfCloseFlag", "")),
            str(fields.get("Volume", 0)),
            _constant("OrderSubmitStatus", fields.get("OrderSubmitStatus", "")),
            _constant("ExecResult", fields.get("ExecResult", "")),
            f"sys {sys_id}" if sys_id else "",
            fields.get("StatusMsg", ""),
        ]
        return " ".join(part for part in parts if part)

    return describe


def _declared(*kinds: str) -> Mapping[str, Callable[[Fields], str]]:
    """All that is told of declarations of these kinds."""
    names = ("OnRtn{}", "OnRsp{}Insert", "OnErrRtn{}Insert", "OnRspQry{}")
    return {name.format(kind): _declaration(kind) for kind in kinds for name in names}


def _transfer(fields: Fields) -> str:
    """Of a transfer: the amount, what became of it, and what the bank said."""
    parts = [
        _number(fields.get("TradeAmount", 0.0)),
        _constant("TransferStatus", fields.get("TransferStatus", "")),
        f"{fields['ErrorID']} {fields.get('ErrorMsg', '')}" if fields.get("ErrorID") else "",
    ]
    return " ".join(part for part in parts if part)


def _inquiry(fields: Fields) -> str:
    return f"{fields.get('InstrumentID', '')} {fields.get('ForQuoteSysID', '').strip()}".rstrip()


def _quote(fields: Fields) -> str:
    def price(name: str) -> str:
        value = fields.get(name, 0.0)
        return _number(value) if has_value(value) else "–"

    return f"{fields.get('InstrumentID', '')} {price('BidPrice1')} / {price('AskPrice1')}, last {price('LastPrice')}"


def _phase(fields: Fields) -> str:
    return f"{fields.get('InstrumentID', '')} {_constant('InstrumentStatus', fields.get('InstrumentStatus', ''))}"


def _login(fields: Fields) -> str:
    return f"FrontID {fields.get('FrontID', 0)}, SessionID {fields.get('SessionID', 0)}"


DESCRIPTIONS: Mapping[str, Callable[[Fields], str]] = {
    "OnRtnOrder": _order,
    "OnRtnTrade": _trade,
    "OnRspOrderInsert": describe_input_order,
    "OnErrRtnOrderInsert": describe_input_order,
    "OnRtnErrorConditionalOrder": _error_conditional_order,
    "OnRspOrderAction": describe_action,
    "OnErrRtnOrderAction": describe_action,
    **_declared("ExecOrder", "OptionSelfClose"),
    **dict.fromkeys(
        (
            *("OnRtnFromBankToFutureByFuture", "OnRspFromBankToFutureByFuture", "OnErrRtnBankToFutureByFuture"),
            *("OnRtnFromFutureToBankByFuture", "OnRspFromFutureToBankByFuture", "OnErrRtnFutureToBankByFuture"),
        ),
        _transfer,
    ),
    "OnRtnForQuoteRsp": _inquiry,
    "OnRspForQuoteInsert": _inquiry,
    "OnErrRtnForQuoteInsert": _inquiry,
    "OnRtnDepthMarketData": _quote,
    "OnRtnInstrumentStatus": _phase,
    "OnRspUserLogin": _login,
    "OnFrontDisconnected": lambda fields: f"reason 0x{fields.get('nReason', 0):04X}",
    "OnHeartBeatWarning": lambda fields: f"{fields.get('nTimeLapse', 0)} s without a message",
}


# Whose a record is, and what every record of a kind has alike.
_UNSAID = frozenset("BrokerID InvestorID UserID AccountID CurrencyID SettlementID reserve1 reserve2".split())


def describe_record(name: str, fields: Mapping[str, Any]) -> str:
    """A record with its fields, but for those that are at their default, secret, or the same in all of them."""
    schema = record(name).fields
    shown = [
        f"{field.name} {_value(field, fields[field.name])}"
        for field in schema.values()
        if fields.get(field.name, field.default) != field.default
        and field.name not in _UNSAID
        and not is_secret(field.name)
    ]
    return f"{name}({', '.join(shown)})"


def _value(field: Field, value: Any) -> str:
    if field.is_text:
        return _constant(field.type, str(value).strip())
    return _number(value) if has_value(value) else "–"


def record_of(name: str) -> Record | None:
    """The record that a function or a callback of either API takes or passes."""
    if name.startswith("On"):
        shape = api.callback(name)
        found = shape.record if shape else None
    else:
        found = api.requests("trader").get(name) or api.requests("market").get(name)
    return record(found) if found else None


def describe_value(name: str, field_name: str, value: Any) -> str:
    """The value of a field of what a function passes, with the name of the constant that it is."""
    if not isinstance(value, str):
        return repr(value) if has_value(value) else "none (DBL_MAX)"
    schema = record_of(name)
    field = schema.fields.get(field_name) if schema else None
    constant = constants.name_of(field.type, value) if field else None
    return f"{value!r}  {constant}" if constant else repr(value)


def describe_callback(name: str, fields: Fields | None, error: Mapping[str, Any] | None) -> str:
    """A callback in a few words."""
    words = [name]
    if name in DESCRIPTIONS and fields is not None:
        words.append(DESCRIPTIONS[name](fields))
    if error and error.get("ErrorID"):
        words.append(f"{error['ErrorID']} {error.get('ErrorMsg', '')}".rstrip())
    return " ".join(words)
