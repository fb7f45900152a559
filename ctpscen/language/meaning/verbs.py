"""Every statement of the language: one row a verb, with all that there is to say of it but how it is done.

A verb is the name of a rule of the grammar. The checker and the engine are generic over these rows; a new step is a
rule of the grammar, a row here, and an executor in the engine.
"""

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from ctpscen.language.meaning.types import (
    ANY,
    BOOLEAN,
    DATE,
    DURATION,
    INSTRUMENT,
    NUMBER,
    ORDER,
    REQUEST,
    TEXT,
    TIME,
    Type,
    list_of,
)

ActorKind = Literal["session", "program", "venue", "network"]

ACTORS: Mapping[str, ActorKind] = {"venue": "venue", "network": "network"}
"""The actors that are always there, by the names that they have in every file. All others are declared."""

SESSION: frozenset[ActorKind] = frozenset({"session"})
VENUE: frozenset[ActorKind] = frozenset({"venue"})
NETWORK: frozenset[ActorKind] = frozenset({"network"})
PROGRAM: frozenset[ActorKind] = frozenset({"program"})
INBOX: frozenset[ActorKind] = SESSION | PROGRAM
"""Those that have an inbox and books."""

ANYBODY: frozenset[ActorKind] = INBOX | VENUE | NETWORK
NOBODY: frozenset[ActorKind] = frozenset()

Form = Literal[
    "word",  # a word of the grammar, or a name that means nothing but itself
    "flag",  # a word that is there or not
    "actor",  # the name of an actor
    "session",  # the name of a session
    "binding",  # a name that the step gives a value
    "price",  # an expression in which price words come first, or `market` and its like
    "level",  # `PRICE x VOLUME`: a pair of expressions
    "refusal",  # `by SOURCE CODE`: a word, and an expression or None
    "pattern",  # which reports are meant
    "patterns",  # pairs of a pattern and the name that it gives, if it gives one
    "settings",  # pairs of a record's field and an expression
    "clauses",  # further blocks, with a condition each or without one
]
"""What a part of a step is where it is not just an expression of some type."""

Need = Literal[
    "always",
    "to_read",  # only where its expressions ask the front, look into a session's books or name a price
    "never",  # it sets the scene: it may come before anybody connects
]
"""When a step needs the sessions to be connected before it."""


@frozen(eq=False, repr=False)
class Verb:
    """What there is to say of a statement.

    `actors` are the kinds of actors whose step it may be; an item of the file is nobody's.

    `values` and `amounts` are the types of the expressions that stand in it without a word before them, in their
    order; further ones are as the last. `parts` says what each of its other parts is, by the grammar's name for it;
    keywords that always stand there are no parts. `gives` is the type of what its `as NAME` names, where every step
    of that verb gives the same.

    `calls_api`: a session that has no API object cannot do it. `connects`: it brings a session nearer to being logged
    in. `connects_first`: as the first step of a session, it says that the scenario itself connects that session.
    `instant`: as a session's step it certainly takes no time, so that nothing is reported meanwhile.
    `takes_lists`: what it is done to may be several things, and each of `amounts` (of `values`, where it has no
    amounts) a list of them. `defaults_to_market`: without `at`, its price is read off the market. `ends_path`: nothing
    behind it in its block is reached.

    `spoken` is how people call it, where that is not the rule's name.
    """

    actors: frozenset[ActorKind]
    parts: Mapping[str, Type | Form] = {}
    values: tuple[Type, ...] = ()
    amounts: tuple[Type, ...] = ()
    gives: Type | None = None
    spoken: str = ""
    needs_session: Need = "always"
    calls_api: bool = False
    connects: bool = False
    connects_first: bool = False
    instant: bool = False
    takes_lists: bool = False
    defaults_to_market: bool = False
    ends_path: bool = False

    @property
    def is_item(self) -> bool:
        """Whether it is no step, but belongs to the file or opens a scenario."""
        return not self.actors


_Parts = Mapping[str, Type | Form]

_WITHIN: _Parts = {"within": DURATION}
_ENDING: _Parts = {"within": DURATION, "as_name": "binding"}
_SOFT: _Parts = {"soft": "flag"}
_ORDER: _Parts = {
    "side": "word",
    "offset": "word",
    "at": "price",
    "fak": "flag",
    "min_volume": NUMBER,
    "fok": "flag",
    "hedge": "flag",
    "arbitrage": "flag",
    "ref": TEXT,
    "memo": TEXT,
    "when": BOOLEAN,
    "with": "settings",
    "as_name": "binding",
}
_HELD: _Parts = {"stream": "word", "to": "session"}
_STRETCH: _Parts = {"next": NUMBER, "stream": "word", "for_span": DURATION, "to": "session"}
_WHOSE: _Parts = {"name": "session"}

