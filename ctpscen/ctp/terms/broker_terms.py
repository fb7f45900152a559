"""What one's own broker says of products and contracts: its margins and fees are not SimNow's.

It replaces what the data tables say, field by field: what a broker says of a contract goes before what it says of the
product. Months and trading hours are the exchanges', not a broker's.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import evolve, field, frozen

from ctpscen.ctp.terms.products import Product, product_of

Terms = Mapping[str, Any]
"""Attributes of a `Product` by name."""


@frozen
class BrokerTerms:
    """`name` is what `--products` calls it. `by_name` has terms by the name of a product or of a contract."""

    name: str = ""
    by_name: Mapping[str, Terms] = field(factory=dict)
    _products: dict[Product, Product] = field(factory=dict, init=False, eq=False, repr=False)

    def product_of(self, instrument: str, day: date | None = None) -> Product | None:
        """The product of a contract with the terms that the contract has on a day; None where none is known."""
        product = product_of(instrument, day)
        if product is None or not self.by_name:
            return product
        product, own = self.applied_to(product), self.by_name.get(instrument)
        return product if own is None else evolve(product, **own)

    def applied_to(self, product: Product) -> Product:
        """A product as the broker has it."""
        own = self.by_name.get(product.id)
        if own is None:
            return product
        found = self._products.get(product)
        if found is None:
            found = self._products[product] = evolve(product, **own)
        return found
