"""API objects: their calls to ctpscen, the callbacks that come back, their end (`native/objects.c` does the same).

What the real library punishes with a crash is answered, and ctpscen is told of it.
"""

import _thread
import os
import struct
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from .. import wire
from ..waits.locks import Gate
from ..waits.waiting import here
from .records import Record, fill

EXIT_UNKNOWN_VERSION = 97
READ_FAILED = 0x1001
KINDS = {"trader": 1, "market": 2}

_HELLO = struct.Struct("=III")
_NUMBER = struct.Struct("=I")
_SIGNED = struct.Struct("=i")
_CALL = struct.Struct("=IIi")
_NULL, _IS_NUMBER = -1, -2

_start_thread = _thread.start_new_thread

Callback = tuple[str, Sequence[str | None]]
"""A callback's name, and of each argument the record that it is, or None for a number."""


class ApiObject:
    """One object. `callbacks` are those of its version, by slot; `records` the classes of all records."""

    def __init__(
        self, kind: str, version: str, flow: str, callbacks: Sequence[Callback], records: dict[str, type[Record]]
    ) -> None:
        self.spi: Any = None
        self._callbacks_known, self._records = callbacks, records
        self._calling = _thread.allocate_lock()
        self._is_released = False
        self._ended = Gate()
        self._thread: int | None = None
        self._is_connected = False
        self._process = os.getpid()
        self._calls = wire.dial()
        hello = _HELLO.pack(wire.PROTOCOL, self._process, KINDS[kind])
        texts = "\0".join((version, os.getcwd(), flow, "")).encode("utf-8", "surrogateescape")
        wire.send(self._calls, wire.HELLO_OBJECT, hello + texts)
        answer, _, _, body = wire.receive(self._calls)
        if answer != wire.TABLE:
            print(f"ctpscen: {body.decode(errors='replace')}", file=sys.stderr, flush=True)
            os._exit(EXIT_UNKNOWN_VERSION)
        self.number = _NUMBER.unpack_from(body)[0]
        self._callbacks = wire.dial()
        wire.send(self._callbacks, wire.HELLO_CALLBACKS, _NUMBER.pack(self.number), value=wire.PROTOCOL)

    # ------------------------------------------------------------------------------------------------------- calls

    def call(self, slot: int, value: int = 0, second: int = 0, content: bytes | None = None) -> tuple[int, bytes]:
        """Makes a call; gives its value, and bytes that come with it. -1 where nobody answers."""
        if self._is_released:
            self._report_misuse(slot)
            return -1, b""
        return self._ask(slot, value, second, content)

    def _ask(self, slot: int, value: int = 0, second: int = 0, content: bytes | None = None) -> tuple[int, bytes]:
        how = _CALL.pack(self._thread == _thread.get_ident(), content is None, second)
        with self._calling:
            if self._process != os.getpid():
                return -1, b""  # its connections are those of the process that this was forked from
            try:
                wire.send(self._calls, wire.CALL, how + (content or b""), slot, value)
                kind, _, given, body = wire.receive(self._calls)
            except wire.Gone:
                return -1, b""
        return (given, body) if kind == wire.RETURNED else (-1, b"")

    def _report_misuse(self, slot: int) -> None:
        """Says that the object was used after its Release."""
        try:
            connection = wire.dial()
            with connection:
                wire.send(connection, wire.HELLO_MISUSE, _NUMBER.pack(self.number), slot, wire.PROTOCOL)
                wire.receive(connection)
        except (OSError, wire.Gone):
            return

    # --------------------------------------------------------------------------------------------------- callbacks

    def start(self) -> None:
        """Starts the thread that makes the callbacks, once."""
        if self._thread is None and not self._is_released:
            self._thread = _start_thread(self._make_callbacks, ())

    def _make_callbacks(self) -> None:
        with here:
            here.know(_thread.get_ident())
        try:
            while True:
                kind, slot, _, body = wire.receive(self._callbacks)
                if kind != wire.CALLBACK:
                    break
                with here:
                    here.taken += 1
                    here.enter()
                try:
                    self._call_back(slot, body)
                    wire.send(self._callbacks, wire.DONE)
                finally:
                    with here:
                        here.leave()
        except wire.Gone:
            pass
        if self._is_connected and not self._is_released:  # nobody is at the other end: the front has gone
            self._invoke("OnFrontDisconnected", [READ_FAILED])
        self._callbacks.close()

    def _call_back(self, slot: int, body: bytes) -> None:
        name, kinds = self._callbacks_known[slot]
        if name in ("OnFrontConnected", "OnFrontDisconnected"):
            self._is_connected = name == "OnFrontConnected"
        arguments: list[Any] = []
        place = 0
        for kind in kinds:
            length = _SIGNED.unpack_from(body, place)[0]
            place += _SIGNED.size
            if length == _IS_NUMBER:
                number = _SIGNED.unpack_from(body, place)[0]
                arguments.append(bool(number) if kind == "bool" else number)
                place += _SIGNED.size
            elif length == _NULL:
                arguments.append(None)
            else:
                arguments.append(fill(self._records[kind or ""](), body[place : place + length]))
                place += length
        self._invoke(name, arguments)

    def _invoke(self, name: str, arguments: list[Any]) -> None:
        callback: Callable[..., Any] | None = getattr(self.spi, name, None)
        if callback is None or self._is_released:
            return
        try:
            callback(*arguments)
        except Exception:
            traceback.print_exc()

    # ---------------------------------------------------------------------------------------------------- the end

    def join(self) -> None:
        self._ended.wait()

    def release(self, slot: int) -> None:
        if self._is_released:
            self._report_misuse(slot)
            return
        self._ask(slot)
        self._is_released = True
        self._ended.open()
        wire.shut_down(self._callbacks)
        wire.shut_down(self._calls)
