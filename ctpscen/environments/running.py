"""What running programs have in common, on the simulator and live: a process, its events, a person before it."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import define

from ctpscen.engine.state.outcomes import Skipped
from ctpscen.engine.state.program_actor import CannotBeStarted, ProgramActor
from ctpscen.live.library import locale
from ctpscen.program.events import Called, Delivered, Event, Exited, Hazard, Line
from ctpscen.program.processes.building import native
from ctpscen.program.processes.process import NoNamespace, Process
from ctpscen.program.programs import Program
from ctpscen.program.serving.connections import Poller
from ctpscen.program.spec import CannotStart


@define(eq=False)
class RunningProcess:
    """A program as the engine sees it."""

    program: Program
    note: Callable[[str], None]
    _guard_noted: bool = False

    @property
    def is_running(self) -> bool:
        return self.program.is_running

    def start(self) -> None:
        try:
            self.program.start()
        except CannotStart as reason:
            raise CannotBeStarted(str(reason)) from None
        if self.program.guard and not self._guard_noted:
            self._guard_noted = True
            self.note(self.program.guard)

    def terminate(self) -> None:
        self.program.terminate()

    def kill(self) -> None:
        self.program.kill()

    def type(self, line: str) -> bool:
        return self.program.type(line)

    def explain(self) -> str:
        return self.program.explain()


def python_locale() -> Mapping[str, str]:
    """The variables by which a Python binding of CTP finds the locale without which it aborts; none where it cannot."""
    import platformdirs

    try:
        return locale.environment(Path(platformdirs.user_state_dir("ctpscen")) / "locales")
    except locale.LocaleUnavailable:
        return {}


def hand_on(actor: ProgramActor, event: Event) -> None:
    match event:
        case Called():
            actor.called(event.request, event.returned)
        case Delivered():
            actor.deliver(event.callback)
        case Line():
            actor.wrote(event.time, event.stream, event.text)
        case Exited():
            actor.ended(event.time, event.code, event.signal)
        case Hazard():
            actor.misused(event.time, event.text)


def how_programs_are_kept() -> str:
    """Whether programs can be started on this machine, and what keeps them off the network."""
    poller = Poller()
    process = Process(poller, lambda _, __: None)
    try:
        process.start(native(), ("true",), os.environ, Path(os.sep), "none")
    except NoNamespace as reason:
        return f"can be started; their calls of the network are guarded, because {reason}"
    except CannotStart as reason:
        return f"cannot be started: {str(reason).splitlines()[0]}"
    else:
        process.close()
        os.close(process.output)
        os.close(process.errors)
        return "can be started, each in a network of its own"
    finally:
        poller.close()


def ask_person(text: str, *, unattended: bool) -> None:
    """Asks whoever sits before the programs to do something. Raises Skipped where nobody does."""
    if unattended or not sys.stdin.isatty():
        raise Skipped(reason=f"it asks a person to do something, and nobody is there: {text}")
    print(text, file=sys.stderr, flush=True)
