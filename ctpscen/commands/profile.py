"""`ctpscen profile`: what live runs log in as."""

import argparse
import os
import sys
from pathlib import Path

from ctpscen.commands import PASSED, USAGE
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import writer_for

DESCRIPTION = "Makes profiles, which say as whom and where live runs log in. No secret is copied."

EPILOG = """\
examples:
  ctpscen profile import ~/.vntrader/connect_ctp.json
  ctpscen profile import settings.py --name desk --write

exit codes:
  0    printed, or written
  2    bad usage, or no settings in the file
"""


def declare(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", required=True, dest="action")
    reading = actions.add_parser("import", help="make a profile of another program's settings")
    reading.add_argument("file", metavar="FILE", help="connect_ctp.json, a file with CONNECT_INFO, or one with CTP_*")
    reading.add_argument("--name", default="", metavar="NAME", help="what to call the profile (the file's name)")
    reading.add_argument("--write", action="store_true", help="add it to ctpscen.toml in this folder")


def execute(options: argparse.Namespace) -> int:
    """`profile import FILE`: another program's settings, as a section of ctpscen.toml."""
    from ctpscen.live.profile.importing import BadImport, import_profile
    from ctpscen.live.profile.profiles import FILE, BadProfile, read_profiles

    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        imported = import_profile(Path(options.file), options.name)
    except BadImport as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    notes = list(imported.notes)
    if options.write:
        try:
            _add(Path(FILE), imported.name, imported.section)
        except (BadProfile, Unwritable) as reason:
            err.write(plain(str(reason), "bad"))
            return USAGE
        out.write(plain(f"wrote [profile.{imported.name}] to {FILE}", "good"))
        try:
            read_profiles(Path(FILE))
        except BadProfile as reason:
            notes.append(str(reason))
    else:
        for line in imported.section.splitlines():
            out.write(plain(line))
    for note in notes:
        err.write(plain(note, "warn"))
    return PASSED


def _add(path: Path, name: str, section: str) -> None:
    """Adds a section to a file of profiles. Raises BadProfile and Unwritable."""
    from ctpscen.live.profile.profiles import BadProfile, profiles_of, read_profiles

    before = read_profiles(path) if path.exists() else ""
    if before and name in profiles_of(path):
        raise BadProfile(f"{path}: there is a profile `{name}` already; it was left as it is")
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    try:
        # whatever the umask is: one that others can write is not believed
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
            stream.write(gap + section)
    except OSError as reason:
        raise Unwritable.because(str(path), reason) from None
