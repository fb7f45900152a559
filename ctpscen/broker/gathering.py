"""What rows of dumps say of products, and of those contracts that differ from the others of their product."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from ctpscen.broker.dump import Row
from ctpscen.broker.fields import TERMS
from ctpscen.ctp.codes import HedgeFlag
from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.ctp.terms.products import Product, options, product_of, products, spreads

Terms = Mapping[str, object]
"""By the names of `fields`: rates by side and kind, not yet put together."""

_MARGINS = ("long", "short")
_RATES = frozenset(f"{side}_by_{kind}" for side in _MARGINS for kind in ("money", "volume"))
_SHOWN = 8


@frozen
class Gathered:
    """Terms by the name of a product or a contract, and what of the rows was not taken over, in sentences."""

    by_name: Mapping[str, Terms]
    notes: Sequence[str]


def gather(rows: Iterable[Row]) -> Gathered:
    """Puts together what several rows say of a contract, and then what is common to the contracts of a product."""
    said: dict[str, dict[str, object]] = {}
    unknown: Counter[str] = Counter()
    relative = 0
    for row in sorted(rows, key=lambda row: str(row.terms.get("range", "1"))):  # one's own rate goes last, and stays
        if row.terms.get("hedge", HedgeFlag.SPECULATION) != HedgeFlag.SPECULATION:
            continue
        name = str(Instrument.parse(row.name))
        if name not in _known_products() and product_of(name) is None:
            unknown[name.rstrip("0123456789") or name] += 1
            continue
        terms = dict(row.terms)
        if terms.pop("is_relative", False):
            relative += 1
            terms = {term: value for term, value in terms.items() if term not in _RATES}
        for side in _MARGINS:
            of_the_exchange = terms.pop(f"exchange_{side}_by_money", None)
            if of_the_exchange is not None:
                said.setdefault(name, {}).setdefault(f"{side}_by_money", of_the_exchange)
        said.setdefault(name, {}).update({term: value for term, value in terms.items() if term in TERMS})
    return Gathered(_in_common(said), list(_notes(unknown, relative)))


def _known_products() -> Mapping[str, Product]:
    return {**products(), **{option.id: option for option in options().values()}, **spreads()}


def _in_common(said: Mapping[str, Terms]) -> Mapping[str, Terms]:
    """Of each product what most of its contracts have, and of each contract what it has otherwise."""
    known = _known_products()
    contracts: dict[str, list[str]] = {}
    for name in said:
        if name not in known and (product := product_of(name)) is not None:
            contracts.setdefault(product.id, []).append(name)
    found: dict[str, Terms] = {name: terms for name, terms in said.items() if name in known}
    for product_id, names in contracts.items():
        of_product = dict(found.get(product_id, {}))
        for term in sorted({term for name in names for term in said[name]} - of_product.keys()):
            of_product[term] = Counter(said[name][term] for name in names if term in said[name]).most_common(1)[0][0]
        found[product_id] = of_product
        for name in names:
            if own := {term: value for term, value in said[name].items() if of_product[term] != value}:
                found[name] = own
    return found


def _notes(unknown: Mapping[str, int], relative: int) -> Iterator[str]:
    if unknown:
        names = sorted(unknown)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield (
            f"not taken over: {sum(unknown.values())} rows of what ctpscen has no months for: "
            f"{', '.join(names[:_SHOWN])}{more}"
        )
    if relative:
        yield f"not taken over: margins of {relative} rows with IsRelative 1, which are on top of the exchange's"
