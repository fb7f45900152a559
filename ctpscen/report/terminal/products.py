"""Products as people read them: one a line, or one with all of its terms, their sources and days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from attrs import frozen

from ctpscen.ctp.terms.in_force import period_of, rows_in_force
from ctpscen.ctp.terms.listing import last_day, strikes
from ctpscen.ctp.terms.months import listed
from ctpscen.ctp.terms.products import Product, Rate, options
from ctpscen.language.text.diagnostics import display_width
from ctpscen.report.terminal.lines import Line, Piece, plain

_HEADING = ("", "", "multiplier", "tick", "limit", "margin", "open", "close", "today", "contracts")
_WIDTHS = (4, 15, 10, 6, 5, 8, 8, 8, 8, 13)
_RIGHT = frozenset(range(2, 9))
_LABEL, _VALUE = 14, 44
_IN_A_ROW = 4


@frozen
class Origin:
    """Where a figure is from, and since when it holds."""

    source: str
    day: str

    def __str__(self) -> str:
        return f"{self.source}, {self.day}"


def overview_lines(products: Sequence[Product], today: date) -> Iterator[Line]:
    """A line a product, exchange by exchange."""
    yield plain(_columns(_HEADING), "dim")
    exchange = ""
    for product in products:
        if product.exchange != exchange:
            exchange = product.exchange
            yield plain(exchange, "heading")
        contracts = listed(product.id, today)
        digits = [contract[len(product.id) :] for contract in contracts]
        shown = f"{digits[0]}…{digits[-1]}" if digits else "none"
        yield plain(
            _columns(
                (
                    product.id,
                    product.name,
                    f"{product.multiplier}",
                    f"{product.tick:g}",
                    f"{product.limit_percent:g}%",
                    _sides(product),
                    _rate(product.open_fee),
                    _rate(product.close_fee),
                    _rate(product.close_today_fee),
                    shown,
                )
            )
        )


def product_lines(product: Product, today: date, own: Mapping[str, Origin]) -> Iterator[Line]:
    """All terms of a product on a day; `own` says which of them a broker has said, by what they are about."""
    tables = {table: rows_in_force(table, period_of(today)) for table in ("products", "limits", "margins", "fees")}

    def origin(table: str) -> str:
        if table in own:
            return str(own[table])
        row = tables[table].get(product.options_on or product.id)
        return "" if row is None else f"{row['source']}, {row['day']}"

    yield [Piece(f"{product.id} {product.name}", "heading"), Piece(f", {product.exchange}, on {today}", "dim")]
    yield _term("multiplier", f"{product.multiplier}", origin("products"))
    yield _term("tick", f"{product.tick:g}")
    least = product.least_opening_volume
    yield _term("limit orders", f"{least} to {product.max_limit_volume} lots" if least > 1 else _most(product))
    yield _term("market orders", f"to {product.max_market_volume} lots" if product.max_market_volume else "none")
    yield _term("by day", product.day_sessions)
    yield _term("by night", f"21:00-{product.night_end}" if product.night_end else "no trading")
    yield _term("price limit", f"{product.limit_percent:g}%", origin("limits"))
    yield _term("margin", f"long {_rate(product.long_margin)}, short {_rate(product.short_margin)}", origin("margins"))
    fees = (product.open_fee, product.close_fee, product.close_today_fee)
    opened, closed, today_s = map(_rate, fees)
    yield _term("fees", f"open {opened}, close {closed}, today {today_s}", origin("fees"))
    yield from _contract_lines(product, today)


def _most(product: Product) -> str:
    return f"to {product.max_limit_volume} lots"


def _contract_lines(product: Product, today: date) -> Iterator[Line]:
    """The contracts of a product with their last trading days, and the options on them."""
    contracts = [f"{name} to {last_day(name, today)}" for name in listed(product.id, today)]
    for first in range(0, len(contracts), _IN_A_ROW):
        label = "contracts" if first == 0 else ""
        yield _term(label, "".join(f"{each:<21}" for each in contracts[first : first + _IN_A_ROW]))
    option = options(today).get((product.id, "C"))
    if option is not None:
        grid = strikes(product)
        rates = f"tick {option.tick:g}, fees {_rate(option.open_fee)}"
        yield _term("options", f"{option.id}: {rates}, strikes {grid[0]:g} to {grid[-1]:g}")


def contract_line(name: str, product: Product, own: Product) -> Line:
    """How a contract differs from the other contracts of its product."""
    pairs = (
        ("limit orders", _orders(own), _orders(product)),
        ("margin", f"long {_rate(own.long_margin)}, short {_rate(own.short_margin)}", _both(product)),
        ("fees", _fees(own), _fees(product)),
        ("tick", f"{own.tick:g}", f"{product.tick:g}"),
        ("multiplier", f"{own.multiplier}", f"{product.multiplier}"),
    )
    return _term(name, "; ".join(f"{label} {new}" for label, new, old in pairs if new != old) or "as its product")


def _orders(product: Product) -> str:
    return f"{product.least_opening_volume} to {product.max_limit_volume} lots"


def _both(product: Product) -> str:
    return f"long {_rate(product.long_margin)}, short {_rate(product.short_margin)}"


def _fees(product: Product) -> str:
    return " / ".join(map(_rate, (product.open_fee, product.close_fee, product.close_today_fee)))


def _sides(product: Product) -> str:
    """The margin of both sides, once where they are the same."""
    long, short = _rate(product.long_margin), _rate(product.short_margin)
    return long if long == short else f"{long} {short}"


def _rate(rate: Rate) -> str:
    """`16%` of the value, `3/lot`, both, or 0."""
    parts = [f"{rate.by_money * 100:.6g}%"] if rate.by_money else []
    parts += [f"{rate.by_volume:g}/lot"] if rate.by_volume else []
    return "+".join(parts) or "0"


def _term(label: str, value: str, origin: str = "") -> Line:
    padding = " " * max(2, _VALUE - display_width(value)) if origin else ""
    return [Piece(f"  {label:<{_LABEL}}", "dim"), Piece(value), Piece(f"{padding}{origin}", "dim")]


def _columns(cells: Sequence[str]) -> str:
    shown = (
        " " * space + cell if index in _RIGHT else cell + " " * space
        for index, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
        for space in (max(0, width - display_width(cell)),)
    )
    return "  " + " ".join(shown)
