"""The other end of the shim: one program's API objects, from the socket to the venue and back.

A call is answered before anything else happens. A callback is sent when the one before it has come back, so that the
moment at which it is given to the program's code is known. Misuse for which the real library would crash is answered,
and told as a hazard.
"""

import os
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Protocol

from attrs import define, evolve, field

from ctpscen.ctp.messages import Api, Callback, Fields, Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.versions import UnknownVersion
from ctpscen.program.events import Called, Delivered, Event, Hazard
from ctpscen.program.serving import frames, hazards
from ctpscen.program.serving.address import Address
from ctpscen.program.serving.connections import Connection, Listener, Poller
from ctpscen.program.serving.flows import FlowFiles
from ctpscen.program.serving.frames import Frame, Kind
from ctpscen.program.serving.layouts import Layout, layout
from ctpscen.program.serving.stand_ins import StandIns

_HELLO = struct.Struct("=III")
_NUMBER = struct.Struct("=I")
KINDS: dict[int, ApiKind] = {1: "trader", 2: "market"}
CREATE: dict[ApiKind, str] = {"trader": "CreateFtdcTraderApi", "market": "CreateFtdcMdApi"}

# What the venue has no part in, and what each gives.
_ANSWERED_HERE = frozenset(
    "Join RegisterNameServer RegisterFensUserInfo GetFrontInfo RegisterUserSystemInfo SubmitUserSystemInfo "
    "RegisterWechatUserSystemInfo SubmitWechatUserSystemInfo".split()
)


def read_hello(hello: Frame) -> tuple[int, int, ApiKind, str, str, str]:
    """What an API object says of itself: protocol, process, kind, version, working directory, flow path.

    Raises BadFrame.
    """
    try:
        protocol, process, kind = _HELLO.unpack_from(hello.body)
        version, folder, flow, _ = (os.fsdecode(text) for text in hello.body[_HELLO.size :].split(b"\0"))
        return protocol, process, KINDS[kind], version, folder, flow
    except (struct.error, ValueError, KeyError):
        raise frames.BadFrame("an API object that does not say what it is") from None


class Clock(Protocol):
    """The venue's time, in microseconds of the trading clock."""

    @property
    def now(self) -> int: ...


class Surroundings(Protocol):
    """What a server needs of the run that it is part of."""

    def before_call(self) -> None:
        """Something was asked: time catches up."""

    def gave(self) -> None:
        """The program was given something, and may compute."""

    def next_api(self) -> int:
        """A number for an API object that no other of the run has."""

    def hang_doorbell(self, slot: int, doorbell: socket.socket) -> None: ...

    def doorbell_closed(self, slot: int) -> None: ...


@define(eq=False)
class ApiObject:
    """One API object of the program. `sent_at` is when the callback that has not come back was sent."""

    number: int
    kind: ApiKind
    layout: Layout
    process: int
    flow: str
    calls: Connection
    callbacks: Connection | None = None
    waiting: deque[Callback] = field(factory=deque)
    sent: Callback | None = None
    is_initialised: bool = False
    is_released: bool = False
    sequence: int = 0


