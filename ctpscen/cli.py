"""The command line: what can be asked, and who answers it.

A command's module is imported when it is used, so that none waits for what another needs.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from ctpscen import __version__
from ctpscen.commands import ERROR, INTERRUPTED, PASSED

_RUN_HELP = """\
examples:
  ctpscen run scenarios/reconnect.scn
  ctpscen run scenarios/reconnect.scn:12 --seed 7
  ctpscen run scenarios --set volume=3
  echo 'place order; disconnect; wait 10s; reconnect; expect trades' | ctpscen run -

exit codes:
  0    every scenario passed, or was skipped
  1    a scenario failed
  2    bad usage, or a file that does not check; nothing ran
  3    an error while running
  4    a scenario was blocked
  5    no scenario was selected
  130  interrupted
of several, the first of 2, 3, 1, 4 counts
"""

_CHECK_HELP = """\
examples:
  ctpscen check scenarios
  ctpscen check order.scn --json

exit codes:
  0    no file has an error (there may be warnings)
  2    bad usage, or a file has an error
"""

_FMT_HELP = """\
examples:
  ctpscen fmt scenarios
  ctpscen fmt --check scenarios
  ctpscen fmt --diff order.scn
  ctpscen fmt - < order.scn

exit codes:
  0    done; with --check or --diff: nothing would change
  1    with --check or --diff: a file would change
  2    bad usage, or a file cannot be parsed; it is left as it is
"""

_EXPLAIN_HELP = """\
examples:
  ctpscen explain E104
  ctpscen explain
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a pipe may be set to an encoding without arrows
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        command = import_module(f"ctpscen.commands.{options.command}")
        code: int = command.execute(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read has gone; Python would complain about it at exit
        return PASSED
    except Exception as error:
        from ctpscen.internal import describe

        sys.stderr.write(describe(error) + "\n")
        return ERROR
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ctpscen", description="Scenario tests for programs that trade through CTP.")
    parser.add_argument("--version", action="version", version=f"ctpscen {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, dest="command")
    for name, (declare, summary, description, epilog) in _COMMANDS.items():
        declare(
            commands.add_parser(
                name,
                help=summary,
                description=description,
                epilog=epilog,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser


def _declare_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a .scn file, FILE:LINE for the scenario at that line, a folder, or - for standard input",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="give a param another value; may be repeated",
    )
    parser.add_argument("--account", default="", metavar="NAME", help="account of sessions that name none")
    parser.add_argument("--instrument", default="", metavar="ID", help="instrument of orders that name none")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is left to chance (0)")


def _declare_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a .scn file, a folder, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def _declare_fmt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a .scn file, a folder, or - from standard input to standard output"
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help="only say which files would change")
    modes.add_argument("--diff", action="store_true", help="only show what would change")


def _declare_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as E104; without it, all codes are listed")


_Declare = Callable[[argparse.ArgumentParser], None]

_COMMANDS: dict[str, tuple[_Declare, str, str, str]] = {
    "run": (
        _declare_run,
        "run scenarios",
        "Runs scenarios against the simulated venue and reports what happened.",
        _RUN_HELP,
    ),
    "check": (
        _declare_check,
        "check scenarios without running them",
        "Parses and checks scenario files and shows every error and warning in them.",
        _CHECK_HELP,
    ),
    "fmt": (
        _declare_fmt,
        "format scenario files",
        "Writes scenario files anew in the one layout; comments and meaning stay.",
        _FMT_HELP,
    ),
    "explain": (
        _declare_explain,
        "explain an error code",
        "Explains what a code such as E104 means, with an example.",
        _EXPLAIN_HELP,
    ),
}


if __name__ == "__main__":
    sys.exit(main())
