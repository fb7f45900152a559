"""`soft`: a failure is noted, and the scenario goes on."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor
from ctpscen.language.syntax.tree import Step


def softly(executor: Executor) -> Executor:
    """`soft`: a failure is noted, and the scenario goes on."""

    def execute(context: Context) -> Waiting:
        try:
            waiting = executor(context)
            if waiting is not None:
                yield from waiting
        except Failed as failure:
            run = context.run
            run.soft_failures.append(failure)
            run.journal.add("soft", run.now, reason=failure.reason)

    return execute


def softened(compile_step: CompileStep) -> CompileStep:
    """How a step is compiled that `soft` may stand before."""

    def compile_softly(step: Step, compiler: Compiler) -> Executor:
        executor = compile_step(step, compiler)
        return softly(executor) if step.has("soft") else executor

    return compile_softly
