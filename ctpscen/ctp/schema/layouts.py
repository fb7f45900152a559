"""Records and their fields, and where each field stands in memory."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import frozen

from ctpscen.ctp.schema.tables import normalise

# Words of the scenario language for fields whose CTP name says less (BEHAVIOUR is silent; the names are ours).
_ALIASES: Mapping[str, Mapping[str, str]] = {
    "DepthMarketData": {
        "last": "LastPrice",
        "bid": "BidPrice1",
        "ask": "AskPrice1",
        "bidvolume": "BidVolume1",
        "askvolume": "AskVolume1",
        "upperlimit": "UpperLimitPrice",
        "lowerlimit": "LowerLimitPrice",
        "presettlement": "PreSettlementPrice",
    },
    "FrontDisconnected": {"reason": "nReason"},
    "HeartBeatWarning": {"timelapse": "nTimeLapse"},
}

_BYTES = {"char": 1, "short": 2, "int": 4, "double": 8}
_DEFAULTS: Mapping[str | int, int | float] = {"short": 0, "int": 0, "double": 0.0}


@frozen
class Field:
    """One field: its CTP name, the name of its CTP type, how it is stored, and where.

    `storage` is `int`, `short`, `double`, `char`, or the width in bytes of a character array, end mark included;
    `offset` and `size` are in bytes.
    """

    name: str
    type: str
    storage: str | int
    offset: int
    size: int

    @property
    def default(self) -> str | int | float:
        return _DEFAULTS.get(self.storage, "")

    @property
    def is_text(self) -> bool:
        return self.storage not in _DEFAULTS

    @property
    def c_type(self) -> str:
        """The type as C has it: `int`, `char`, `char[81]`."""
        return f"char[{self.storage}]" if isinstance(self.storage, int) else self.storage


@frozen(eq=False)
class Record:
    """A record's schema; `size` is what C's sizeof gives, in bytes."""

    name: str
    fields: Mapping[str, Field]
    size: int

    def find(self, word: str) -> Field | None:
        """The field that a scenario means by `word`, or None."""
        name = self._words.get(normalise(word))
        return None if name is None else self.fields[name]

    @cached_property
    def _words(self) -> Mapping[str, str]:
        return {**{normalise(field): field for field in self.fields}, **_ALIASES.get(self.name, {})}


def lay_out(name: str, declared: Iterable[tuple[str, str, str | int]]) -> Record:
    """A record of fields declared by name, type and storage, laid out as C++ compilers do on every 64-bit platform.

    Each number stands at a multiple of its size, and the whole is a multiple of the largest.
    """
    fields: dict[str, Field] = {}
    offset, widest = 0, 1
    for field, kind, storage in declared:
        size, aligned = (storage, 1) if isinstance(storage, int) else (_BYTES[storage], _BYTES[storage])
        offset += -offset % aligned
        fields[field] = Field(field, kind, storage, offset, size)
        offset, widest = offset + size, max(widest, aligned)
    return Record(name, fields, offset + -offset % widest)
