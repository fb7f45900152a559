"""The command line: which commands there are, and how one is called.

A command is a module of `ctpscen.commands`, imported when it is asked for, so that none waits for what another needs.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import NoReturn, Protocol, cast

from ctpscen import __version__
from ctpscen.commands import ERROR, INTERRUPTED, USAGE
from ctpscen.startup import HelpFormatter, collect_garbage_rarely, exit_at_once
from ctpscen.streams import open_standard_streams

# What each command is for, in the order of the help page.
COMMANDS: Mapping[str, str] = {
    "run": "run scenarios",
    "explore": "run scenarios under faults that they do not name",
    "check": "check scenarios without running them",
    "fmt": "format scenario files",
    "explain": "explain a code, or a word of CTP",
    "debug": "go through a scenario step by step, forwards and back",
    "try": "run a program on the simulator, without a scenario",
    "certify": "run a broker's functional test, and fill in its forms",
    "show": "show a journal",
    "diff": "compare two journals",
    "new": "write a first scenario",
    "scenarios": "list or copy the scenarios that came with ctpscen",
    "docs": "show the documentation",
    "products": "show products and their terms, or keep your broker's",
    "profile": "profiles of live runs",
    "relay": "break the wire of any CTP program",
    "doctor": "see whether live runs can work here",
    "completion": "complete the command line in a shell",
}

_MODULES = {"try": "try_program"}  # a module cannot be called as a keyword


class Command(Protocol):
    """A module of `ctpscen.commands`. The description stands above the options on its help page, the epilog below."""

    DESCRIPTION: str
    EPILOG: str

    def declare(self, parser: argparse.ArgumentParser, /) -> None:
        """Tells the parser of its arguments."""

    def execute(self, options: argparse.Namespace, /) -> int:
        """Does what is asked for; gives the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives its exit code."""
    collect_garbage_rarely()
    arguments = sys.argv[1:] if arguments is None else arguments
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could follow, and nothing else is to be done
        import argcomplete

        argcomplete.autocomplete(parser_of(_named_in(os.environ.get("COMP_LINE", "").split()[1:])))
    options = parser_of(_named_in(arguments)).parse_args(arguments)
    try:
        return _command(options.command).execute(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from ctpscen.internal_error import describe
        from ctpscen.report.terminal.visible import visible

        sys.stderr.write(visible(describe(error)) + "\n")
        return ERROR


def run_as_command() -> NoReturn:
    """`ctpscen` in a shell: runs a command and ends the process."""
    outputs = open_standard_streams()
    try:
        code = main()
    except SystemExit as end:  # of argparse: a help page was shown, or bad usage
        code = end.code if isinstance(end.code, int) else USAGE
    sys.stdout.flush()
    if outputs.out is not None and (reason := outputs.out.trouble):
        sys.stderr.write(f"standard output: cannot be written: {reason.strerror}\n")
        code = code if code in (USAGE, INTERRUPTED) else ERROR
    exit_at_once(code)


def _command(name: str) -> Command:
    return cast(Command, import_module(f"ctpscen.commands.{_MODULES.get(name, name)}"))


def _named_in(arguments: Sequence[str]) -> Sequence[str]:
    """The command that stands first, which is the only one to be declared then; none where none does."""
    return [name for name in arguments[:1] if name in COMMANDS]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says what is wrong with the arguments, among which a file's name may be, and ends."""
        from ctpscen.report.terminal.visible import visible

        super().error(visible(message))


def parser_of(declared: Iterable[str]) -> argparse.ArgumentParser:
    """A parser with the arguments of some commands; where there are none, it knows the names of all."""
    parser = _Parser(
        prog="ctpscen", description="Scenario tests for programs that trade through CTP.", formatter_class=HelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"ctpscen {__version__}")
    commands = parser.add_subparsers(prog=parser.prog, metavar="COMMAND", required=True, dest="command")
    for name in declared:
        command = _command(name)
        command.declare(
            commands.add_parser(
                name,
                help=COMMANDS[name],
                description=command.DESCRIPTION,
                epilog=command.EPILOG,
                formatter_class=HelpFormatter,
            )
        )
    for name in () if commands.choices else COMMANDS:
        commands.add_parser(name, help=COMMANDS[name])
    return parser


if __name__ == "__main__":
    run_as_command()
