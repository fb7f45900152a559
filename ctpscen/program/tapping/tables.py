"""What the tap is told of one API in one version of CTP: what each slot takes, what may pass, what is not written down.

All of it is numbers and places in records, as `native/tap/tap.h` has them; the tap knows no names.
"""

import struct
from collections.abc import Callable, Sequence
from enum import IntEnum

from attrs import define, evolve, field, frozen

from ctpscen.ctp.messages import is_secret
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.layouts import Record
from ctpscen.ctp.schema.methods import Argument, Interface, Method
from ctpscen.ctp.schema.versions import Tables, tables
from ctpscen.program.serving.layouts import LONGEST_TEXT, operation_of

MOST_CALLBACKS, MOST_ARGUMENTS, MOST_VOLUMES = 240, 4, 2
"""So many callbacks, arguments of one, and fields of lots in a record the tap has room for."""

_REGISTER_FRONT, _DROPPED = 11, 12
_OPERATIONS = {"RegisterFront": _REGISTER_FRONT, "RegisterNameServer": _DROPPED}

_NUMBERS = {"int": -2, "bool": -3}

_HEAD = struct.Struct("=6I")
_METHOD = struct.Struct("=9I")
_CALLBACK = struct.Struct("=4i2I")
_SECRET = struct.Struct("=2I")


class Passage(IntEnum):
    """Whether a call may go on to the library: freely, never, within the caps, or for the profile's users alone."""

    PASSES = 0
    IS_REFUSED = 1
    IS_COUNTED = 2
    NAMES_A_USER = 3


class Refusal(IntEnum):
    """Why a call did not go on to the library."""

    NOT_ALLOWED = 1
    ORDER_TOO_LARGE = 2
    RUN_TOO_LARGE = 3
    UNWATCHED = 4
    OTHER_USER = 5
    NO_RECORD = 6


@frozen
class Rules:
    """What may pass. `passage` is asked of every function by its name; `volumes` are the fields that are lots."""

    passage: Callable[[str], Passage]
    volumes: Sequence[str]
    users: Sequence[str]


@define
class _Secrets:
    """The places of all secrets of a version, a row each."""

    rows: list[bytes] = field(factory=list)

    def of(self, record: Record | None) -> tuple[int, int]:
        """Takes those of a record; gives the first, and how many there are."""
        found = [] if record is None else [each for name, each in record.fields.items() if is_secret(name)]
        first = len(self.rows)
        self.rows += [_SECRET.pack(each.offset, each.size) for each in found]
        return first, len(found)


def tap_table(
    version: str, kind: ApiKind, api: int, rules: Rules, files: Sequence[str], fronts: Sequence[str]
) -> bytes:
    """The answer to the tap: `api` is the object's number, `files` those of the events and of the limits.

    Raises UnknownVersion.
    """
    found = tables(version)
    interface = found.trader if kind == "trader" else found.market
    secrets = _Secrets()
    rules = rules if kind == "trader" else evolve(rules, passage=_names_nobody(rules.passage))
    methods = [_method(method, found, rules, secrets) for method in interface.functions]
    callbacks = [_callback(method, found, secrets) for method in _callbacks(interface)]
    users = [user.encode() for user in rules.users]
    head = _HEAD.pack(api, len(methods), len(callbacks), len(secrets.rows), len(fronts), len(users))
    texts = [*(text.encode() for text in (*files, *fronts)), *users]
    return b"".join([head, *methods, *callbacks, *secrets.rows, *(text + b"\0" for text in texts)])


def _names_nobody(passage: Callable[[str], Passage]) -> Callable[[str], Passage]:
    """The same for quotes, for which anybody may log in, or nobody."""

    def of_market(name: str) -> Passage:
        found = passage(name)
        return Passage.PASSES if found is Passage.NAMES_A_USER else found

    return of_market


def _callbacks(interface: Interface) -> Sequence[Method]:
    assert len(interface.callbacks) <= MOST_CALLBACKS
    assert all(len(method.arguments) <= MOST_ARGUMENTS for method in interface.callbacks)
    return interface.callbacks


def _method(method: Method, found: Tables, rules: Rules, secrets: _Secrets) -> bytes:
    record = found.record(method.record) if method.record else None
    size = record.size if record is not None else LONGEST_TEXT if method.result == "char*" else 0
    fields = {} if record is None else record.fields
    volumes = [fields[name].offset for name in rules.volumes if name in fields]
    assert len(volumes) <= MOST_VOLUMES, method.name
    user = fields.get("UserID")
    passage = rules.passage(method.name)
    if passage is Passage.NAMES_A_USER and user is None:
        passage = Passage.IS_REFUSED
    return _METHOD.pack(
        _OPERATIONS.get(method.name, operation_of(method)),
        size,
        passage,
        *(volumes + [0] * MOST_VOLUMES)[:MOST_VOLUMES],
        *((user.offset, user.size) if user is not None else (0, 0)),
        *secrets.of(record),
    )


def _callback(method: Method, found: Tables, secrets: _Secrets) -> bytes:
    sizes = [_size(argument, found) for argument in method.arguments]
    is_first = method.record_argument == 0
    record = found.record(method.record) if method.record and is_first else None
    return _CALLBACK.pack(*(sizes + [0] * MOST_ARGUMENTS)[:MOST_ARGUMENTS], *secrets.of(record))


def _size(argument: Argument, found: Tables) -> int:
    if argument.record is not None:
        return found.record(argument.record).size
    return _NUMBERS[argument.kind]
