"""`ctpscen scenarios`: the library of scenarios and the examples that came with this version."""

import argparse
import shutil
import sys
from pathlib import Path

from ctpscen.bundled import LIBRARY, folder, scenario_files
from ctpscen.commands import PASSED, USAGE
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.lines import Piece, plain
from ctpscen.report.terminal.writer import writer_for

DESCRIPTION = "Lists the scenarios and examples that came with ctpscen, or copies them."

EPILOG = """\
examples:
  ctpscen scenarios
  ctpscen scenarios --copy . && ctpscen run scenarios/reconnect.scn
"""


def declare(parser: argparse.ArgumentParser) -> None:
    what = "write them to FOLDER/scenarios and FOLDER/examples, neither of which may be there"
    parser.add_argument("--copy", type=Path, metavar="FOLDER", help=what)


def execute(options: argparse.Namespace) -> int:
    out = writer_for(sys.stdout)
    if options.copy is not None:
        return _copy(options.copy)
    files = list(scenario_files())
    width = max(len(path) for path, _ in files)
    for path, summary in files:
        out.write([Piece(f"{path:<{width}}  "), Piece(summary, "dim")])
    return PASSED


def _copy(to: Path) -> int:
    """Copies all of it, or nothing where something stands in the way."""
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    for name in LIBRARY:
        if (to / name).exists():
            err.write(plain(f"{to / name}: is there already; nothing was copied", "bad"))
            return USAGE
    try:
        for name in LIBRARY:
            shutil.copytree(folder(name), to / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    except OSError as reason:  # of copytree: a list of them, or one
        err.write(plain(str(Unwritable.because(str(to), reason)), "bad"))
        return USAGE
    out.write(
        plain(f"wrote {to / 'scenarios'} and {to / 'examples'}; run them: ctpscen run {to / 'scenarios'}", "good")
    )
    return PASSED
