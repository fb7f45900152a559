"""Steps of the connection: connecting, logging in and out, breaking and healing the path, market data."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping
from typing import Any

from ctpscen.client.connection import Goal, State
from ctpscen.ctp import commands
from ctpscen.ctp.messages import Request
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.expressions.compile import Code, evaluate_all
from ctpscen.engine.expressions.functions import ask_front
from ctpscen.engine.expressions.values import kind_of
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Blocked, Failed, Outcome, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor, bind, each_of
from ctpscen.engine.steps.flow import STEP_PATIENCE, patience_of
from ctpscen.language.syntax.tree import Step

_STATES: Mapping[State, str] = {
    "absent": "there is no API object",
    "created": "the API object is not initialised",
    "connecting": "no connection to the front",
    "connected": "connected, not authenticated",
    "authenticated": "authenticated, not logged in",
    "logged_in": "logged in, settlement not confirmed",
    "ready": "ready",
}


def reach(context: Context, actor: Actor, state: State, patience: int, place: Place) -> Waiting:
    """Aims at a state and waits until it is reached; gives the goal, with the reports that reaching it took.

    Raises Blocked where a session's first connection cannot be made, Failed where a later one cannot.
    """
    run = context.run
    session = actor.session
    goal = session.aim(state, run.now)
    actor.flush()
    deadline = run.now + patience
    yield Wait(lambda: session.connection.reached(state) or goal.refusal is not None, deadline)
    session.goal = None
    if session.connection.reached(state):
        actor.connected_once = True
        return goal
    raise _not_reached(actor, goal, patience, place, run.environment.explain(actor.name))


def _not_reached(actor: Actor, goal: Goal, patience: int, place: Place, why: str) -> Outcome:
    if goal.refusal is not None:
        refused = goal.refusal
        message = f"{actor.name} was refused: {refused.request} {refused.code} {refused.message}"
        notes = []
    else:
        message = f"{actor.name} could not be connected within {spoken_duration(patience)}"
        message += f": {why}" if why else ""
        notes = [f"it got as far as: {_STATES[actor.session.connection.state]}"]
        if goal.last_refusal is not None:
            last = goal.last_refusal
            notes.append(f"the last refusal: {last.request} {last.code} {last.message}")
    kind = Failed if actor.connected_once and not why else Blocked
    return kind(place.located("R602", message, notes=notes), message)


def connect_actor(context: Context, actor: Actor, patience: int, place: Place) -> Waiting:
    """Everything from making the API to confirming the settlement."""
    if actor.session.connection.state == "absent":
        actor.session.create(context.run.now)
    goal = yield from reach(context, actor, "ready", patience, place)
    actor.inbox.take_numbers(goal.taken)
    yield from context.run.environment.after_login(actor)
    yield from first_holdings(context, actor, place)


def first_holdings(context: Context, actor: Actor, place: Place) -> Waiting:
    """The positions at the first login, where the scenario reconciles: trades are added to them later."""
    if not context.run.scenario.reconciles or actor.first_positions is not None:
        return
    query = yield from ask_front(context, "ReqQryInvestorPosition", {}, context.run.now + STEP_PATIENCE, place, actor)
    actor.note_first_positions(query.rows)


def _connect(step: Step, compiler: Compiler) -> Executor:
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        yield from connect_actor(context, context.acting, patience, place)

    return execute


def _connect_front(step: Step, compiler: Compiler) -> Executor:
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        actor = context.acting
        if actor.session.connection.state == "absent":
            actor.session.create(context.run.now)
        yield from reach(context, actor, "connected", patience, place)

    return execute


def _reconnect(state: State) -> CompileStep:
    def compile_step(step: Step, compiler: Compiler) -> Executor:
        within, place = compiler.optional(step, "within"), compiler.place(step)

        def execute(context: Context) -> Waiting:
            patience = yield from patience_of(within, context, STEP_PATIENCE)
            run, actor = context.run, context.acting
            connection = actor.session.connection
            if connection.state == "absent":
                message = f"{actor.name} has no API object to reconnect; `connect` makes one"
                raise Failed(place.located("R603", message), message)
            run.environment.command(commands.network.Heal(session=actor.name))
            yield Wait(deadline=run.now)  # a break at this very moment is still to be told
            if connection.reached(state):
                return
            broken = connection.number
            goal = yield from reach(context, actor, state, patience, place)
            if state == "ready":  # `reconnect front` leaves its reports to be expected
                actor.inbox.take_numbers(goal.taken)
                actor.take_disconnection(broken)
                yield from run.environment.after_reconnect(actor)
                yield from first_holdings(context, actor, place)

        return execute

    return compile_step


def _disconnect(step: Step, _: Compiler) -> Executor:
    silently, market = step.has("silently"), step.has("market")

    def act(context: Context) -> Waiting | None:
        make = commands.network.Silence if silently else commands.network.Cut
        command, run = make(session=context.actor, market=market), context.run
        run.journal.fault(run.now, command, run.environment.command(command))
        return run.environment.after_cut()

    return bind([], act)


def _release(_: Step, __: Compiler) -> Executor:
    def act(context: Context) -> None:
        actor = context.acting
        actor.session.release(context.run.now)
        actor.flush()
        context.run.changed()

    return bind([], act)


def await_answer(context: Context, actor: Actor, request: Request, patience: int, place: Place) -> Waiting:
    """Waits until a request is answered; the answer stays in the inbox."""
    history = actor.inbox.history
    before = len(history)
    actor.flush()
    session, name = actor.session, request.name
    code = session.return_codes.get(request.request_id, 0)

    def answered() -> bool:
        return any(report.request_id == request.request_id for report in history[before:])

    came = not code and (yield Wait(answered, context.run.now + patience))
    if not came:
        message = f"{name} was not answered within {spoken_duration(patience)}"
        if code:
            message = f"{name} could not be sent: the API returned {code}"
        note = f"{actor.name}: {_STATES[session.connection.state]}"
        raise Failed(place.located("R604", message, notes=[note]), message)


def _asking(send: Callable[..., Request], *parts: str) -> CompileStep:
    """A step that sends one request and waits for its answer; `parts` are its texts, each of which may be absent."""

    def compile_step(step: Step, compiler: Compiler) -> Executor:
        place, within = compiler.place(step), compiler.optional(step, "within")
        codes: list[Code | None] = [compiler.optional(step, part) for part in parts]

        def execute(context: Context) -> Waiting:
            values = yield from evaluate_all([code for code in codes if code is not None], context)
            left = iter(values)
            texts = [None if code is None else _text(next(left), code.place) for code in codes]
            patience = yield from patience_of(within, context, STEP_PATIENCE)
            actor = context.acting
            if actor.session.connection.state == "absent":
                message = f"{actor.name} has no connection; `connect front` makes one"
                raise Failed(place.located("R603", message), message)
            request = send(actor, context.run.now, *texts)
            yield from await_answer(context, actor, request, patience, place)
            if actor.session.connection.reached("logged_in"):
                yield from context.run.environment.after_login(actor)

        return execute

    return compile_step


def _text(value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise place.error(f"a text is wanted here, not {kind_of(value)}")
    return str(value)  # an instrument is a text with a mind of its own, which no API takes


def _subscription(wanted: bool) -> CompileStep:
    def compile_step(step: Step, compiler: Compiler) -> Executor:
        codes = compiler.codes(step.many("amount"))

        def act(context: Context, *values: Any) -> None:
            instruments = [_text(value, place) for value, place in each_of(values, codes)]
            actor, now = context.acting, context.run.now
            market = actor.session.market
            if wanted:
                context.run.environment.list_instruments(instruments)
                market.report(instruments, now)
            else:
                market.unwant(instruments, now)
            actor.flush()

        return bind(codes, act)

    return compile_step


EXECUTORS: Mapping[str, CompileStep] = {
    "connect": _connect,
    "connect_front": _connect_front,
    "authenticate": _asking(lambda a, now, app, code: a.session.authenticate(now, app, code), "app", "auth_code"),
    "login": _asking(lambda a, now, user, word: a.session.login(now, user, word), "user", "login_password"),
    "confirm": _asking(lambda a, now: a.session.confirm(now)),
    "logout": _asking(lambda a, now: a.session.logout(now)),
    "change_password": _asking(
        lambda a, now, old, new: a.session.change_password(old, new, now), "from_password", "to_password"
    ),
    "disconnect": _disconnect,
    "reconnect": _reconnect("ready"),
    "reconnect_front": _reconnect("connected"),
    "release": _release,
    "subscribe": _subscription(True),
    "unsubscribe": _subscription(False),
}
