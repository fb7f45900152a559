"""What a scenario may do to the venue: a table from the verb to what it does.

A command is given plain values and answers with what it did, in words for the journal. What cannot be done raises
ValueError with the reason.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from attrs import define

from ctpscen.ctp.codes import InstrumentStatus, OrderStatus, PosiDirection
from ctpscen.ctp.errors import errors
from ctpscen.ctp.times import DAY, HOUR, MILLISECOND, spoken_duration
from ctpscen.simulator.commands.ticks import PRICES, VOLUMES, Tick, read_ticks
from ctpscen.simulator.commands.wire import WIRE_COMMANDS
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.exchange.orders import Key, Order
from ctpscen.simulator.ledger.holdings import Lot
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.terms.contracts import Contract

Arguments = Mapping[str, Any]

_PHASES = {
    "continuous": InstrumentStatus.CONTINUOUS,
    "auction": InstrumentStatus.AUCTION_ORDERING,
    "break": InstrumentStatus.NO_TRADING,
    "closed": InstrumentStatus.CLOSED,
}
_FOR_EVER = 10**18
WALK_PACE = 500 * MILLISECOND


@define(eq=False, repr=False)
class Venue:
    """The scenario's hand on a simulation."""

    simulation: Simulation

    def command(self, verb: str, arguments: Arguments) -> str:
        """Does what a step of the venue or the network says."""
        if verb in WIRE_COMMANDS:
            return WIRE_COMMANDS[verb](self.simulation, arguments)
        return _COMMANDS[verb](self, arguments)

    def order_at_exchange(self, key: Key) -> Order | None:
        """The order of that key, once it has a number at its exchange, or its end.

        A condition that is not met is held by CTP, under a number of CTP's own: BEHAVIOUR 3.11.
        """
        for account in self.simulation.core.accounts.values():
            order = account.orders.get(key)
            if order is None or order.status == OrderStatus.NOT_TOUCHED:
                continue
            if order.order_sys_id or order.is_finished:
                return order
        return None

    # ------------------------------------------------------------------------------------------------ the market

    def _clock(self, arguments: Arguments) -> str:
        (moment,) = arguments["values"]
        self.simulation.set_clock(moment)
        return "the clock is set"

    def _quote(self, arguments: Arguments) -> str:
        contract = self._contract(arguments["amounts"][0])
        book = self.simulation.core.exchanges[contract.exchange].book(contract)
        for name, maker in (("bid", book.bid_maker), ("ask", book.ask_maker)):
            if name in arguments:
                price, volume = arguments[name]
                maker.ticks, maker.volume, maker.refill = _ticks(contract, price), _lots(volume), 0
        if "pre_settlement" in arguments:
            if self.simulation.trading.sessions:
                raise ValueError("yesterday's settlement price is fixed before the first connect")
            contract.settle_at(float(arguments["pre_settlement"]))
        if "last" in arguments:
            contract.last = _ticks(contract, arguments["last"])
        self.simulation.core.exchanges[contract.exchange].requote(contract)
        return f"a quote of {contract.id}"

    def _order(self, arguments: Arguments) -> str:
        contract = self._contract(arguments["instrument"])
        exchange = self.simulation.core.exchanges[contract.exchange]
        buy, volume = arguments["side"] == "buy", _lots(arguments["volume"])
        done = exchange.from_elsewhere(contract, buy=buy, ticks=_ticks(contract, arguments["price"]), volume=volume)
        return f"somebody {'buys' if buy else 'sells'} {volume} {contract.id}; {done} met orders"

    def _fill(self, arguments: Arguments) -> str:
        order = self._working(arguments["key"])
        volume = _lots(arguments["amounts"][0])
        if volume > order.remaining:
            raise ValueError(f"the order has {order.remaining} lots left, not {volume}")
        contract = order.contract
        price = arguments.get("price")
        ticks = order.ticks if price is None else _ticks(contract, price)
        self.simulation.core.exchanges[contract.exchange].fill(order, ticks, volume)
        return f"the order {order.key[2].strip()} trades {volume} at {contract.price(ticks):g}"

    def _cancel(self, arguments: Arguments) -> str:
        order = self._working(arguments["key"])
        self.simulation.core.exchanges[order.contract.exchange].withdraw(order)
        return f"the exchange cancels the order {order.key[2].strip()}"

    def _working(self, key: Key) -> Order:
        order = self.order_at_exchange(key)
        if order is None or order.is_finished:
            raise ValueError("the order does not work any more" if order else "the order is not at the exchange")
        return order

    def _replay(self, arguments: Arguments) -> str:
        """Moves the market as a file says, from now on; the first row, or the time of `from`, is now."""
        ticks: Sequence[Tick] = read_ticks(arguments["text"], arguments["file"])
        speed, world = arguments.get("speed", 1), self.simulation.world
        if speed <= 0:
            raise ValueError(f"a speed is more than 0, not {speed}")
        for tick in ticks:
            self._moved(tick)  # refuses at once what could not be done later
        start = arguments.get("start", ticks[0].time)
        played, passed, before = 0, 0, start
        for tick in ticks:
            if not played and tick.time < start:
                continue
            passed += (tick.time - before) % DAY if played else tick.time - start
            before = tick.time
            played += 1
            world.at(world.now + round(passed / speed), self._play, tick)
        if not played:
            raise ValueError(f"{arguments['file']} has no row from then on")
        return f"{played} quotes of {arguments['file']} will be played"

    def _walk(self, arguments: Arguments) -> str:
        """Moves the price at random, within its limits and while there is trading, twice a second.

        The volatility is the standard deviation of the price's change in an hour, as a part of the price.
        """
        contract = self._contract(arguments["amounts"][0])
        volatility, lasting = float(arguments["volatility"]), arguments.get("for_span")
        if not 0 < volatility < 1:
            raise ValueError(f"a volatility is more than 0% and less than 100%, not {volatility:.0%}")
        world = self.simulation.world
        chance = Random(f"{arguments['seed']}") if "seed" in arguments else world.random(f"walk {contract.id}")
        deviation = volatility * math.sqrt(WALK_PACE / HOUR)
        end = None if lasting is None else world.now + lasting
        exchange = self.simulation.core.exchanges[contract.exchange]

        def step(price: float) -> None:
            if end is not None and world.now > end:
                return
            if exchange.status(contract) == InstrumentStatus.CONTINUOUS:
                price = min(max(price * (1 + chance.gauss(0.0, deviation)), contract.lower_price), contract.upper_price)
                ticks = round(price / contract.product.tick)
                if ticks != contract.last:
                    exchange.quote_around(contract, ticks)
            world.at(world.now + WALK_PACE, step, price)

        world.at(world.now + WALK_PACE, step, contract.last_price)
        return f"the price of {contract.id} walks"

    def _moved(self, tick: Tick) -> dict[str, int]:
        """The prices and volumes of a row, in ticks and lots. Raises ValueError."""
        try:
            contract = self._contract(tick.instrument)
            prices = {name: _ticks(contract, tick.values[name]) for name in PRICES if name in tick.values}
            return prices | {name: _lots(tick.values[name]) for name in VOLUMES if name in tick.values}
        except ValueError as reason:
            raise ValueError(f"{tick.place}: {reason}") from None

    def _play(self, tick: Tick) -> None:
        contract, moved = self._contract(tick.instrument), self._moved(tick)
        exchange = self.simulation.core.exchanges[contract.exchange]
        book = exchange.book(contract)
        for side, maker in (("Bid", book.bid_maker), ("Ask", book.ask_maker)):
            price = moved.get(f"{side}Price1")
            maker.ticks, maker.volume, maker.refill = price, moved.get(f"{side}Volume1", 1) if price else 0, 0
        if "LastPrice" in moved:
            contract.last = moved["LastPrice"]
        exchange.requote(contract)

    def _phase(self, arguments: Arguments) -> str:
        (which,) = arguments["amounts"]
        status = _PHASES[arguments["phase_name"]]
        self.simulation.set_phase(which, status)
        return f"{which} is in phase {arguments['phase_name']}"

    def _halt(self, arguments: Arguments) -> str:
        contract = self._contract(arguments["amounts"][0])
        self.simulation.core.exchanges[contract.exchange].halted.add(contract.id)
        self.simulation.phase_changed(contract)
        return f"{contract.id} is halted"

    def _resume(self, arguments: Arguments) -> str:
        contract = self._contract(arguments["amounts"][0])
        self.simulation.core.exchanges[contract.exchange].halted.discard(contract.id)
        self.simulation.phase_changed(contract)
        return f"{contract.id} trades again"

    def _contract(self, name: Any) -> Contract:
        try:
            return self.simulation.contract(str(name))
        except KeyError:
            raise ValueError(f"the venue knows no product of {name}") from None

    # ------------------------------------------------------------------------------------------------ refusals

    def _reject_next(self, arguments: Arguments) -> str:
        where, code = arguments["source"], _code(arguments.get("code"))
        key = ("order" if arguments["refused"] == "order" else "cancel", where)
        self.simulation.core.refuse_next.setdefault(key, []).append(_worded(where, code, arguments))
        return f"the next {key[0]} will be refused by the {where} with {code}"

    def _refuse(self, arguments: Arguments) -> str:
        what, code = arguments["dialog"], _code(arguments["signed"])
        lasting = arguments.get("for_span")
        until = _FOR_EVER if lasting is None else self.simulation.world.now + lasting
        self.simulation.trading.refusals[what] = (*_worded("counter", code, arguments), until)
        span = "" if lasting is None else f" for {spoken_duration(lasting)}"
        return f"every {what} is refused with {code}{span}"

    def _limit(self, arguments: Arguments) -> str:
        (number,) = arguments["values"]
        limited = arguments["limited"]
        if limited == "query":
            self.simulation.trading.queries_per_second = _lots(number)
        elif limited == "request":
            self.simulation.trading.requests_per_second = _lots(number)
        elif limited == "session":
            self.simulation.trading.sessions_per_user = _lots(number)
        else:
            self.simulation.core.frequency[limited] = _lots(number)
        every = "at a time" if limited == "session" else "each second"
        return f"at most {number} {limited.replace('query', 'querie')}s {every}"

    def _profile(self, arguments: Arguments) -> str:
        self.simulation.core.behave_as(arguments["profile_name"])
        return f"the venue behaves as {arguments['profile_name']} does"

    # ------------------------------------------------------------------------------------------------ accounts

    def _account(self, arguments: Arguments) -> Account:
        return self.simulation.account_of(arguments["name"])

    def _balance(self, arguments: Arguments) -> str:
        account = self._account(arguments)
        account.ledger.pre_balance = float(arguments["values"][0])
        return f"{account.id} has {account.ledger.pre_balance:,.2f}"

    def _deposit(self, arguments: Arguments) -> str:
        account, amount = self._account(arguments), float(arguments["values"][0])
        account.ledger.deposit += amount
        return f"{amount:,.2f} come into {account.id}"

    def _withdraw(self, arguments: Arguments) -> str:
        account, amount = self._account(arguments), float(arguments["values"][0])
        account.ledger.withdrawn += amount
        return f"{amount:,.2f} go out of {account.id}"

    def _position(self, arguments: Arguments) -> str:
        """Lots that are held already: since yesterday, or since this morning."""
        account, (volume, name) = self._account(arguments), arguments["amounts"]
        contract, lots = self._contract(name), _lots(volume)
        direction = PosiDirection.LONG if arguments["holding"] == "long" else PosiDirection.SHORT
        holding = account.ledger.holding(contract, direction)
        since_yesterday = "yesterday" in arguments
        row = holding.row(history=since_yesterday)
        price = contract.price(_ticks(contract, arguments["price"]))
        holding.add(Lot("", self.simulation.core.trading_day, price, lots, history=since_yesterday))
        if since_yesterday:
            row.yesterday += lots
        return f"{account.id} holds {arguments['holding']} {lots} {contract.id}"

    def _password(self, arguments: Arguments) -> str:
        account = self._account(arguments)
        account.password_state = arguments["password_state"]
        return f"the password of {account.id} is {account.password_state.replace('_', ' ')}"

    def _unconfirmed(self, arguments: Arguments) -> str:
        account = self._account(arguments)
        account.confirmed = False
        return f"{account.id} has not confirmed the settlement"


