"""`ctpscen profile`: what live runs log in as."""

import argparse
import sys
from pathlib import Path

from ctpscen.commands import PASSED, USAGE
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.scenarios import plain
from ctpscen.report.terminal.writer import writer_for


def execute(options: argparse.Namespace) -> int:
    """`profile import FILE`: another program's settings, as a section of ctpscen.toml."""
    from ctpscen.live.profile.importing import BadImport, import_profile
    from ctpscen.live.profile.profiles import FILE

    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        imported = import_profile(Path(options.file), options.name)
    except BadImport as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    if options.write:
        path = Path(FILE)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if f"[profile.{imported.name}]" in before.split("\n"):
            err.write(plain(f"{path}: there is a profile `{imported.name}` already; it was left as it is", "bad"))
            return USAGE
        gap = "\n" if before.strip() else ""
        try:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(gap + imported.section)
        except OSError as reason:
            err.write(plain(str(Unwritable.because(str(path), reason)), "bad"))
            return USAGE
        out.write(plain(f"wrote [profile.{imported.name}] to {path}", "good"))
    else:
        for line in imported.section.splitlines():
            out.write(plain(line))
    for note in imported.notes:
        err.write(plain(note, "warn"))
    return PASSED
