"""`ctpscen products`: what is traded on which terms, and one's own broker's terms."""

from __future__ import annotations  # what shows products is loaded when some are shown

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ctpscen.arguments import declare_products
from ctpscen.commands import PASSED, USAGE
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.report.terminal.lines import counted, plain
from ctpscen.report.terminal.writer import Writer, writer_for

if TYPE_CHECKING:
    from ctpscen.report.terminal.products import Origin

DESCRIPTION = """\
Shows the products of the simulated venue with limits, margins, fees and the contracts that are listed, or keeps what
your own broker's counter says of them: its margins and fees are not SimNow's."""

EPILOG = """\
examples:
  ctpscen products
  ctpscen products rb m --day 2026-03-02
  ctpscen products import instruments.json margin.csv commission.csv --name desk
  ctpscen products rb --products desk
  ctpscen run scenarios --products desk

A dump is what ReqQryInstrument, ReqQryInstrumentMarginRate or ReqQryInstrumentCommissionRate answered, one record a
contract, in CSV or JSON, with CTP's names of fields or those of vnpy and ctpbee; or what openctp's dictionary answers.

exit codes:
  0    shown, or kept
  2    bad usage, no such product, or a file that cannot be used
"""

_IMPORT = "import"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="*",
        metavar="PRODUCT",
        help="products or contracts to show with all of their terms; or `import FILE…`: keep these dumps",
    )
    parser.add_argument(
        "--day", type=_day, default=None, metavar="DAY", help="the day that is shown, or of the dump (today)"
    )
    declare_products(parser)
    parser.add_argument("--name", default="", metavar="NAME", help="what to keep the dumps as (the first file's name)")
    parser.add_argument("--force", action="store_true", help="keep them in place of what is kept under that name")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day such as 2026-11-23 is wanted, not {text}") from None


class Usage(Exception):
    """What was asked for cannot be done; the text says why."""


def execute(options: argparse.Namespace) -> int:
    from ctpscen.broker.kept import BadTerms

    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    today = options.day or datetime.now().date()
    try:
        if options.what[:1] == [_IMPORT]:
            _import([Path(each) for each in options.what[1:]], options, today, out, err)
        else:
            _show(options.what, options.products, today, out)
    except (BadTerms, Usage) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    return PASSED


def _import(paths: Sequence[Path], options: argparse.Namespace, day: date, out: Writer, err: Writer) -> None:
    """Raises BadTerms and Usage."""
    from ctpscen.broker.gathering import gather
    from ctpscen.broker.kept import import_dumps, keep, path_of

    if not paths:
        raise Usage("which dumps? ctpscen products import FILE…")
    name = options.name or paths[0].stem
    if path_of(name).exists() and not options.force:
        raise Usage(f"products are kept as `{name}` already; --force puts these in their place, --name calls them else")
    gathered = gather(import_dumps(paths))
    for note in gathered.notes:
        err.write(plain(note, "warn"))
    if not gathered.by_name:
        raise Usage("nothing was kept: no row is of a product that ctpscen knows")
    first, *others = paths
    source = f"{first.name} and {len(others)} more" if others else first.name
    path = keep(name, gathered.by_name, source, day.isoformat())
    contracts = sum(1 for each in gathered.by_name if any(map(str.isdigit, each)))
    products = len(gathered.by_name) - contracts
    differing = f", and {counted(contracts, 'contract')} that differ" if contracts else ""
    out.write(plain(f"kept {counted(products, 'product')}{differing} as {name}: {path}", "good"))
    out.write(plain(f"use them: ctpscen run FILE --products {name}"))


def _show(names: Sequence[str], kept: str, today: date, out: Writer) -> None:
    """Raises BadTerms and Usage."""
    from ctpscen.broker.kept import kept_names, load_terms
    from ctpscen.ctp.terms.products import products
    from ctpscen.report.terminal.products import contract_line, overview_lines, product_lines

    terms = load_terms(kept)
    known = {product.id: terms.applied_to(product) for product in products(today).values()}
    if not names:
        for line in overview_lines(list(known.values()), today):
            out.write(line)
        if not kept and (there := kept_names()):
            out.write(plain(f"kept of brokers: {', '.join(there)} (--products NAME)", "dim"))
        return
    wanted = {name: _product_named(name, known) for name in names}
    for number, (name, product_id) in enumerate(wanted.items()):
        if number:
            out.write(plain(""))
        product, own = known[product_id], _origins(kept, product_id)
        for line in product_lines(product, today, own):
            out.write(line)
        differing = [each for each in terms.by_name if each != product_id and _is_of(each, product_id)]
        for contract in differing if name == product_id else [name]:
            found = terms.product_of(contract, today)
            if found is not None:
                out.write(contract_line(contract, product, found))


def _is_of(contract: str, product_id: str) -> bool:
    from ctpscen.ctp.terms.instruments import name_of

    name = name_of(contract)
    return name is not None and name.product == product_id and not name.right


def _product_named(name: str, known: Mapping[str, object]) -> str:
    """The product that is meant: by its id, or by a contract. Raises Usage."""
    from ctpscen.ctp.terms.instruments import name_of

    parts = name_of(name)
    found = parts.product if parts is not None else name
    if found in known:
        return found
    alike = did_you_mean(found, known)
    raise Usage(f"there is no product `{found}`{alike}; `ctpscen products` shows all of them")


# What of a kept row each origin is about.
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "products": ("multiplier", "tick", "least_opening_volume", "max_limit_volume", "max_market_volume"),
    "margins": ("long_by_money", "long_by_volume", "short_by_money", "short_by_volume"),
    "fees": ("open_by_money", "open_by_volume", "close_by_money", "close_by_volume", "close_today_by_money"),
}


def _origins(kept: str, product_id: str) -> Mapping[str, Origin]:
    """Where the terms are from that a broker has said."""
    from ctpscen.broker.kept import kept_rows
    from ctpscen.report.terminal.products import Origin

    rows = [row for row in kept_rows(kept) if row.name == product_id] if kept else []
    return {
        about: Origin(str(row.terms["source"]), str(row.terms["day"]))
        for row in rows
        for about, terms in _ABOUT.items()
        if any(term in row.terms for term in terms)
    }