def _ticks(contract: Contract, price: Any) -> int:
    ticks = contract.ticks(float(price)) if isinstance(price, int | float) else None
    if ticks is None:
        raise ValueError(f"{price} is no price of {contract.id}, whose tick is {contract.product.tick:g}")
    return ticks


def _code(value: Any) -> int:
    """The code of a refusal; it is left open where a step names none."""
    if value is None:
        return 0
    if not isinstance(value, int | float) or value != int(value) or value == 0:
        raise ValueError(f"{value} is no code of a refusal: 0 means that all is well")
    return int(value)


def _worded(where: str, code: int, arguments: Arguments) -> tuple[int, str | None]:
    """A refusal with its text: the scenario's, else CTP's own; the exchange has its own words for its codes."""
    message = arguments.get("message")
    if message is None and where == "counter":
        known = errors().get(code)
        message = known.message if known is not None else ""
    return code, message


def _lots(value: Any) -> int:
    if not isinstance(value, int | float) or value != int(value) or value < 0:
        raise ValueError(f"{value} is no number of lots")
    return int(value)


_COMMANDS: Mapping[str, Callable[[Venue, Arguments], str]] = {
    "clock": Venue._clock,
    "quote": Venue._quote,
    "replay": Venue._replay,
    "walk": Venue._walk,
    "order": Venue._order,
    "fill": Venue._fill,
    "cancel": Venue._cancel,
    "phase": Venue._phase,
    "halt": Venue._halt,
    "resume": Venue._resume,
    "reject_next": Venue._reject_next,
    "refuse": Venue._refuse,
    "limit": Venue._limit,
    "profile": Venue._profile,
    "balance": Venue._balance,
    "deposit": Venue._deposit,
    "withdraw": Venue._withdraw,
    "position": Venue._position,
    "password": Venue._password,
    "unconfirmed": Venue._unconfirmed,
}
