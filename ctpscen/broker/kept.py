"""Brokers' terms in the user's folder: a CSV file each, called as `--products` calls it, with source and day a row."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctpscen.broker.dump import BadDump, Row, read_rows
from ctpscen.broker.gathering import Terms
from ctpscen.ctp.terms.broker_terms import BrokerTerms
from ctpscen.ctp.terms.products import Product, Rate, options, product_of, products, spreads
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.private_files import make_private_folder
from ctpscen.regular_files import in_place_of

# The columns of a kept file, which `fields` reads again.
_TERMS = ("multiplier", "tick", "least_opening_volume", "max_limit_volume", "max_market_volume")
_FLAGS: Mapping[str, Mapping[bool, str]] = {
    "dated_positions": {True: "1", False: "2"},
    "larger_side": {True: "1", False: "0"},
}
_COLUMN_OF = {"dated_positions": "position_date_type"}

# The rates of a product, and what they are called in a file.
RATES: Mapping[str, str] = {
    "long_margin": "long",
    "short_margin": "short",
    "open_fee": "open",
    "close_fee": "close",
    "close_today_fee": "close_today",
}


class BadTerms(ValueError):
    """Terms that are not kept, or cannot be read or written; the text says why."""


def folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("ctpscen")) / "products"


def kept_names() -> Sequence[str]:
    """What is kept, in the order of the alphabet."""
    return sorted(path.stem for path in folder().glob("*.csv"))


def path_of(name: str) -> Path:
    """The file of terms of a name. Raises BadTerms for what no file can be called."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise BadTerms(f"terms of a broker are called by letters, digits, - and _; `{name}` is no such name")
    return folder() / f"{name}.csv"


def load_terms(name: str) -> BrokerTerms:
    """The terms that are kept under a name; those of nobody for ''. Raises BadTerms."""
    return BrokerTerms(name, {row.name: _attributes(row) for row in kept_rows(name)}) if name else BrokerTerms()


def kept_rows(name: str) -> Sequence[Row]:
    """The rows of a kept file. Raises BadTerms."""
    path = path_of(name)
    if not path.exists():
        names = kept_names()
        there = f" (there are {', '.join(names)})" if names else ""
        hint = f"; `ctpscen products import FILE --name {name}` keeps them"
        raise BadTerms(f"no products are kept as `{name}`{did_you_mean(name, names)}{there}{hint}")
    try:
        return read_rows(path)
    except BadDump as reason:
        raise BadTerms(str(reason)) from None


def _attributes(row: Row) -> Mapping[str, Any]:
    """A row's terms as attributes of a product; a rate of which it has one half has 0 for the other."""
    known: Product | None = product_of(row.name) or next(
        (each for each in (*products().values(), *options().values(), *spreads().values()) if each.id == row.name), None
    )
    if known is None:
        raise BadTerms(f"{row.place}: `{row.name}` is neither a product nor a contract of one")
    found: dict[str, Any] = {term: value for term, value in row.terms.items() if term in (*_TERMS, *_FLAGS)}
    for attribute, prefix in RATES.items():
        halves = {kind: row.terms.get(f"{prefix}_by_{kind}") for kind in ("money", "volume")}
        if any(half is not None for half in halves.values()):
            given: Any = {f"by_{kind}": half or 0.0 for kind, half in halves.items()}
            found[attribute] = Rate(**given)
    if found.get("least_opening_volume") == 0:
        found["least_opening_volume"] = 1
    return found


def keep(name: str, by_name: Mapping[str, Terms], source: str, day: str) -> Path:
    """Writes terms to the user's folder, over those of the same name. Raises BadTerms."""
    path = path_of(name)
    text = _as_text(by_name, source, day)
    try:
        make_private_folder(path.parent)
        with in_place_of(path, path.with_suffix(".part")) as stream:
            stream.write(text.encode())
    except OSError as reason:
        raise BadTerms(f"{path}: cannot be written: {reason.strerror}") from None
    return path


def _as_text(by_name: Mapping[str, Terms], source: str, day: str) -> str:
    rates = [f"{prefix}_by_{kind}" for prefix in RATES.values() for kind in ("money", "volume")]
    columns = [*_TERMS, *_FLAGS, *rates]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["instrument", *(_COLUMN_OF.get(column, column) for column in columns), "source", "day"])
    for name, terms in sorted(by_name.items()):
        writer.writerow([name, *(_cell(column, terms.get(column)) for column in columns), source, day])
    return stream.getvalue()


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _FLAGS[column][value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def import_dumps(paths: Iterable[Path]) -> Sequence[Row]:
    """The rows of several dumps. Raises BadTerms."""
    try:
        return [row for path in paths for row in read_rows(path)]
    except BadDump as reason:
        raise BadTerms(str(reason)) from None
