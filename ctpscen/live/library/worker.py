"""The process in which the CTP library lives: `python -m ctpscen.live.library.worker LOG`.

A mistake ends the library with SIGSEGV, a missing locale with SIGABRT, and what it writes goes to standard output. So
it is alone here, one process a session. Calls come in on standard input and are made on the main thread. The library
calls back on threads of its own: what it passes is copied at once, because it is gone when the callback returns
(BEHAVIOUR 11, hazard 4), and put in a queue. The queue is bounded and drops nothing: when it is full the library
waits.
"""

import faulthandler
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from ctpscen.ctp.codes import DBL_MAX
from ctpscen.ctp.schema import api as ctp
from ctpscen.ctp.schema.api import ApiKind, CallbackShape
from ctpscen.ctp.schema.records import defaults, record
from ctpscen.interruption import ignore
from ctpscen.live.children import keep_to_itself
from ctpscen.live.library import framing

BINDING = "openctp_ctp"
CAPACITY = 10_000
"""Callbacks that may wait to be sent; more make the library wait."""

BATCH = 1_024
BATCH_PAUSE = 0.001
"""Seconds between two batches of callbacks. Their times are those at which they came, not at which they were sent."""

Item = tuple[Any, ...]


def monotonic() -> int:
    return time.monotonic_ns() // 1_000


# -------------------------------------------------------------------------------------------------------- copying


def copier(name: str) -> Callable[[Any], dict[str, Any] | None]:
    """A function that copies a native record to a dict of what differs from the default; None stays None."""
    known = defaults(name)
    names, values = tuple(known), tuple(known.values())
    read = attrgetter(*names) if len(names) > 1 else _single(names[0])

    def copy(native: Any) -> dict[str, Any] | None:
        if native is None:
            return None
        try:
            found = read(native)
        except (AttributeError, UnicodeError):  # another version's record, or a text cut in mid-character
            found = tuple(_one(native, each, known[each]) for each in names)
        copied = {key: value for key, value, usual in zip(names, found, values, strict=True) if value != usual}
        odd = [
            key
            for key, value in copied.items()
            if type(value) is bytes or (type(value) is float and not _LEAST < abs(value) < _MOST)
        ]
        for key in odd:
            _put_right(copied, key)
        return copied

    return copy


# No price is smaller or larger; what is comes of memory that nobody has set, or says that there is none (hazard 11).
_LEAST, _MOST = 1e-300, 1e300


def _put_right(copied: dict[str, Any], name: str) -> None:
    """Bytes become text, what is no number becomes CTP's word for no value, and what is nearly nothing nothing."""
    value = copied[name]
    if type(value) is bytes:
        _decode(copied, [name])
    elif abs(value) <= _LEAST:
        del copied[name]
    else:
        copied[name] = DBL_MAX


def _decode(copied: dict[str, Any], names: list[str]) -> None:
    """The binding hands over settlement statements, and nothing else, as bytes."""
    for name in names:
        text = copied[name].split(b"\0", 1)[0].decode("gb18030", "replace")
        if text:
            copied[name] = text
        else:
            del copied[name]


def _single(name: str) -> Callable[[Any], tuple[Any, ...]]:
    return lambda native: (getattr(native, name),)


def _one(native: Any, name: str, usual: Any) -> Any:
    try:
        return getattr(native, name, usual)
    except UnicodeError:
        return usual


def spi_methods(kind: ApiKind, take: Callable[..., None]) -> dict[str, Callable[..., None]]:
    """An SPI class's methods: each copies what it is passed and hands it to `take`.

    None lets an exception out: the library would print and forget it, or end the process (BEHAVIOUR 11, hazard 6).
    """
    return {shape.name: _method(shape, take) for shape in ctp.callbacks(kind).values()}


def _method(shape: CallbackShape, take: Callable[..., None]) -> Callable[..., None]:
    name, has_error = shape.name, shape.has_error
    plain = name in ("OnFrontDisconnected", "OnHeartBeatWarning")
    field = next(iter(record(shape.record).fields)) if plain and shape.record else ""
    copy = copier(shape.record) if shape.record and not plain else None
    copy_error = _copy_error

    def called(_: Any, *passed: Any) -> None:
        arrived = monotonic()
        try:
            following = iter(passed)
            fields = None
            if plain:
                fields = {field: next(following)}
            elif copy is not None:
                fields = copy(next(following))
            error = copy_error(next(following)) if has_error else None
            request_id, last = next(following, 0), next(following, True)
            take(arrived, name, fields, error, request_id, bool(last))
        except BaseException as trouble:
            take(arrived, "", {"text": f"{name}: {type(trouble).__name__}: {trouble}"}, None, 0, True)

    return called


def _copy_error(native: Any) -> dict[str, Any] | None:
    return None if native is None else {"ErrorID": native.ErrorID, "ErrorMsg": native.ErrorMsg}


# ---------------------------------------------------------------------------------------------------------- calls


