"""The command line: what can be asked, and who answers it.

A command's module is imported when it is used, so that none waits for what another needs.
"""

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from ctpscen import __version__
from ctpscen.commands import ERROR, INTERRUPTED, PASSED

# A run makes many objects that live as long as it does, or as a scenario; looking for garbage among them every 700
# new ones, as Python does, costs a sixth of the start and a third of the time after it.
GARBAGE = (50_000, 20, 20)

# The width of a help page that no terminal shows.
_COLUMNS = 80

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


_NEW_HELP = """\
examples:
  ctpscen new order_in_flight && ctpscen run order_in_flight.scn
"""

_SHOW_HELP = """\
examples:
  ctpscen run scenarios/reconnect.scn --journal journals
  ctpscen show journals/scenarios.reconnect.scn-6.jsonl --timeline
  ctpscen show journals/scenarios.reconnect.scn-6.jsonl --session trader --order 2

exit codes:
  0    shown
  2    bad usage, or a file that is no journal
"""

_DIFF_HELP = """\
examples:
  ctpscen run order.scn --journal before && ctpscen run order.scn --journal after --set volume=3
  ctpscen diff before/order.scn-1.jsonl after/order.scn-1.jsonl

exit codes:
  0    they are the same, but for where they were made
  1    they differ
  2    bad usage, or a file that is no journal
"""

_PROFILE_HELP = """\
examples:
  ctpscen profile import ~/.vntrader/connect_ctp.json
  ctpscen profile import settings.py --name desk --write

exit codes:
  0    printed, or written
  2    bad usage, or no settings in the file
"""

_RELAY_HELP = """\
examples:
  ctpscen relay 127.0.0.1:4001 tcp://180.168.146.187:10201 --control 127.0.0.1:4000
  echo cut | nc 127.0.0.1 4000

commands, one a line:
  cut | heal | stall | silence | latency 200ms [jitter 50ms] | flap 5s [for 60s] | status

exit codes:
  2    bad usage, or an address that cannot be listened at
  130  interrupted
"""

_DOCTOR_HELP = """\
examples:
  ctpscen doctor
  ctpscen doctor --live simnow

exit codes:
  0    all is well
  4    something is missing; its remedy stands below it
"""

_COMPLETION_HELP = """\
examples:
  eval "$(ctpscen completion bash)"
  eval "$(ctpscen completion zsh)"
  ctpscen completion fish | source
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a pipe may be set to an encoding without arrows
            stream.reconfigure(errors="replace")
    gc.set_threshold(*GARBAGE)
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = parser_of(arguments[0] if arguments else "")
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could follow, and nothing else is to be done
        import argcomplete

        argcomplete.autocomplete(parser)
    options = parser.parse_args(arguments)
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
        from ctpscen.internal_error import describe

        sys.stderr.write(describe(error) + "\n")
        return ERROR
    return code


def run_as_command() -> None:
    """`ctpscen` in a shell: runs a command and ends the process.

    It ends at once. Python would first free every object of the run, one by one, which takes a third as long as the
    run itself.
    """
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever read has gone, or the stream is closed
            stream.flush()
    os._exit(code)


def _width() -> int:
    """How many columns a help page has, by the rules of `shutil.get_terminal_size`."""
    with contextlib.suppress(ValueError):
        if (told := int(os.environ.get("COLUMNS", "0"))) > 0:
            return told
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS if sys.__stdout__ else _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Knows its width. For each option that is declared argparse makes one, which else imports `shutil`."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


def parser_of(command: str) -> argparse.ArgumentParser:
    """A parser of the command that is given; of all of them where that is none."""
    parser = argparse.ArgumentParser(
        prog="ctpscen", description="Scenario tests for programs that trade through CTP.", formatter_class=_Formatter
    )
    parser.add_argument("--version", action="version", version=f"ctpscen {__version__}")
    commands = parser.add_subparsers(prog=parser.prog, metavar="COMMAND", required=True, dest="command")
    for name in [command] if command in _COMMANDS else _COMMANDS:
        declare, summary, description, epilog = _COMMANDS[name]
        declare(
            commands.add_parser(
                name,
                help=summary,
                description=description,
                epilog=epilog,
                formatter_class=_Formatter,
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
    parser.add_argument(
        "--set-file", action="append", default=[], metavar="FILE", dest="value_files", help="NAME=VALUE, one a line"
    )
    parser.add_argument("--account", default="", metavar="NAME", help="account of sessions that name none")
    parser.add_argument("--instrument", default="", metavar="ID", help="instrument of orders that name none")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is left to chance (0)")
    live = parser.add_argument_group("live")
    live.add_argument("--live", default="", metavar="PROFILE", help="on a real front, as this profile of ctpscen.toml")
    live.add_argument("--allow-orders", action="store_true", help="let orders out, within the profile's caps")
    live.add_argument("--keep-orders", action="store_true", help="leave working what a scenario leaves working")
    live.add_argument("--dry-run", action="store_true", help="show what would be sent, and connect to nothing")
    live.add_argument(
        "--retry",
        type=_positive,
        default=0,
        metavar="N",
        help="try what fails up to N times again; what passes then is flaky",
    )
    live.add_argument("--show-ids", action="store_true", help="show users and investors in reports as they are")
    choice = parser.add_argument_group("which scenarios")
    choice.add_argument("--tag", metavar="EXPR", help="such as 'reconnect and not slow'")
    choice.add_argument(
        "--name", action="append", default=[], metavar="GLOB", help="titles that match; may be repeated"
    )
    choice.add_argument("--last-failed", action="store_true", help="only what failed when it was last run from here")
    choice.add_argument("--list", action="store_true", help="list them and run nothing")
    how = parser.add_argument_group("how")
    how.add_argument(
        "-j", "--processes", default="1", type=_processes, metavar="N", help="in so many processes, or auto"
    )
    how.add_argument("--repeat", type=_positive, default=1, metavar="N", help="each so many times, seeds differing")
    how.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first that does not pass")
    how.add_argument("--max-failures", type=_positive, metavar="N", help="stop when so many did not pass")
    how.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    shown = parser.add_argument_group("what is shown and written")
    shown.add_argument("-v", "--verbose", action="count", default=0, help="the steps of all; -vv all callbacks")
    shown.add_argument("-q", "--quiet", action="store_true", help="a dot for what passes")
    shown.add_argument("--journal", metavar="DIR", help="write a journal of each, one event a line of JSON")
    shown.add_argument("--junit", metavar="FILE", help="write a JUnit report")
    shown.add_argument("--json", metavar="FILE", help="write all results and events as JSON")
    shown.add_argument("--html", metavar="FILE", help="write a page with a sequence diagram of each")


def _positive(text: str) -> int:
    """A number from 1 on the command line. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text}")
    return int(text)


