"""The life of a connection.

A trader API object goes through these states. It connects by itself, once Init was called, and again after every
break, but that is all that it does by itself: authenticating, logging in and confirming the settlement must be asked
for after every OnFrontConnected (BEHAVIOUR 1.4), and each of them may be refused, which changes nothing.

    absent ──Create──▶ created ──Init──▶ connecting ──OnFrontConnected──▶ connected
                                             ▲                               │ authenticated
               OnFrontDisconnected,          │                               ▼
               from every state but ─────────┘                         authenticated
               absent and created                                            │ logged in
                                                                             ▼
    Release, from every state, leads back to absent                      logged_in
    logged out leads from logged_in and ready                                │ confirmed
    back to connected; the front then breaks the link                        ▼
                                                                           ready

A login may also be tried without authentication; the front will refuse it with 64, but that is for the front to say.
`ready` is a state of the account's trading day rather than of the link: a second session of the same day could trade
after logging in alone. The client always confirms (BEHAVIOUR 11, hazard 25).

A step such as `connect` sets a *goal*: a state to be reached. Whatever request leads on from the present state is
sent, one at a time, until the goal is reached or the front refuses for good. A refusal that says "not yet" (the core
is being started, the front is in maintenance) is tried again after a pause that is never shorter than ten seconds,
because five thousand hasty logins get an address banned.
"""

from collections.abc import Mapping
from typing import Literal

from attrs import define, field, frozen

from ctpscen.ctp.times import SECOND

State = Literal["absent", "created", "connecting", "connected", "authenticated", "logged_in", "ready"]
Event = Literal["create", "init", "up", "authenticated", "logged in", "confirmed", "logged out", "down", "release"]

ORDER: tuple[State, ...] = ("absent", "created", "connecting", "connected", "authenticated", "logged_in", "ready")

_RANK: Mapping[State, int] = {state: rank for rank, state in enumerate(ORDER)}

TRANSITIONS: Mapping[tuple[State, Event], State] = {
    ("absent", "create"): "created",
    ("created", "init"): "connecting",
    ("connecting", "up"): "connected",
    ("connected", "authenticated"): "authenticated",
    ("connected", "logged in"): "logged_in",
    ("authenticated", "authenticated"): "authenticated",
    ("authenticated", "logged in"): "logged_in",
    ("logged_in", "confirmed"): "ready",
    ("ready", "confirmed"): "ready",
    ("logged_in", "logged out"): "connected",
    ("ready", "logged out"): "connected",
    ("connecting", "down"): "connecting",
    ("connected", "down"): "connecting",
    ("authenticated", "down"): "connecting",
    ("logged_in", "down"): "connecting",
    ("ready", "down"): "connecting",
    ("created", "release"): "absent",
    ("connecting", "release"): "absent",
    ("connected", "release"): "absent",
    ("authenticated", "release"): "absent",
    ("logged_in", "release"): "absent",
    ("ready", "release"): "absent",
}

# What leads on from a state: the request, the callback that answers it, and the event that its success is.
STEPS: Mapping[State, tuple[str, str, Event]] = {
    "connected": ("ReqAuthenticate", "OnRspAuthenticate", "authenticated"),
    "authenticated": ("ReqUserLogin", "OnRspUserLogin", "logged in"),
    "logged_in": ("ReqSettlementInfoConfirm", "OnRspSettlementInfoConfirm", "confirmed"),
}

EVENTS_BY_REQUEST: Mapping[str, Event] = {"CreateFtdcTraderApi": "create", "Init": "init", "Release": "release"}

EVENTS_BY_CALLBACK: Mapping[str, Event] = {
    "OnFrontConnected": "up",
    "OnFrontDisconnected": "down",
    "OnRspAuthenticate": "authenticated",
    "OnRspUserLogin": "logged in",
    "OnRspSettlementInfoConfirm": "confirmed",
    "OnRspUserLogout": "logged out",
}

PAUSE = 10 * SECOND
"""How long after a refusal that means "not yet" the request is sent again."""


@frozen
class Refusal:
    """Why a goal was given up."""

    request: str
    code: int
    message: str


@define(eq=False, repr=False)
class Goal:
    """A state that a step wants reached.

    `taken` are the numbers of the reports that reaching it took; `retry_at` is when a request that was refused for
    the time being is sent again.
    """

    state: State
    awaiting: str = ""
    retry_at: int | None = None
    refusal: Refusal | None = None
    last_refusal: Refusal | None = None
    taken: list[int] = field(factory=list)


@define(eq=False, repr=False)
class Connection:
    """Where one API object stands. `number` counts the connections that it, or one before it, has made.

    `was_released` says that it is absent because it was destroyed.
    """

    state: State = "absent"
    number: int = 0
    was_released: bool = False

    def happen(self, event: Event) -> bool:
        """Takes an event; False where it means nothing in this state."""
        state = TRANSITIONS.get((self.state, event))
        if state is None:
            return False
        self.state = state
        self.was_released = state == "absent"
        if event == "up":
            self.number += 1
        return True

    def reached(self, state: State) -> bool:
        """Whether the connection is in a state or beyond it."""
        return _RANK[self.state] >= _RANK[state]