VERBS: Mapping[str, Verb] = {
    # ------------------------------------------------------------------------------------------------- the file
    "docstring": Verb(NOBODY),
    "use": Verb(NOBODY),
    "param": Verb(NOBODY),
    "session": Verb(NOBODY),
    "program": Verb(NOBODY),
    "invariant": Verb(NOBODY),
    "define": Verb(NOBODY),
    "before": Verb(NOBODY),
    "after": Verb(NOBODY),
    "scenario": Verb(NOBODY),
    "table": Verb(NOBODY),
    # What could not be read may have been anything.
    "unread": Verb(ANYBODY, needs_session="to_read"),
    "unread_block": Verb(ANYBODY, needs_session="to_read"),
    # ------------------------------------------------------------------------------------------------- the flow
    "actor": Verb(ANYBODY, {"name": "actor"}, needs_session="to_read"),
    "let": Verb(ANYBODY, {"name": "binding"}, (ANY,), needs_session="to_read", instant=True),
    "log": Verb(ANYBODY, values=(ANY,), needs_session="to_read", instant=True),
    "call_step": Verb(ANYBODY, values=(ANY,), needs_session="to_read", spoken="a step of one's own"),
    "wait": Verb(ANYBODY, values=(DURATION,), needs_session="to_read"),
    "wait_until": Verb(INBOX, _WITHIN, (ANY,), needs_session="to_read", spoken="wait until"),
    "wait_quiet": Verb(INBOX, _WITHIN, (DURATION,), needs_session="to_read", spoken="wait until quiet"),
    "if": Verb(ANYBODY, {"elif": "clauses", "else": "clauses"}, (BOOLEAN,), needs_session="to_read"),
    "repeat": Verb(ANYBODY, values=(NUMBER,), needs_session="to_read"),
    "for": Verb(ANYBODY, {"name": "binding"}, (ANY,), needs_session="to_read"),
    "while": Verb(ANYBODY, values=(BOOLEAN, NUMBER), needs_session="to_read"),
    "fail": Verb(ANYBODY, values=(ANY,), needs_session="to_read", ends_path=True),
    "skip": Verb(ANYBODY, values=(ANY,), needs_session="to_read", ends_path=True),
    "block": Verb(ANYBODY, values=(ANY,), needs_session="to_read", ends_path=True),
    "stop": Verb(ANYBODY, needs_session="to_read", ends_path=True),
    "return": Verb(ANYBODY, values=(ANY,), needs_session="to_read", ends_path=True),
    # ------------------------------------------------------------------------------------------- the connection
    "connect": Verb(SESSION, _WITHIN, connects=True, connects_first=True),
    "connect_front": Verb(SESSION, _WITHIN, connects=True, connects_first=True, spoken="connect front"),
    "authenticate": Verb(SESSION, {"app": TEXT, "auth_code": TEXT, **_WITHIN}, connects=True),
    "login": Verb(SESSION, {"user": TEXT, "login_password": TEXT, **_WITHIN}, connects=True, connects_first=True),
    "confirm": Verb(SESSION, _WITHIN, connects=True, spoken="confirm settlement"),
    "logout": Verb(SESSION, _WITHIN),
    "change_password": Verb(SESSION, {"from_password": TEXT, "to_password": TEXT, **_WITHIN}, spoken="change password"),
    "disconnect": Verb(INBOX, {"market": "flag", "silently": "flag"}),
    "reconnect": Verb(INBOX, _WITHIN, connects=True),
    "reconnect_front": Verb(SESSION, _WITHIN, connects=True, spoken="reconnect front"),
    "release": Verb(SESSION, instant=True),
    "subscribe": Verb(SESSION, amounts=(INSTRUMENT,), calls_api=True, instant=True, takes_lists=True),
    "unsubscribe": Verb(SESSION, amounts=(INSTRUMENT,), calls_api=True, takes_lists=True),
    # ------------------------------------------------------------------------------------- a program under test
    "start": Verb(PROGRAM, needs_session="to_read", instant=True),
    "terminate": Verb(PROGRAM, _WITHIN, needs_session="to_read"),
    "kill": Verb(PROGRAM, needs_session="to_read", instant=True),
    "type": Verb(PROGRAM, values=(TEXT,), needs_session="to_read", instant=True),
    "prompt": Verb(PROGRAM, values=(TEXT,), needs_session="to_read", instant=True),
    # -------------------------------------------------------------------------------------------------- trading
    # Volume and instrument are told apart by type.
    "order": Verb(
        SESSION | VENUE,
        _ORDER,
        amounts=(ANY,),
        gives=ORDER,
        calls_api=True,
        instant=True,
        defaults_to_market=True,
        spoken="buy",
    ),
    "place_order": Verb(
        SESSION,
        _ORDER,
        amounts=(ANY,),
        gives=ORDER,
        calls_api=True,
        instant=True,
        defaults_to_market=True,
        spoken="place order",
    ),
    "cancel": Verb(SESSION | VENUE, values=(ORDER,), calls_api=True, instant=True, takes_lists=True),
    "cancel_all": Verb(SESSION, _WITHIN, amounts=(INSTRUMENT,), calls_api=True, spoken="cancel all", takes_lists=True),
    "target": Verb(
        SESSION,
        {"signed": NUMBER, "at": "price", **_ENDING},
        amounts=(INSTRUMENT,),
        gives=list_of(ORDER),
        calls_api=True,
        defaults_to_market=True,
    ),
    "flatten": Verb(
        SESSION,
        {"at": "price", **_ENDING},
        amounts=(INSTRUMENT,),
        gives=list_of(ORDER),
        calls_api=True,
        defaults_to_market=True,
        takes_lists=True,
    ),
    "query": Verb(SESSION, {"asked": "word", "of": INSTRUMENT, **_ENDING}, calls_api=True),
    "request": Verb(
        SESSION,
        {"name": "word", "setting": "settings", "as_name": "binding"},
        gives=REQUEST,
        calls_api=True,
        instant=True,
    ),
    # --------------------------------------------------------------------------------------------- expectations
    "expect": Verb(
        INBOX,
        {
            "soft": "flag",
            "count": NUMBER,
            "at_least": NUMBER,
            "at_most": NUMBER,
            "no": "flag",
            "pattern": "pattern",
            "for_span": DURATION,
            **_ENDING,
        },
    ),
    "expect_condition": Verb(INBOX, {**_SOFT, **_WITHIN}, (BOOLEAN,), spoken="expect"),
    "expect_reconciled": Verb(INBOX, {**_SOFT, **_WITHIN}, spoken="expect reconciled"),
    "expect_in_order": Verb(INBOX, {**_SOFT, **_WITHIN, "listed": "patterns"}, spoken="expect in order"),
    "expect_in_any_order": Verb(INBOX, {**_SOFT, **_WITHIN, "listed": "patterns"}, spoken="expect in any order"),
    "never": Verb(INBOX, {"pattern": "pattern"}, instant=True),
    "never_more": Verb(INBOX, {"pattern": "pattern", **_WITHIN}, (NUMBER,), instant=True, spoken="never more than"),
    "always": Verb(INBOX, values=(BOOLEAN,), instant=True),
    "check": Verb(INBOX, _SOFT, (BOOLEAN, TEXT), needs_session="to_read", instant=True),
    "require": Verb(INBOX, _WITHIN, (BOOLEAN, TEXT), needs_session="to_read"),
    "forget": Verb(INBOX, needs_session="to_read", instant=True),
    # ------------------------------------------------------------------------------------------------ the venue
    "clock": Verb(VENUE, values=(ANY,), needs_session="never"),
    "quote": Verb(
        VENUE,
        {"bid": "level", "ask": "level", "last": NUMBER, "pre_settlement": NUMBER},
        amounts=(INSTRUMENT,),
        needs_session="never",
    ),
    "replay": Verb(VENUE, {"replay_from": TIME, "speed": NUMBER}, (TEXT,), needs_session="never"),
    "walk": Verb(
        VENUE,
        {"volatility": NUMBER, "seed": NUMBER, "for_span": DURATION},
        amounts=(INSTRUMENT,),
        needs_session="never",
        takes_lists=True,
    ),
    "list": Verb(
        VENUE,
        {"least": NUMBER, "most": NUMBER, "margin": NUMBER, "expires": DATE},
        amounts=(INSTRUMENT,),
        needs_session="never",
        takes_lists=True,
    ),
    "list_all": Verb(VENUE, needs_session="never", spoken="list all"),
    "unlist": Verb(VENUE, amounts=(INSTRUMENT,), needs_session="never", takes_lists=True),
    "still": Verb(VENUE, amounts=(INSTRUMENT,), needs_session="never", takes_lists=True),
    "phase": Verb(VENUE, {"phase_name": "word"}, amounts=(INSTRUMENT,), needs_session="never", takes_lists=True),
    "halt": Verb(VENUE, amounts=(INSTRUMENT,), needs_session="never", takes_lists=True),
    "resume": Verb(VENUE, amounts=(INSTRUMENT,), takes_lists=True),
    "settle": Verb(VENUE),
    "fill": Verb(VENUE, {"at": "price"}, (ORDER,), (NUMBER,)),
    "reject_next": Verb(VENUE, {"refused": "word", "by": "refusal", "message": TEXT}, spoken="reject next"),
    "refuse": Verb(
        VENUE,
        {
            "dialog": "word",
            "in": INSTRUMENT,
            "signed": NUMBER,
            "message": TEXT,
            "for_span": DURATION,
            "after_login": "flag",
        },
        needs_session="never",
    ),
    "limit": Verb(VENUE, {"limited": "word", "per": "flag"}, (NUMBER,), needs_session="never"),
    "profile": Verb(VENUE, {"profile_name": "word"}, needs_session="never"),
    "balance": Verb(VENUE, _WHOSE, (NUMBER,), needs_session="never"),
    "deposit": Verb(VENUE, _WHOSE, (NUMBER,), needs_session="never"),
    "withdraw": Verb(VENUE, _WHOSE, (NUMBER,), needs_session="never"),
    "position": Verb(
        VENUE,
        {**_WHOSE, "holding": "word", "yesterday": "flag", "at": "price"},
        amounts=(NUMBER, INSTRUMENT),
        needs_session="never",
    ),
    "password": Verb(VENUE, {**_WHOSE, "password_state": "word"}, needs_session="never"),
    "unconfirmed": Verb(VENUE, _WHOSE, needs_session="never"),
    "forbid": Verb(VENUE, {**_WHOSE, "right": "word"}, amounts=(INSTRUMENT,), needs_session="never", takes_lists=True),
    "allow": Verb(VENUE, {**_WHOSE, "right": "word"}, amounts=(INSTRUMENT,), needs_session="never", takes_lists=True),
    "position_limit": Verb(VENUE, amounts=(INSTRUMENT, NUMBER), needs_session="never", spoken="most"),
    "surcharge": Verb(VENUE, values=(NUMBER,), needs_session="never"),
    "ban": Verb(VENUE, {**_WHOSE, "banned_by": NUMBER}, needs_session="never"),
    "admit": Verb(
        VENUE,
        {
            **_WHOSE,
            "admitted_user": TEXT,
            "admitted_password": TEXT,
            "admitted_broker": TEXT,
            "admitted_app": TEXT,
            "admitted_code": TEXT,
        },
        needs_session="never",
    ),
    # -------------------------------------------------------------------------------- the front, and what it sends
    "fronts": Verb(VENUE, values=(NUMBER,), needs_session="never"),
    "down": Verb(VENUE, {"front": NUMBER}),
    "up": Verb(VENUE, {"front": NUMBER}),
    "kick": Verb(VENUE, _WHOSE),
    "lose": Verb(VENUE),
    "drop": Verb(VENUE, _STRETCH),
    "delay": Verb(VENUE, {**_STRETCH, "span": DURATION}),
    "duplicate": Verb(VENUE, _STRETCH),
    "reverse": Verb(VENUE, {"next": NUMBER, **_HELD}),
    "hold": Verb(VENUE, _HELD),
    "release_reports": Verb(VENUE, _HELD, spoken="release reports"),
    "latency": Verb(VENUE | NETWORK, {"jitter": DURATION}, (DURATION,), needs_session="never"),
    # ---------------------------------------------------------------------------------------------- the network
    "cut": Verb(NETWORK, needs_session="never"),
    "heal": Verb(NETWORK, needs_session="never"),
    "stall": Verb(NETWORK, needs_session="never"),
    "flap": Verb(NETWORK, {"for_span": DURATION}, (DURATION,), needs_session="never"),
}


def spoken_verb(verb: str) -> str:
    """A verb as messages name it."""
    return VERBS[verb].spoken or verb