class Native:
    """One native API object with its SPI, both referenced as long as the process lives (hazard 7)."""

    def __init__(self, module: Any, kind: ApiKind, fields: dict[str, Any], take: Callable[..., None]) -> None:
        prefix = "CThostFtdcTrader" if kind == "trader" else "CThostFtdcMd"
        self.module, self.kind = module, kind
        flow, production = fields.get("pszFlowPath", ""), bool(fields.get("bIsProductionMode", True))
        Path(flow).mkdir(parents=True, exist_ok=True)  # a folder that is missing is a SIGSEGV (hazard 2)
        maker = getattr(module, f"{prefix}Api")
        if kind == "trader":
            self.api = maker.CreateFtdcTraderApi(flow, production)
        else:
            self.api = maker.CreateFtdcMdApi(flow, False, False, production)
        self.spi = type("Spi", (getattr(module, f"{prefix}Spi"),), spi_methods(kind, take))()
        self.released = False

    def call(self, name: str, fields: dict[str, Any] | None, request_id: int) -> int | str:
        """Calls a function of the API. Raises ValueError for what it cannot be given."""
        if self.released:  # anything after Release is a SIGSEGV
            raise ValueError(f"{name} after Release")
        given, function = fields or {}, getattr(self.api, name, None)
        if function is None:
            raise ValueError(f"the {self.kind} API has no {name}")
        if name == "RegisterSpi":
            function(self.spi)
            return 0
        if name in ("SubscribePrivateTopic", "SubscribePublicTopic"):
            function(given["nResumeType"])
            return 0
        if name == "RegisterFront":
            function(given["pszFrontAddress"])
            return 0
        if "ppInstrumentID" in given:
            names = [each.encode("ascii") for each in given["ppInstrumentID"]]
            return int(function(names, len(names)))
        if name in ("Init", "Release"):
            function()
            self.released = name == "Release"
            return 0
        if name == "GetTradingDay":
            return str(function())
        return int(function(self._record(name, given), request_id))

    def _record(self, request: str, fields: dict[str, Any]) -> Any:
        name = ctp.requests(self.kind)[request]
        known = record(name).fields
        native = getattr(self.module, f"CThostFtdc{name}Field")()
        for key, value in fields.items():
            if key not in known:  # the binding would take it and forget it
                raise ValueError(f"{request} has no field {key}")
            if type(value) is str and not value.isascii():  # it would go out as UTF-8 and come back garbled (hazard 9)
                raise ValueError(f"{request}: {key} takes ASCII only: CTP would garble `{value}`")
            try:
                setattr(native, key, value)
            except (TypeError, OverflowError) as reason:
                raise ValueError(f"{request}: {key} cannot hold what it is given ({type(reason).__name__})") from None
        return native


class Worker:
    """All API objects of one session, and the queue of what is to be sent."""

    def __init__(self, out: BinaryIO, binding: str = BINDING) -> None:
        self._out = out
        self._binding = binding
        self._waiting: deque[Item | None] = deque()
        self._news, self._room = threading.Event(), threading.Event()
        self._natives: dict[int, Native] = {}
        self._kept: list[Native] = []
        self._writer = threading.Thread(target=self._write, daemon=True)

    def run(self, calls: Iterator[Any]) -> None:
        """Makes calls until there are no more; then ends the API objects in order."""
        self._writer.start()
        modules = {"trader": self._load("tdapi"), "market": self._load("mdapi")}
        self._put(("ready", str(modules["trader"].CThostFtdcTraderApi.GetApiVersion())))
        for number, api, kind, name, fields, request_id in calls:
            try:
                value = self._call(modules[kind], api, kind, name, fields, request_id)
            except Exception as reason:
                self._put(("failed", number, str(reason) or type(reason).__name__))
            else:
                self._put(("returned", number, value))
        for native in reversed(list(self._natives.values())):  # market before trader, and never Join (hazard 8)
            if not native.released:
                native.call("Release", None, 0)
        self._put(None)
        self._writer.join(5)

    def _load(self, module: str) -> Any:
        return getattr(import_module(self._binding), module)

    def _call(
        self, module: Any, api: int, kind: ApiKind, name: str, fields: dict[str, Any] | None, request_id: int
    ) -> int | str:
        if name in ("CreateFtdcTraderApi", "CreateFtdcMdApi"):
            native = Native(module, kind, fields or {}, self._taker(api, kind))
            self._natives[api] = native
            self._kept.append(native)
            return 0
        if api not in self._natives:
            raise ValueError(f"{name}: there is no such API object")
        return self._natives[api].call(name, fields, request_id)

    def _taker(self, api: int, kind: ApiKind) -> Callable[..., None]:
        sequence = 0
        put = self._put

        def take(arrived: int, name: str, fields: Any, error: Any, request_id: int, last: bool) -> None:
            nonlocal sequence
            sequence += 1
            if name:
                put(("callback", api, kind, arrived, sequence, name, fields, error, request_id, last))
            else:
                put(("trouble", fields["text"]))

        return take

    def _put(self, item: Item | None) -> None:
        """Puts an item in the queue; waits while that is full. A thread that is not waited for is not woken."""
        while len(self._waiting) >= CAPACITY:
            self._room.clear()
            if len(self._waiting) >= CAPACITY:
                self._room.wait()
        self._waiting.append(item)
        if not self._news.is_set():
            self._news.set()

    def _write(self) -> None:
        """Sends what is in the queue, as many at a time as there are."""
        waiting, over, batch = self._waiting, False, list[Item | None]()
        while not over:
            if any(item is not None and item[0] == "callback" for item in batch[-1:]):
                time.sleep(
                    BATCH_PAUSE
                )  # reading a record lets go of the interpreter for each field: stay out of its way
            if not waiting:
                self._news.clear()
                if not waiting:  # nothing came between the look and the reset
                    self._news.wait()
            batch = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
            self._room.set()
            over = bool(batch) and batch[-1] is None
            try:
                framing.write(self._out, [item for item in batch if item is not None])
            except OSError:
                os._exit(0)  # the run is gone, and nobody is left to tell


def main() -> None:
    keep_to_itself()
    log, binding = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else BINDING
    ignore()  # the run is interrupted, cleans up with its workers, and ends them
    calls, out = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    noise = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(noise, 1)  # the library writes to standard output (hazard 30)
    os.dup2(noise, 2)
    faulthandler.enable(2)
    Worker(out, binding).run(framing.messages(calls))
    os._exit(0)  # the library's own clean-up at exit has nothing left to do, and may crash


if __name__ == "__main__":
    main()
