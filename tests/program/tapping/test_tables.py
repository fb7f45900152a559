"""What the tap is told: every version fits it, and what it tells can be read."""

import struct

import pytest

from ctpscen.ctp.messages import Callback
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.versions import tables, versions
from ctpscen.program.serving.layouts import layout
from ctpscen.program.tapping.tables import Passage, Rules, tap_table

RULES = Rules(
    lambda name: Passage.IS_COUNTED if "Insert" in name else Passage.PASSES, ("AskVolume", "BidVolume"), ("me",)
)
HEAD, METHOD, SECRET = struct.Struct("=6I"), struct.Struct("=9I"), struct.Struct("=2I")


@pytest.mark.parametrize("kind", ["trader", "market"])
@pytest.mark.parametrize("version", versions())
def test_every_version_fits(version: str, kind: ApiKind) -> None:
    table = tap_table(version, kind, 7, RULES, ["events", "limits"], ["tcp://127.0.0.1:41205"])
    interface = tables(version).trader if kind == "trader" else tables(version).market
    api, methods, callbacks, secrets, fronts, users = HEAD.unpack_from(table)
    assert (api, methods, callbacks) == (7, len(interface.functions), len(interface.callbacks))
    assert (fronts, users) == (1, 1)
    end = HEAD.size + methods * METHOD.size + callbacks * 24 + secrets * SECRET.size
    assert table[end:].split(b"\0") == [b"events", b"limits", b"tcp://127.0.0.1:41205", b"me", b""]


def test_a_slot_says_where_lots_users_and_secrets_are() -> None:
    found = tables("6.7.11")
    table = tap_table("6.7.11", "trader", 1, RULES, ["e", "l"], [])

    def row(name: str) -> tuple[int, ...]:
        return METHOD.unpack_from(table, HEAD.size + METHOD.size * found.trader.function(name).slot)

    quote, login = found.record("InputQuote").fields, found.record("ReqUserLogin").fields
    assert row("ReqQuoteInsert")[2:5] == (
        Passage.IS_COUNTED,
        quote["AskVolume"].offset,
        quote["BidVolume"].offset,
    )
    *_, user, size, first, count = row("ReqUserLogin")
    assert (user, size) == (login["UserID"].offset, 16)
    at = HEAD.size + METHOD.size * len(found.trader.functions) + 24 * len(found.trader.callbacks)
    secrets = [SECRET.unpack_from(table, at + SECRET.size * each) for each in range(first, first + count)]
    assert (login["Password"].offset, login["Password"].size) in secrets


@pytest.mark.parametrize(
    "callback",
    [
        Callback(1, "trader", 0, 0, "OnFrontConnected"),
        Callback(1, "trader", 0, 0, "OnFrontDisconnected", {"nReason": 0x1001}),
        Callback(1, "trader", 0, 0, "OnRtnOrder", {"InstrumentID": "cu2612", "VolumeTotal": 2, "LimitPrice": 71000.0}),
        Callback(1, "trader", 0, 0, "OnRspQryOrder", None, {"ErrorID": 0, "ErrorMsg": ""}, 3, last=False),
        Callback(1, "trader", 0, 0, "OnRspOrderInsert", {}, {"ErrorID": 31, "ErrorMsg": "资金不足"}, 4),
    ],
    ids=lambda each: each.name,
)
def test_a_callback_is_read_as_it_was_made(callback: Callback) -> None:
    found = layout("6.7.11", "trader")
    made = found.callback(callback)
    assert made is not None
    told = found.read_callback(*made)
    assert (told.name, *told.arguments) == (
        *(callback.name, callback.fields, callback.error, callback.request_id, callback.last),
    )
