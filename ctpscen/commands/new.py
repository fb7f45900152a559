"""`ctpscen new`: a first scenario out of a template, with comments that say what may be changed."""

import argparse
import sys
from pathlib import Path

from ctpscen.bundled import templates
from ctpscen.commands import PASSED, USAGE
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import writer_for

DEFAULT = "reconnect"

DESCRIPTION = "Writes a scenario with comments that say what may be changed; a file that is there is left alone."

EPILOG = """\
examples:
  ctpscen new order_in_flight && ctpscen run order_in_flight.scn
  ctpscen new first_night --template night
  ctpscen new --list
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="the scenario's name; it is written to NAME.scn")
    what = f"what to begin with (default {DEFAULT})"
    parser.add_argument("--template", choices=list(templates()), default=DEFAULT, metavar="TEMPLATE", help=what)
    parser.add_argument("--list", action="store_true", help="list the templates")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    if options.list:
        width = max(map(len, templates()))
        for name, (summary, _) in templates().items():
            out.write(plain(f"{name:<{width}}  {summary}"))
        return PASSED
    if options.name is None:
        err.write(plain("what is the scenario to be called? `ctpscen new NAME` writes NAME.scn", "bad"))
        return USAGE
    path = Path(options.name if options.name.endswith(".scn") else f"{options.name}.scn")
    title = path.stem.replace("_", " ").replace("-", " ").replace('"', "'")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(templates()[options.template][1].replace("TITLE", title))
    except FileExistsError:
        err.write(plain(f"{path}: there is such a file already; it was left as it is", "bad"))
        return USAGE
    except OSError as reason:
        err.write(plain(str(Unwritable.because(str(path), reason)), "bad"))
        return USAGE
    out.write(plain(f"wrote {path}; run it: ctpscen run {path}", "good"))
    return PASSED
