"""A whole simulated venue: world, fronts, core, exchanges, and the clients' machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING

from attrs import define, field

from ctpscen.ctp.codes import InstrumentStatus
from ctpscen.ctp.messages import Port
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.terms.broker_terms import BrokerTerms
from ctpscen.ctp.terms.months import most_traded
from ctpscen.ctp.terms.products import products
from ctpscen.ctp.terms.trading_days import next_trading_day
from ctpscen.ctp.times import clock_text
from ctpscen.simulator.counter.accounts import Account, Stream
from ctpscen.simulator.counter.core import Core
from ctpscen.simulator.counter.statement import statement
from ctpscen.simulator.exercise.expiry import settle_options
from ctpscen.simulator.front.market import MarketFront
from ctpscen.simulator.front.trading import TradingFront
from ctpscen.simulator.terms import phases
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.listed import Contracts
from ctpscen.simulator.wire.api import Front, Host
from ctpscen.simulator.wire.path import Path
from ctpscen.simulator.world import World

if TYPE_CHECKING:
    from ctpscen.ctp.commands.accounts import Admit
    from ctpscen.simulator.wire.injection import Injection

# The phases that begin and end the time in which a day's closing prices stand.
_CLOSED_BY: Mapping[str, bool] = {InstrumentStatus.CLOSED: True, InstrumentStatus.CONTINUOUS: False}


@define(eq=False, repr=False)
class Simulation:
    """One venue with all that hangs on it. Nothing in it is shared with another.

    `injection` does to the messages of every trading connection what a fault plan says, an input beside the scenario.
    `terms` are those of one's own broker.
    """

    world: World
    injection: Injection | None = None
    terms: BrokerTerms = field(factory=BrokerTerms)
    core: Core = field(init=False)
    public: Stream = field(factory=Stream)
    trading: TradingFront = field(init=False)
    market: MarketFront = field(init=False)
    hosts: dict[str, Host] = field(factory=dict)
    admitted: dict[str, list[Admit]] = field(factory=dict)
    faults_are_over: bool = False
    _accounts: dict[str, str] = field(factory=dict)
    _statuses: dict[str, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        contracts = Contracts(lambda: phases.trading_day(self.world.now), self.terms, self._publish_phase)
        self.core = Core(self.world, contracts)
        self.trading = TradingFront(self.world, self.core, self.public)
        self.market = MarketFront(self.world, self.core)
        self.core.changed = self._market_moved
        self.core.inquiries.told = self.market.inquired
        self._arrange_restart()

    def _market_moved(self, contract: Contract) -> None:
        self.core.market_moved(contract)
        self.market.changed(contract)

    def list_instruments(self, names: Iterable[str]) -> None:
        """Lists what the exchanges list of these names; of the others nothing is known, and orders are refused.

        An option's future is listed with it.
        """
        for name in names:
            self.core.contracts.name(name)

    def list_all(self) -> None:
        """Lists every contract of every product."""
        contracts = self.core.contracts
        contracts.everything = True
        for product in products():
            contracts.get(most_traded(product, contracts.today()))  # that there is a phase of it

    def contract(self, name: str) -> Contract:
        """A listed contract. Raises KeyError."""
        self.core.contracts.name(name)
        return self.core.contracts[name]

    def host(self, name: str, account: str, port: Port, wants_ticks: Callable[[str], bool] = lambda _: True) -> Host:
        """The machine of one session, with network paths of its own; `account` is whose session it is.

        `wants_ticks` is as in `Host`.
        """
        paths: dict[ApiKind, Path] = {
            "trader": Path(self.world, name, injection=self.injection),
            "market": Path(self.world, name, market=True),
        }
        fronts: dict[ApiKind, Front] = {"trader": self.trading, "market": self.market}
        host = self.hosts[name] = Host(self.world, paths, port, fronts, wants_ticks)
        self._accounts[name] = account
        return host

    def paths(self, session: str | None = None) -> Iterator[Path]:
        """The paths of one session, or of all of them."""
        hosts = self.hosts.values() if session is None else (self.hosts[session],)
        return (path for host in hosts for path in host.paths.values())

    def account_of(self, session: str) -> Account:
        """The account that a session logs in with."""
        return self.core.account(self._accounts[session])

    def set_clock(self, moment: int) -> None:
        """Sets the trading clock before anybody connects."""
        self.world.begin_at(moment)
        self._arrange_restart()
        self.public.entries.clear()
        self._statuses.clear()
        self.core.contracts.begin_day(phases.trading_day(moment))
        self.core.contracts.renew_terms()
        for contract in self.core.contracts.values():
            self._publish_phase(contract)

    def set_phase(self, which: str, status: str) -> None:
        """Puts an instrument, or a whole exchange, into a phase, whatever the time or a part of it was put into."""
        affected = [c for c in self.core.contracts.values() if which in (c.id, c.product.id, c.exchange)]
        if not affected:
            raise ValueError(f"the venue lists no contract of {which}")
        for contract in affected:
            phase_set = self.core.exchanges[contract.exchange].phase_set
            for part in takewhile(which.__ne__, (contract.id, contract.product.id)):
                phase_set.pop(part, None)
            phase_set[which] = status
            self.phase_changed(contract)

    # ----------------------------------------------------------------------------------------------------- days

    def _arrange_restart(self) -> None:
        when, settles = phases.next_restart(self.world.now)
        self.world.at(when, self._restart, settles)

    def _restart(self, settles: bool) -> None:
        """The front starts anew, and with that everybody is dropped; in the afternoon the day is settled first."""
        if settles:
            self._settle()
        self.trading.drop_all()
        self.market.drop_all()
        self._arrange_restart()

    def _settle(self) -> None:
        """Ends the trading day (BEHAVIOUR 5.6)."""
        core, day = self.core, self.core.trading_day
        following = next_trading_day(phases.trading_day(self.world.now))
        settle_options(core, core.contracts.ending(following))
        for account in core.accounts.values():
            account.statements[day] = statement(account, day)
            account.ledger.settle()
            account.begin_day()
        for contract in core.contracts.values():
            contract.settle()
            core.exchanges[contract.exchange].begin_day(contract)
        self._end_contracts(following)
        for account in core.accounts.values():
            account.ledger.reckon_pre_margin()
        self.trading.machines.begin_day()
        core.conditional.clear()
        core.parked.all.clear()
        core.exec_orders.all.clear()
        core.self_closes.all.clear()
        core.inquiries.begin_day()
        core.bank.serials.clear()
        self.public.begin_anew()
        self._statuses = dict.fromkeys(self._statuses, "")
        for contract in core.contracts.values():
            self.phase_changed(contract)

    def _end_contracts(self, following: date) -> None:
        """Takes away what was traded for the last time; what was held of it is settled."""
        for name in self.core.contracts.begin_day(following):
            for account in self.core.accounts.values():
                account.ledger.forget(name)

    # --------------------------------------------------------------------------------------------------- phases

    def _publish_phase(self, contract: Contract) -> None:
        """Says in which phase a product is, once when it is first listed and then at every change."""
        product = contract.product
        if product.id in self._statuses:
            return
        self._statuses[product.id] = ""
        self._check_phase(contract)

    def _check_phase(self, contract: Contract) -> None:
        self.phase_changed(contract)
        following = phases.next_change(contract.product, self.world.now)
        self.world.at(following, self._check_phase, contract)

    def phase_changed(self, contract: Contract) -> None:
        """Publishes the phase of a product if it is another than before."""
        product = contract.product
        self.market.phase_changed()
        exchange = self.core.exchanges[product.exchange]
        status, before = exchange.status(contract), self._statuses.get(product.id)
        if status != before:
            self._statuses[product.id] = status
            if before == InstrumentStatus.AUCTION_ORDERING:
                self._end_auction(product.id)
            elif before == InstrumentStatus.CONTINUOUS:
                exchange.trading_ended[product.id] = self.world.now
            if before and status in _CLOSED_BY:
                self._close(product.id, closed=_CLOSED_BY[status])
            fields = {
                "ExchangeID": product.exchange,
                "InstrumentID": product.id,
                "InstrumentStatus": status,
                "EnterTime": clock_text(self.world.now),
                "EnterReason": "1",
                "TradingSegmentSN": len(self.public.entries) + 1,
            }
            self.public.append("OnRtnInstrumentStatus", fields)
            self.core.parked.phase_changed(product.id, status)
            if status == InstrumentStatus.CONTINUOUS and product.legs:  # the quotes may have crossed meanwhile
                of_product = (each for each in self.core.contracts.values() if each.product.id == product.id)
                exchange.meet_spreads([each for each in of_product if each.id in exchange.books])

    def _close(self, product_id: str, *, closed: bool) -> None:
        for contract in self.core.contracts.values():
            if contract.product.id == product_id:
                self.core.exchanges[contract.exchange].close(contract, closed=closed)

    def _end_auction(self, product_id: str) -> None:
        for contract in self.core.contracts.values():
            if contract.product.id == product_id:
                self.core.exchanges[contract.exchange].uncross(contract)
