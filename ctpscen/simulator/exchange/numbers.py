"""The numbers that an exchange gives to orders, trades and reports, counted from random starts (BEHAVIOUR 3.8)."""

from random import Random

from attrs import define, field

from ctpscen.simulator.terms.profiles import Manners
from ctpscen.simulator.terms.rules import ExchangeRules


@define(eq=False, repr=False)
class Numbers:
    """`sequence` is the SequenceNo of the newest report."""

    rules: ExchangeRules
    manners: Manners
    chance: Random
    sequence: int = field(init=False)
    _sys_id: int = field(init=False)
    _trade_id: int = field(init=False)
    _local_id: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._sys_id, self._trade_id = self.chance.randint(1_000, 9_000), self.chance.randint(1_000, 9_000)
        self.sequence, self._local_id = self.chance.randint(100, 900), self.chance.randint(100, 900)

    def next_local_id(self) -> str:
        self._local_id += 1
        return f"{self._local_id:>12}"

    def next_sequence(self) -> int:
        """The SequenceNo of what the exchange reports next."""
        self.sequence += 1
        return self.sequence

    def next_sys_id(self, trading_day: str) -> str:
        """The number that the exchange gives what it takes."""
        self._sys_id += 1
        if self.manners.profile.long_ids and self.rules.trade_id == "dated":
            return f"{trading_day}{self._sys_id:08}"
        return f"{self._sys_id:>12}"

    def next_trade_id(self, trading_day: str) -> str:
        self._trade_id += 1
        if self.rules.trade_id == "dated":
            return f"{trading_day}{self._trade_id:08}"
        return str(self._trade_id) if self.rules.trade_id == "plain" else f"{self._trade_id:>12}"
