"""Steps of a program under test: starting it, talking to it, ending it, and its network path."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ctpscen.ctp import commands
from ctpscen.ctp.commands.plan import START
from ctpscen.ctp.times import SECOND, spoken_duration
from ctpscen.engine.expressions.values import show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Blocked, Failed, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor, bind
from ctpscen.engine.steps.flow import STEP_PATIENCE, patience_of
from ctpscen.language.syntax.tree import Step

if TYPE_CHECKING:  # a run without programs does not need it
    from ctpscen.engine.state.program_actor import ProgramActor

TERMINATING = 10 * SECOND
"""How long a program may take to end that was asked to."""


def _acting(context: Context) -> ProgramActor:
    from ctpscen.engine.state.program_actor import ProgramActor

    actor = context.run.actors[context.actor]
    assert isinstance(actor, ProgramActor), "the checker lets only a program have these steps"
    return actor


def _running(context: Context, place: Place, what: str) -> ProgramActor:
    """The program, which must run. Raises Failed."""
    actor = _acting(context)
    if not actor.process.is_running:
        how = "has not been started" if not actor.started else "has ended"
        message = f"{actor.name} {how}: {what}"
        raise Failed(place.located("R630", message, notes=actor.tail()), message)
    return actor


def _start(step: Step, compiler: Compiler) -> Executor:
    place = compiler.place(step)

    def act(context: Context) -> None:
        from ctpscen.engine.state.program_actor import CannotBeStarted

        actor = _acting(context)
        if actor.process.is_running:
            raise place.error(f"{actor.name} is running already")
        try:
            actor.begin()
        except CannotBeStarted as reason:
            message = f"{actor.name} cannot be started: {reason}"
            raise Blocked(place.located("R631", message), message) from None
        context.run.changed()
        if (plan := context.run.environment.injection) is not None:
            plan.reach(actor.name, START)

    return bind([], act)


def _terminate(step: Step, compiler: Compiler) -> Executor:
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        patience = yield from patience_of(within, context, TERMINATING)
        actor = _running(context, place, "there is nothing to end")
        actor.process.terminate()
        if not (yield Wait(lambda: not actor.process.is_running, context.run.now + patience)):
            actor.killed = True
            actor.process.kill()
            yield Wait(lambda: not actor.process.is_running, context.run.now + TERMINATING)
            message = f"{actor.name} did not end within {spoken_duration(patience)} of SIGTERM, and was killed"
            raise Failed(place.located("R632", message, notes=actor.tail()), message)

    return execute


def _kill(step: Step, compiler: Compiler) -> Executor:
    place = compiler.place(step)

    def execute(context: Context) -> Waiting:
        actor = _running(context, place, "there is nothing to kill")
        actor.killed = True
        actor.process.kill()
        yield Wait(lambda: not actor.process.is_running, context.run.now + TERMINATING)

    return execute


def _type(step: Step, compiler: Compiler) -> Executor:
    place = compiler.place(step)

    def act(context: Context, text: object) -> None:
        actor = _running(context, place, "it reads nothing")
        line = show(text)
        context.run.journal.add("typed", context.run.now, session=actor.name, text=line)
        if not actor.process.type(line):
            message = f"{actor.name} does not read its standard input any more"
            raise Failed(place.located("R630", message), message)

    return bind(compiler.values(step), act)


def _prompt(step: Step, compiler: Compiler) -> Executor:
    def act(context: Context, text: object) -> None:
        context.run.journal.add("prompt", context.run.now, session=context.actor, text=show(text))
        context.run.environment.prompt(show(text))

    return bind(compiler.values(step), act)


def reconnect(step: Step, compiler: Compiler) -> Executor:
    """Heals the path, and waits for CTP's own reconnect; nothing that the program must do."""
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        actor, run = _running(context, place, "nothing can connect"), context.run
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        heal = commands.network.Heal(session=actor.name)
        run.journal.fault(run.now, heal, run.environment.command(heal))
        connection = actor.books.connection
        if connection.state == "absent":  # it has no API object that could reconnect
            return
        if not (yield Wait(lambda: connection.reached("connected") or actor.has_ended, run.now + patience)):
            message = f"{actor.name} was not connected within {spoken_duration(patience)}"
            raise Failed(place.located("R602", message), message)

    return execute


EXECUTORS: Mapping[str, CompileStep] = {
    "start": _start,
    "terminate": _terminate,
    "kill": _kill,
    "type": _type,
    "prompt": _prompt,
}
