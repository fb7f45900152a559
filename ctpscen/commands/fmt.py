"""`ctpscen fmt`: files in the one layout."""

import argparse
import stat
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from ctpscen.commands import FAILED, PASSED, USAGE
from ctpscen.language.syntax.format import format_source
from ctpscen.language.text.source import Source
from ctpscen.loading import STANDARD_INPUT, Unreadable, read_text, whole_files
from ctpscen.regular_files import in_place_of
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.lines import counted, plain
from ctpscen.report.terminal.writer import Writer, write_diagnostics, writer_for

DESCRIPTION = "Writes scenario files anew in the one layout; comments and meaning stay."

EPILOG = """\
examples:
  ctpscen fmt scenarios
  ctpscen fmt --check scenarios
  ctpscen fmt --diff order.scn
  ctpscen fmt --words zh order.scn
  ctpscen fmt - < order.scn

exit codes:
  0    done; with --check or --diff: nothing would change
  1    with --check or --diff: a file would change
  2    bad usage, or a file cannot be parsed; it is left as it is
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a .scn file, a folder, or - from standard input to standard output"
    )
    parser.add_argument(
        "--words",
        choices=("zh", "en"),
        metavar="zh|en",
        help="write the words of the language in Chinese or in English (default: as the author spelled them)",
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help="only say which files would change")
    modes.add_argument("--diff", action="store_true", help="only show what would change")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    changed, same, unfit = [], 0, 0
    for argument in options.files:
        try:
            for path in whole_files(argument):
                text = read_text(path)
                found = format_source(Source("stdin" if path == STANDARD_INPUT else path, text), options.words)
                if found.text is None:
                    write_diagnostics(found.diagnostics, err)
                    unfit += 1
                elif path == STANDARD_INPUT and not (options.check or options.diff):
                    sys.stdout.write(found.text)
                elif found.text == text:
                    same += 1
                else:
                    changed.append(path)
                    _change(path, text, found.text, options, out)
        except (Unreadable, Unwritable) as reason:
            err.write(plain(str(reason), "bad"))
            unfit += 1
    if options.files != [STANDARD_INPUT]:
        _summary(changed, same, options, err if options.diff else out)
    if unfit:
        return USAGE
    return FAILED if changed and (options.check or options.diff) else PASSED


def _change(path: str, before: str, after: str, options: argparse.Namespace, out: Writer) -> None:
    """Writes a file anew, or says or shows that it would be."""
    if options.diff:
        for line in _difference(path, before, after):
            style = {"+": "good", "-": "bad", "@": "heading"}.get(line[:1], "")
            out.write(plain(line, style))
        return
    if not options.check:
        _replace(Path(path), after)
    out.write(plain(f"{'would format' if options.check else 'formatted'} {path}", "warn" if options.check else ""))


def _difference(path: str, before: str, after: str) -> Iterator[str]:
    yield from unified_diff(before.splitlines(), after.splitlines(), path, f"{path} (formatted)", lineterm="")


def _replace(path: Path, text: str) -> None:
    """Writes beside the file and renames, so that it is never half written; what it allows to whom stays.

    Raises Unwritable where that cannot be done.
    """
    target = path.resolve()
    try:
        part = target.with_name(f".{target.name}.part")
        with in_place_of(target, part, stat.S_IMODE(target.stat().st_mode)) as stream:
            stream.write(text.encode())
    except OSError as reason:
        raise Unwritable.because(str(path), reason) from None


def _summary(changed: list[str], same: int, options: argparse.Namespace, out: Writer) -> None:
    verb = "would be formatted" if options.check or options.diff else "formatted"
    style = "warn" if changed and (options.check or options.diff) else "good"
    out.write(plain(f"{counted(len(changed), 'file')} {verb}, {counted(same, 'file')} unchanged", style))
