"""What several commands take on their command lines: scenarios, values, numbers, durations."""

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field

from ctpscen.completers import completed_by, kept_products, params
from ctpscen.ctp.terms.broker_terms import BrokerTerms
from ctpscen.language.meaning.program import Checked
from ctpscen.loading import Unreadable, load, select
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer, write_diagnostics
from ctpscen.runner.nothing_selected import no_scenario_at
from ctpscen.runner.selection import Item, concerning, items_of
from ctpscen.runner.values import BadValue, pairs_in, read_pairs

MOST_HASTE = 1000
"""Times as fast as the wall's clock: beyond it the waits of a program are shorter than the system can make them."""


def declare_what(parser: argparse.ArgumentParser, *, needs_files: bool = True) -> None:
    """The scenarios, and what they are given."""
    parser.add_argument(
        "files",
        nargs="+" if needs_files else "*",
        metavar="FILE",
        help="a .scn file, FILE:LINE for the scenario at that line, a folder, or - for standard input",
    )
    declare_given(parser)


def declare_given(parser: argparse.ArgumentParser) -> None:
    """What scenarios are given: values of params, accounts, instruments, terms."""
    values = parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="give a param another value; may be repeated",
    )
    completed_by(values, params)
    parser.add_argument(
        "--set-file", action="append", default=[], metavar="FILE", dest="value_files", help="NAME=VALUE, one a line"
    )
    parser.add_argument("--account", default="", metavar="NAME", help="account of sessions that name none")
    parser.add_argument("--instrument", default="", metavar="ID", help="instrument of orders that name none")
    declare_products(parser)


def declare_products(parser: argparse.ArgumentParser) -> None:
    """Whose margins, fees and volumes the venue has."""
    option = parser.add_argument(
        "--products", default="", metavar="NAME", help="terms of your broker, as `ctpscen products import` kept them"
    )
    completed_by(option, kept_products)


def seconds(text: str) -> float:
    """A duration on the command line, in seconds; 0 for `none`. Raises ArgumentTypeError."""
    from ctpscen.language.meaning.types import DURATION
    from ctpscen.language.meaning.values import read_value

    try:
        return 0.0 if text == "none" else float(read_value(text, DURATION).total_seconds())
    except ValueError as reason:
        raise argparse.ArgumentTypeError(str(reason)) from None


def pace(text: str) -> float | str:
    """`jump`, or a factor above 0. Raises ArgumentTypeError."""
    try:
        if text == "jump" or 0 < float(text) <= MOST_HASTE:
            return text if text == "jump" else float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"jump or a number up to {MOST_HASTE} is wanted, not {text}")


def positive(text: str) -> int:
    """A number from 1 on the command line. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text}")
    return int(text)


def process_count(text: str) -> str:
    """`-j`: a number from 1, or `auto`. Raises ArgumentTypeError."""
    return text if text == "auto" else str(positive(text))


def processes(wanted: str) -> int:
    """`-j`: a number, or `auto` for one a core."""
    return (os.cpu_count() or 1) if wanted == "auto" else int(wanted)


@define(eq=False)
class Selection:
    """What the arguments name. `unreadable` and `unmet` say which files and lines there are not."""

    items: list[Item] = field(factory=list)
    files: list[Checked] = field(factory=list)
    unreadable: list[str] = field(factory=list)
    unmet: list[str] = field(factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether all of it is fit to run."""
        return not self.unreadable and all(checked.program is not None for checked in self.files)

    def tell(self, err: Writer, chosen: Sequence[Item] | None = None) -> None:
        """Writes what was found; with `chosen`, no warning that stands in a scenario which is not among these."""
        for checked in self.files:
            found = checked.diagnostics
            if chosen is not None and checked.program is not None:
                found = concerning(found, checked.program, {id(item.scenario) for item in chosen})
            write_diagnostics(found, err)
        for reason in self.unreadable:
            err.write(plain(reason, "bad"))


def select_items(files: Sequence[str]) -> Selection:
    """The scenarios that the arguments name."""
    selection = Selection()
    for argument in files:
        try:
            for selected in select(argument):
                _, checked = load(selected.path)
                selection.files.append(checked)
                if checked.program is not None:
                    found = list(items_of(checked.program, selected))
                    selection.items += found
                    if selected.line is not None and not found:
                        selection.unmet.append(no_scenario_at(checked.program, selected.line))
        except Unreadable as reason:
            selection.unreadable.append(str(reason))
    return selection


def values_for(options: argparse.Namespace, items: Sequence[Item]) -> Mapping[str, Any]:
    """The values of --set-file and --set. Raises BadValue and Unreadable."""
    pairs = [*pairs_in(options.value_files), *((f"--set {pair}", pair) for pair in options.values)]
    known = {name: param for item in items for name, param in item.program.params.items()} if pairs else {}
    return read_pairs(pairs, known)


def terms_for(options: argparse.Namespace) -> BrokerTerms:
    """The terms of --products; those of nobody without it. Raises BadValue."""
    if not options.products:
        return BrokerTerms()
    from ctpscen.broker.kept import BadTerms, load_terms

    try:
        return load_terms(options.products)
    except BadTerms as reason:
        raise BadValue(f"--products: {reason}") from None