@define(eq=False)
class Server:
    """All API objects of one program, in all its processes. It is the program's port of the world."""

    address: Address
    poller: Poller
    clock: Clock
    around: Surroundings
    take: Callable[[Event], None]
    flow_files: FlowFiles
    stand_ins: StandIns
    api: Api | None = None
    objects: dict[int, ApiObject] = field(factory=dict)
    unknown_version: str = ""
    _listener: Listener = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._listener = Listener(self.address, self.poller, self._introduce)

    @property
    def is_used(self) -> bool:
        """Whether any process still has an API object."""
        return any(not api.is_released for api in self.objects.values())

    def close(self) -> None:
        self._listener.close()

    def _introduce(self, connection: Connection, hello: Frame) -> None:
        """The first frame of a connection says what it is for."""
        handlers: dict[int, Callable[[Connection, Frame], None]] = {
            Kind.HELLO_OBJECT: self._create,
            Kind.HELLO_CALLBACKS: self._link_callbacks,
            Kind.HELLO_DOORBELL: self._hang_doorbell,
            Kind.HELLO_MISUSE: self._misused,
            Kind.HELLO_PROCESS: self.stand_ins.introduce,
        }
        handler = handlers.get(hello.kind)
        if handler is None:
            raise frames.BadFrame(f"a connection began with a frame of kind {hello.kind}")
        handler(connection, hello)

    # ------------------------------------------------------------------------------------------------ the objects

    def _create(self, connection: Connection, hello: Frame) -> None:
        protocol, process, kind, version, folder, flow = read_hello(hello)
        try:
            if protocol != frames.PROTOCOL:
                raise UnknownVersion("the shim is one of another version of ctpscen")
            found = layout(version, kind)
        except UnknownVersion as reason:
            self.unknown_version = version or "?"
            connection.send(frames.frame(Kind.REFUSED, str(reason).encode()))
            return
        self.around.before_call()
        path = self.flow_files.open(folder, flow)
        number = self.around.next_api()
        api = self.objects[number] = ApiObject(number, kind, found, process, path.key, connection)
        connection.handle = lambda _, frame: self._call(api, frame)
        connection.closed = lambda: self._gone(api)
        self._forward(api, CREATE[kind], {"pszFlowPath": path.key}, 0)
        if path.is_missing:
            self._hazard(api, hazards.missing_folder(path.folder))
        for other in self.objects.values():
            if other is not api and not other.is_released and other.flow == path.key:
                self._hazard(api, hazards.shared_flow(flow))
                break
        connection.send(frames.frame(Kind.TABLE, found.table(number)))

    def _link_callbacks(self, connection: Connection, hello: Frame) -> None:
        api = self._object_of(hello)
        api.callbacks = connection
        connection.handle = lambda _, frame: self._done(api, frame)
        self._send_next(api)

    def _object_of(self, hello: Frame) -> ApiObject:
        try:
            return self.objects[_number_in(hello)]
        except KeyError:
            raise frames.BadFrame("there is no such API object") from None

    def _gone(self, api: ApiObject) -> None:
        """The connection for calls has ended: with Release, or with its process."""
        if not api.is_released:
            api.is_released = True
            self._ask_venue(Request(api.number, api.kind, self.clock.now, api.sequence + 1, "Release"))
        if api.callbacks is not None:
            api.callbacks.close()

    # --------------------------------------------------------------------------------------------------- calls

    def _call(self, api: ApiObject, frame: Frame) -> None:
        self.around.before_call()
        try:
            call = api.layout.read(frame.slot, frame.value, frame.body)
        except (ValueError, struct.error) as reason:
            raise frames.BadFrame(str(reason)) from None
        for misuse in hazards.hazards_of(call, is_initialised=api.is_initialised):
            self._hazard(api, misuse)
        returned: int | str = 0
        if not (call.name == "Init" and api.is_initialised):
            returned = self._forward(api, call.name, call.fields, call.request_id)
        if call.name == "Init":
            api.is_initialised = True
        elif call.name == "Release":
            api.is_released = True
            api.waiting.clear()
        api.calls.send(self._answer(api, frame.slot, call.name, returned))

    def _answer(self, api: ApiObject, slot: int, name: str, returned: int | str) -> bytes:
        if isinstance(returned, str):
            return frames.frame(Kind.RETURNED, returned.encode("ascii", "replace"))
        if name == "GetFrontInfo":
            return frames.frame(Kind.RETURNED, api.layout.fill(slot, {}))
        return frames.frame(Kind.RETURNED, value=returned)

    def _forward(self, api: ApiObject, name: str, fields: Fields | None, request_id: int) -> int | str:
        """Makes the call at the venue, and hands it on."""
        api.sequence += 1
        request = Request(api.number, api.kind, self.clock.now, api.sequence, name, fields, request_id)
        returned = 0 if name in _ANSWERED_HERE else self._ask_venue(request)
        self.take(Called(request, returned, api.process))
        self.around.gave()
        return returned

    def _ask_venue(self, request: Request) -> int | str:
        assert self.api is not None, "a program is given its Api before it is started"
        return self.api.call(request)

    # -------------------------------------------------------------------------------------------------- hazards

    def _misused(self, connection: Connection, hello: Frame) -> None:
        api = self._object_of(hello)
        name = api.layout.name_of(hello.slot)
        self.around.before_call()
        self._hazard(api, hazards.after_release(name))
        connection.send(frames.frame(Kind.DONE))
        connection.close()

    def _hazard(self, api: ApiObject, misuse: hazards.Misuse) -> None:
        kind, text = misuse
        self.take(Hazard(self.clock.now, kind, api.number, text))

    # ------------------------------------------------------------------------------------------------ callbacks

    def deliver(self, callback: Callback) -> None:
        """Takes a callback from the venue."""
        api = self.objects[callback.api]
        api.waiting.append(callback)
        self._send_next(api)

    def _send_next(self, api: ApiObject) -> None:
        """Sends the next callback unless one is under way. What the program's version of CTP lacks is left out."""
        while api.sent is None and api.waiting and api.callbacks is not None and not api.is_released:
            callback = api.waiting.popleft()
            found = api.layout.callback(callback)
            if found is None:
                continue
            slot, arguments = found
            api.sent = callback = evolve(callback, time=self.clock.now)
            self.stand_ins.gave(api.process)
            api.callbacks.send(frames.frame(Kind.CALLBACK, arguments, slot=slot))
            self.around.gave()
            self.take(Delivered(callback))

    def _done(self, api: ApiObject, frame: Frame) -> None:
        """A callback has come back."""
        if frame.kind != Kind.DONE or api.sent is None:
            raise frames.BadFrame("a callback came back that was not made")
        self.around.before_call()
        sent, api.sent = api.sent, None
        for misuse in hazards.slow_callback(sent.name, self.clock.now - sent.time):
            self._hazard(api, misuse)
        self._send_next(api)

    # ------------------------------------------------------------------------------------------------ doorbells

    def _hang_doorbell(self, connection: Connection, hello: Frame) -> None:
        slot = _number_in(hello)
        connection.handle = lambda *_: None
        connection.closed = lambda: self.around.doorbell_closed(slot)
        self.around.hang_doorbell(slot, connection.socket)


def _number_in(hello: Frame) -> int:
    try:
        number: int = _NUMBER.unpack(hello.body)[0]
    except struct.error:
        raise frames.BadFrame("a connection that does not say whose it is") from None
    return number
