"""How instruments are named: `cu2612`, `SR701`, `m2701-C-3000`, `cu2612C80000`, `SPD MA701&MA705`."""

import re
from functools import cache
from typing import NamedTuple

EXCHANGES = ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX")

_CONTRACT = re.compile(r"([A-Za-z]{1,2})(\d{3,4})(?:-?([CP])-?(\d+))?")
_EXCHANGE = "|".join(EXCHANGES)
_SPREAD = re.compile(r"(SP|SPC|SPD|IPS) ([A-Za-z]{1,2}\d{3,4})&([A-Za-z]{1,2}\d{3,4})")
_QUALIFIED = re.compile(rf"(?:({_EXCHANGE})\.)?({_CONTRACT.pattern})(?:\.({_EXCHANGE}))?", re.IGNORECASE)


class Instrument(str):
    """An InstrumentID. `exchange` is set where the text named one (`SHFE.cu2612`), else ''."""

    __slots__ = ("exchange",)
    exchange: str

    def __new__(cls, name: str, exchange: str = "") -> "Instrument":
        self = super().__new__(cls, name)
        self.exchange = exchange
        return self

    def __reduce__(self) -> tuple[type["Instrument"], tuple[str, str]]:
        return Instrument, (str(self), self.exchange)

    @classmethod
    def parse(cls, text: str) -> "Instrument":
        """Splits a qualifying exchange off; any other text is taken as it is, one with two exchanges too."""
        if (match := _QUALIFIED.fullmatch(text)) and not (match[1] and match[7]):
            return cls(match[2], (match[1] or match[7] or "").upper())
        return cls(text)


class Name(NamedTuple):
    """What a contract's name is made of: `m`, `2701`, and of an option `C` or `P` and `3000`."""

    product: str
    month: str
    right: str = ""
    strike: str = ""
    is_dashed: bool = False

    @property
    def underlying(self) -> str:
        """The future that an option is on."""
        return self.product + self.month


def name_of(instrument: str) -> Name | None:
    """The parts of a name; None for what is not shaped like a single contract."""
    match = _CONTRACT.fullmatch(instrument)
    if match is None:
        return None
    product, month, right, strike = (part or "" for part in match.groups())
    return Name(product, month, right, strike, f"-{right}-" in instrument)


class SpreadName(NamedTuple):
    """What a spread contract's name is made of: `SP`, and the futures that are its legs. Who buys it buys the first."""

    kind: str
    first: str
    second: str

    @property
    def product(self) -> str:
        """`SP m&m` of `SP m2701&m2705`."""
        return f"{self.kind} {product_id(self.first)}&{product_id(self.second)}"


@cache
def spread_of(instrument: str) -> SpreadName | None:
    """The parts of the name of a spread contract; None for what is not shaped like one."""
    match = _SPREAD.fullmatch(instrument)
    return None if match is None else SpreadName(match[1], match[2], match[3])


def looks_like_instrument(text: str) -> bool:
    """Whether a text has the shape of a single contract, an option or a spread."""
    return _CONTRACT.fullmatch(text) is not None or _SPREAD.fullmatch(text) is not None


def product_id(instrument: str) -> str:
    """The letters of a contract: `cu` of `cu2612`; '' for what is not shaped like one."""
    name = name_of(instrument)
    return name.product if name else ""
