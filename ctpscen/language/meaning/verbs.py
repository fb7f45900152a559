"""What each statement is, as tables: where it may stand, and which types its parts have.

A verb that is not here is handled by name in `check_steps`. A new step is a rule of the grammar, a row or two here,
and an executor in the engine.
"""

from collections.abc import Mapping

from ctpscen.language.meaning.types import ANY, BOOLEAN, DURATION, NUMBER, TEXT, Type

# Who may act: a session, the venue, the network. Everything that is not here may stand in any block.
SESSION_VERBS = frozenset(
    (
        "connect connect_front authenticate login confirm logout change_password disconnect reconnect "
        "reconnect_front release subscribe unsubscribe order place_order cancel cancel_all target flatten query "
        "request expect expect_condition expect_reconciled expect_in_order expect_in_any_order never always check "
        "require forget wait_until wait_quiet"
    ).split()
)
VENUE_VERBS = frozenset(
    (
        "clock quote order fill cancel reject_next refuse drop delay duplicate reverse hold release_reports lose "
        "phase halt resume down up kick settle balance deposit withdraw position password unconfirmed latency "
        "limit profile replay walk"
    ).split()
)
NETWORK_VERBS = frozenset(["cut", "heal", "stall", "latency", "flap"])
ACTORS: Mapping[str, frozenset[str]] = {"venue": VENUE_VERBS, "network": NETWORK_VERBS}

# Steps of the venue that set the scene: they need no session, and may come before the first connect.
SCENE_VERBS = frozenset(
    (
        "clock quote balance deposit withdraw position password unconfirmed phase halt latency limit profile "
        "refuse replay walk"
    ).split()
)

# Steps of the venue that name an order, which only a scenario has.
ORDER_NAMING_VERBS = frozenset({"fill", "cancel"})

# Steps that need no session by themselves, whoever acts.
FREE_VERBS = frozenset(
    (
        "let log wait wait_until wait_quiet if repeat for while fail skip block stop return call_step actor check "
        "require forget unread unread_block cut heal stall flap"
    ).split()
)

# Steps of a session that call the API at once, and cannot where there is none.
API_VERBS = frozenset("order place_order cancel cancel_all target flatten query request subscribe unsubscribe".split())

# Verbs whose first own step on a session means that nobody else connects it.
CONNECTING_VERBS = frozenset({"connect", "connect_front", "login"})

# What may only stand at the top of a file, and what ends a path through a block.
ITEM_VERBS = frozenset("docstring use param session define before after scenario".split())
ENDING_VERBS = frozenset(["stop", "fail", "skip", "block", "return"])

PART_TYPES: Mapping[str, Type] = {
    "within": DURATION,
    "for_span": DURATION,
    "timeout": DURATION,
    "span": DURATION,
    "jitter": DURATION,
    "count": NUMBER,
    "at_least": NUMBER,
    "at_most": NUMBER,
    "next": NUMBER,
    "min_volume": NUMBER,
    "total": NUMBER,
    "speed": NUMBER,
    "volatility": NUMBER,
    "seed": NUMBER,
    "last": NUMBER,
    "pre_settlement": NUMBER,
    "signed": NUMBER,
    "app": TEXT,
    "auth_code": TEXT,
    "user": TEXT,
    "login_password": TEXT,
    "from_password": TEXT,
    "to_password": TEXT,
    "ref": TEXT,
    "memo": TEXT,
    "message": TEXT,
    "replay_from": Type("time"),
}

# The types of the expressions that stand in a statement without a word before them.
VALUE_TYPES: Mapping[str, tuple[Type, ...]] = {
    "wait": (DURATION,),
    "wait_quiet": (DURATION,),
    "log": (ANY,),
    "fail": (ANY,),
    "skip": (ANY,),
    "block": (ANY,),
    "return": (ANY,),
    "check": (BOOLEAN, TEXT),
    "require": (BOOLEAN, TEXT),
    "always": (BOOLEAN,),
    "expect_condition": (BOOLEAN,),
    "repeat": (NUMBER,),
    "while": (BOOLEAN, NUMBER),
    "if": (BOOLEAN,),
    "balance": (NUMBER,),
    "deposit": (NUMBER,),
    "withdraw": (NUMBER,),
    "latency": (DURATION,),
    "limit": (NUMBER,),
    "replay": (TEXT,),
    "flap": (DURATION,),
}

# What the name of a query's answer is: the record of its rows, and whether there is always just one.
QUERIES: Mapping[str, tuple[str, str, bool]] = {
    "order": ("ReqQryOrder", "Order", False),
    "trade": ("ReqQryTrade", "Trade", False),
    "position": ("ReqQryInvestorPosition", "InvestorPosition", False),
    "position_detail": ("ReqQryInvestorPositionDetail", "InvestorPositionDetail", False),
    "account": ("ReqQryTradingAccount", "TradingAccount", True),
    "instruments": ("ReqQryInstrument", "Instrument", False),
    "quote": ("ReqQryDepthMarketData", "DepthMarketData", True),
    "margin_rate": ("ReqQryInstrumentMarginRate", "InstrumentMarginRate", False),
    "commission_rate": ("ReqQryInstrumentCommissionRate", "InstrumentCommissionRate", False),
    "settlement": ("ReqQrySettlementInfo", "SettlementInfo", False),
    "order_volume_limit": ("ReqQryMaxOrderVolume", "QryMaxOrderVolume", False),
}

# How people call a verb that its rule's name does not spell.
_SPOKEN = {
    "connect_front": "connect front",
    "confirm": "confirm settlement",
    "change_password": "change password",
    "reconnect_front": "reconnect front",
    "place_order": "place order",
    "cancel_all": "cancel all",
    "expect_condition": "expect",
    "expect_reconciled": "expect reconciled",
    "expect_in_order": "expect in order",
    "expect_in_any_order": "expect in any order",
    "wait_until": "wait until",
    "wait_quiet": "wait until quiet",
    "reject_next": "reject next",
    "release_reports": "release reports",
    "call_step": "a step of one's own",
    "order": "buy",
}


def spoken_verb(verb: str) -> str:
    return _SPOKEN.get(verb, verb)
