"""The contracts of a venue: those that the exchanges' rules list on the day and somebody has asked for, and what a
scenario lists or takes away besides (BEHAVIOUR 14.1).

A contract is made when it is first asked for. A venue that lists everything therefore costs no more than one that
lists a few contracts, until somebody wants to know what everything is.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from attrs import define, field

from ctpscen.ctp.terms import listing
from ctpscen.ctp.terms.broker_terms import BrokerTerms
from ctpscen.ctp.terms.instruments import spread_of
from ctpscen.ctp.terms.products import Product, options, products, spreads
from ctpscen.simulator.terms.contracts import Contract, list_contract, list_option, list_spread, underlying_of


@define(eq=False, repr=False)
class Contracts(Mapping[str, Contract]):
    """By name. Iteration gives those that were made, `names` all that are listed.

    `today` gives the trading day, `terms` say what is the broker's own, and `made` is told of each contract that is
    made. `named` are the contracts that the
    scenario names, of which each is listed when its exchange lists it; with `everything` the others are, too.
    `withdrawn` are those that the scenario has taken away, `added` those that it has listed against the rules, `ended`
    those that were traded for the last time on the day before.
    """

    today: Callable[[], date]
    terms: BrokerTerms = field(factory=BrokerTerms)
    made: Callable[[Contract], None] = field(default=lambda _: None)
    everything: bool = False
    named: dict[str, None] = field(factory=dict)
    withdrawn: set[str] = field(factory=set)
    added: set[str] = field(factory=set)
    ended: set[str] = field(factory=set)
    _contracts: dict[str, Contract] = field(factory=dict)

    def __getitem__(self, name: str) -> Contract:
        if name in self.withdrawn or name in self.ended:
            raise KeyError(name)
        found = self._contracts.get(name)
        if found is None and (self.everything or name in self.named) and self.is_lawful(name):
            found = self._make(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in self._contracts if name not in self.withdrawn])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def find(self, name: str) -> Contract | None:
        """A contract that was made already."""
        return self._contracts.get(name)

    def name(self, instrument: str) -> None:
        """The scenario names an instrument: it is listed whenever its exchange lists it."""
        self.named[instrument] = None
        self.get(instrument)

    def is_lawful(self, name: str) -> bool:
        """Whether an exchange lists a contract today."""
        return listing.last_day(name, self.today()) is not None

    def add(self, name: str) -> Contract:
        """Lists a contract whatever the rules say. Raises ValueError where nobody has such a product."""
        self.withdrawn.discard(name)
        self.ended.discard(name)
        found = self._contracts.get(name) or self._make(name)
        if found is None:
            raise ValueError(listing.why_not(name, self.today()))
        self.added.add(name)
        return found

    def product_of(self, name: str) -> Product | None:
        """The terms of a contract today; None where nobody has such a product."""
        return self.terms.product_of(name, self.today())

    def products(self) -> Iterator[Product]:
        """Every product that the exchanges have today, with options and spreads."""
        today = self.today()
        for product in (*products(today).values(), *options(today).values(), *spreads(today).values()):
            yield self.terms.applied_to(product)

    def names(self) -> Iterator[str]:
        """Every contract that is listed."""
        yield from self
        if self.everything:
            for name in listing.everything(self.today()):
                if not (name in self._contracts or name in self.withdrawn or name in self.ended):
                    yield name

    def begin_day(self, today: date) -> set[str]:
        """Forgets the contracts that have ended, and gives their names; lists those that begin."""
        self.ended = set(self.ending(today))
        for name in self.ended:
            del self._contracts[name]
            self.added.discard(name)
        for name in self.named:
            self.get(name)
        for name, contract in list(self._contracts.items()):
            if contract.underlying is not None and contract.underlying.id in self.ended:
                self._follow_another(name, contract, today)
        return self.ended

    def _follow_another(self, name: str, contract: Contract, today: date) -> None:
        """The future that stood for an index has ended, and the next one does."""
        future = underlying_of(name, contract.product, today)
        contract.underlying = self._contracts.get(future) or self._make(future)

    def renew_terms(self) -> None:
        """Gives the contracts that were made the terms of today. Nothing has happened to them yet."""
        for name, contract in self._contracts.items():
            product = self.product_of(name)
            if product is not None and product != contract.product and name not in self.added:
                contract.product = product
                contract.settle_at(contract.pre_settlement)

    def ending(self, following: date) -> frozenset[str]:
        """The contracts that are not there any more on the day that follows."""
        return frozenset(name for name, each in self._contracts.items() if not self._lasts(name, each, following))

    def _lasts(self, name: str, contract: Contract, today: date) -> bool:
        if contract.last_day is not None and contract.last_day < today:
            return False
        return name in self.added or listing.last_day(name, today) is not None

    def _make(self, name: str) -> Contract | None:
        product = self.product_of(name)
        if product is None:
            return None
        if (spread := spread_of(name)) is not None:
            first, second = (self._contracts.get(leg) or self._make(leg) for leg in (spread.first, spread.second))
            if first is None or second is None:
                return None
            contract = list_spread(name, product, (first, second))
        elif future := underlying_of(name, product, self.today()):
            underlying = self._contracts.get(future) or self._make(future)
            option = None if underlying is None else list_option(name, product, underlying, self.today())
            if option is None:
                return None
            contract = option
        else:
            contract = list_contract(name, product)
        ends = [leg.last_day for leg in contract.legs or () if leg.last_day is not None]
        contract.last_day = min(ends) if ends else listing.last_day(name, self.today())
        self._contracts[name] = contract
        self.made(contract)
        return contract