def _processes(text: str) -> str:
    return text if text == "auto" else str(_positive(text))


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


def _declare_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the scenario's name; it is written to NAME.scn")


def _declare_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journal", metavar="JOURNAL", help="a file that run --journal wrote")
    parser.add_argument("--session", metavar="NAME", help="only what this session does and gets")
    parser.add_argument("--order", metavar="REF", help="only requests and reports with this OrderRef")
    parser.add_argument("--callback", metavar="NAME", help="only callbacks of this name")
    parser.add_argument("--timeline", action="store_true", help="draw it, with a column a session")


def _declare_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="A", help="a journal")
    parser.add_argument("second", metavar="B", help="another one")


def _declare_profile(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", required=True, dest="action")
    reading = actions.add_parser("import", help="make a profile of another program's settings")
    reading.add_argument("file", metavar="FILE", help="connect_ctp.json, a file with CONNECT_INFO, or one with CTP_*")
    reading.add_argument("--name", default="", metavar="NAME", help="what to call the profile (the file's name)")
    reading.add_argument("--write", action="store_true", help="add it to ctpscen.toml in this folder")


def _declare_relay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("listen", metavar="LISTEN", help="host:port, or a port of the loopback")
    parser.add_argument("front", metavar="FRONT", help="such as tcp://180.168.146.187:10201")
    parser.add_argument("--control", default="", metavar="HOST:PORT", help="take commands there")


def _declare_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--live", default="", metavar="PROFILE", help="look at this profile, and log in with it")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def _declare_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that is to complete")


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
    "show": (
        _declare_show,
        "show a journal",
        "Shows a journal as the report of its run did, or as a sequence diagram.",
        _SHOW_HELP,
    ),
    "diff": (
        _declare_diff,
        "compare two journals",
        "Shows where two journals part, and what else differs.",
        _DIFF_HELP,
    ),
    "new": (
        _declare_new,
        "write a first scenario",
        "Writes a scenario with comments that say what may be changed; a file that is there is left alone.",
        _NEW_HELP,
    ),
    "profile": (
        _declare_profile,
        "profiles of live runs",
        "Makes profiles, which say as whom and where live runs log in. No secret is copied.",
        _PROFILE_HELP,
    ),
    "relay": (
        _declare_relay,
        "break the wire of any CTP program",
        "Passes bytes between a CTP program and its front, and cuts, stalls or delays them when told to.",
        _RELAY_HELP,
    ),
    "doctor": (
        _declare_doctor,
        "see whether live runs can work here",
        "Looks at all that a live run needs and says what is missing and how to get it.",
        _DOCTOR_HELP,
    ),
    "completion": (
        _declare_completion,
        "complete the command line in a shell",
        "Prints what a shell needs to complete ctpscen's command line.",
        _COMPLETION_HELP,
    ),
}


if __name__ == "__main__":
    run_as_command()
