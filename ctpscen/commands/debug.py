"""`ctpscen debug`: a scenario step by step, forwards and back, with all that is known at each."""

import argparse
import sys
from typing import TYPE_CHECKING

from ctpscen.arguments import declare_given, select_items, terms_for, values_for
from ctpscen.commands import NOTHING_SELECTED, PASSED, USAGE
from ctpscen.ctp.times import precise_text
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.loading import Unreadable
from ctpscen.report.terminal.lines import VERDICT_STYLES, Piece, plain
from ctpscen.report.terminal.summary import listed
from ctpscen.report.terminal.writer import Writer, writer_for

if TYPE_CHECKING:
    from ctpscen.debugger import Debugger, Stepper

DESCRIPTION = "Goes through a scenario step by step, forwards and back, and shows what is known at each."

HELP = """\
step [N]      do the next step, or so many
back [N]      go back one step, or so many
to LINE       run until a step on this line is next
end           run to the end
print EXPR    an expression, where the next step stands
inbox         reports that no expectation has taken
orders        orders as their senders know them
books         positions as reported
clock         the time, and how each session is connected
list          the steps around here
help, quit
a run with a program under test goes forwards alone
each may be shortened, `back` to b and `books` to bo; an empty line does the last one again"""

EPILOG = f"""\
examples:
  ctpscen debug order.scn
  ctpscen debug scenarios/reconnect.scn:6 --seed 7
  ctpscen debug order.scn --set volume=5

commands:
{HELP}
"""

COMMANDS = ("step", "back", "to", "end", "print", "inbox", "orders", "books", "clock", "list", "help", "quit")
AROUND = 4
"""So many steps before and behind are listed."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE[:LINE]", help="a .scn file, or a scenario in it by its line")
    declare_given(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is left to chance (0)")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    selection = select_items([options.file])
    selection.tell(err)
    if not selection.is_sound:
        return USAGE
    if len(selection.items) != 1:
        err.write(plain("one scenario is debugged at a time; name it by FILE:LINE", "warn"))
        for item in selection.items:
            err.write(listed(item.place, item.scenario.title, item.row, item.scenario.tags))
        for reason in selection.unmet:
            err.write(plain(reason, "warn"))
        return NOTHING_SELECTED
    (item,) = selection.items
    from ctpscen.debugger import Debugger, Stepper
    from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
    from ctpscen.runner.execution import Order, unit_of
    from ctpscen.runner.values import BadValue

    try:
        values, terms = values_for(options, [item]), terms_for(options)
    except (BadValue, Unreadable) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    account = options.account or DEFAULT_ACCOUNT
    settings = Settings(values=values, account=account, instrument=options.instrument, terms=terms)

    prompt = _Prompt(out, err)
    out.write(plain(f"{item.place}  {item.scenario.title}", "heading"))
    unit = unit_of(item, Order(options.seed, settings))
    if item.program.programs:
        out.write(plain("a run with a program is not the same twice: it goes forwards alone", "dim"))
        stepper = Stepper(item.program, unit, prompt.halt)
        stepper.run()
        if stepper.sought is not None:
            err.write(plain(f"no step on line {stepper.sought} came", "warn"))
        if not prompt.has_quit:
            prompt.halt(stepper)
        return PASSED
    debugger = Debugger(item.program, unit)
    _show_place(debugger, out)
    while prompt.ask(debugger):
        pass
    return PASSED


class _Prompt:
    """What is typed, command by command; an empty line does the last one again."""

    def __init__(self, out: Writer, err: Writer) -> None:
        self.has_quit = False
        self._out, self._err, self._last = out, err, "step"
        self._is_typed = sys.stdin.isatty()
        if self._is_typed:
            _edit_lines()

    def ask(self, debugger: "Debugger | Stepper") -> bool:
        """Does the next command; False where it ends all."""
        try:
            line = input("(debug) " if self._is_typed else "")
        except EOFError:
            self.has_quit = True
            return False
        if not self._is_typed:  # what is read is shown, too
            self._out.write(plain(f"(debug) {line}", "dim"))
        self._last = line.strip() or self._last
        self.has_quit = not _do(debugger, self._last, self._out, self._err)
        return not self.has_quit

    def halt(self, stepper: "Stepper") -> None:
        """Asks until the run is to go on, or to end."""
        _show_place(stepper, self._out)
        stepper.goes_on = False
        while self.ask(stepper):
            if stepper.goes_on:
                return
        if not stepper.is_over:
            stepper.stop()


def _edit_lines() -> None:
    """Lines that are edited, with those before at the arrows, and commands completed by Tab, where the system can."""
    try:
        import readline
    except ImportError:  # Windows has none
        return

    def complete(text: str, number: int) -> str | None:
        begun = readline.get_line_buffer().lstrip()
        found = [f"{each} " for each in COMMANDS if each.startswith(text)] if begun == text else []
        return found[number] if number < len(found) else None

    readline.set_completer(complete)
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")


def _do(debugger: "Debugger | Stepper", line: str, out: Writer, err: Writer) -> bool:
    """Does a command; False where it ends all."""
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    name = next((each for each in COMMANDS if word and each.startswith(word)), None)
    if name is None:
        err.write(plain(f"there is no command `{word}`{did_you_mean(word, COMMANDS)}; `help` lists them", "warn"))
    elif name == "quit":
        return False
    elif name == "help":
        out.write(plain(HELP))
    elif name in ("step", "back", "to") and rest and not rest.isdecimal():
        err.write(plain(f"`{name}` takes a number, not `{rest}`", "warn"))
    elif name in ("step", "back", "to", "end"):
        _move(debugger, name, int(rest) if rest else None, out, err)
    elif name == "list":
        _list(debugger, out)
    elif name == "print":
        _write_all(debugger.evaluate(rest) if rest else ["print what? such as `print entry.status`"], out)
    else:
        _write_all(debugger.look(name), out)
    return True


def _move(debugger: "Debugger | Stepper", name: str, number: int | None, out: Writer, err: Writer) -> None:
    if name == "back" and not debugger.goes_back:
        err.write(plain("what a program did is not undone: `back` needs a run that is the same twice", "warn"))
        return
    if name == "to" and number is None:
        err.write(plain("to which line? such as `to 12`", "warn"))
        return
    if name in ("to", "end"):
        if not debugger.run_to(number):
            err.write(plain(f"no step on line {number} follows", "warn"))
            return
    else:
        debugger.move((1 if number is None else number) * (1 if name == "step" else -1))
    if debugger.goes_back:
        _show_place(debugger, out)


def _show_place(debugger: "Debugger | Stepper", out: Writer) -> None:
    """The step that is next, or how it all ended."""
    if debugger.is_over:
        result = debugger.result
        reason = result.reason.splitlines()[0] if result.reason else ""
        out.write([Piece(result.verdict, VERDICT_STYLES[result.verdict]), Piece(f"  {reason}")])
        return
    out.write(plain(_step(debugger, debugger.position, "→")))


def _step(debugger: "Debugger | Stepper", at: int, mark: str) -> str:
    step = debugger.steps[at]
    return f"{mark} {precise_text(step.time)}  {step.line:>4}  {step.actor}: {step.text}"


def _list(debugger: "Debugger | Stepper", out: Writer) -> None:
    first = max(0, debugger.position - AROUND)
    for at in range(first, min(len(debugger.steps), debugger.position + AROUND + 1)):
        out.write(plain(_step(debugger, at, "→" if at == debugger.position else " ")))


def _write_all(lines: list[str], out: Writer) -> None:
    for line in lines:
        out.write(plain(f"  {line}"))
