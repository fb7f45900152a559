"""What passes through one process of a live program, put into the order in which the books can take it.

A call is told when it has returned, as on the simulator, and before every callback that was made after it: the library
may call back, on a thread of its own, before the call that it answers has returned. So callbacks wait for the calls
before them, which return at once; those that block, Join and Release, are not waited for.
"""

from collections import deque
from collections.abc import Callable, Iterator

from attrs import define, evolve, field

from ctpscen.ctp.messages import Callback, Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.program.events import Called, Delivered, Event, Hazard, HeldBack
from ctpscen.program.serving import hazards
from ctpscen.program.serving.layouts import Layout, call_body
from ctpscen.program.tapping.events import TapEvent, TapKind

STUCK = 1_000_000
"""Microseconds after which a call that has not returned keeps nothing waiting any more."""

REFUSED = -3
"""What a call gives that was held back."""

_BLOCKING = frozenset({"Join", "Release"})


@define(eq=False)
class Tapped:
    """One API object of the program. `is_initialised` is whether Init was called."""

    number: int
    kind: ApiKind
    layout: Layout
    process: int
    flow: str
    is_initialised: bool = False
    is_released: bool = False
    sequence: int = 0
    callbacks: int = 0


@define(eq=False)
class _Waiting:
    """Something that is told when its turn comes: at once, or when the call has returned."""

    event: Event
    has_returned: bool = True


@define(eq=False)
class Passing:
    """The events of one process. `object_of` gives its objects, `time_of` the trading clock's time of an event's."""

    process: int
    object_of: Callable[[int], Tapped]
    time_of: Callable[[int], int]
    _queue: deque[_Waiting] = field(factory=deque)
    _overdue: list[_Waiting] = field(factory=list)
    _calls: dict[int, list[_Waiting]] = field(factory=dict)
    _callbacks: dict[int, list[Delivered]] = field(factory=dict)

    def take(self, event: TapEvent) -> None:
        """Takes the next event of the file."""
        api = self.object_of(event.api)
        match event.kind:
            case TapKind.CALL:
                self._called(api, event)
            case TapKind.RETURNED:
                self._returned(api, event)
            case TapKind.CALLBACK:
                self._delivered(api, event)
            case TapKind.DONE:
                self._done(api, event)
            case TapKind.REFUSED:
                self._held_back(api, event)
            case TapKind.MISUSE:
                self._misused(api, hazards.after_release(api.layout.name_of(event.slot)), event)

    def told(self, now: int) -> Iterator[Event]:
        """What has its turn; `now` is the trading clock's time."""
        while self._queue and (self._queue[0].has_returned or now - self._queue[0].event.time > STUCK):
            waiting = self._queue.popleft()
            if not waiting.has_returned:
                self._overdue.append(waiting)
            yield waiting.event

    def end(self) -> Iterator[Event]:
        """What is left when the process is over; a call that has not returned is where it ended."""
        yield from (each.event for each in self._queue)
        for each in (*self._overdue, *self._queue):
            if not each.has_returned and isinstance(each.event, Called):
                request = each.event.request
                text = f"the process ended in {request.name}; whether it has gone out is not known"
                yield Hazard(request.time, "ended in a call", request.api, text)
        self._queue.clear()

    # ------------------------------------------------------------------------------------------------------ kinds

    def _called(self, api: Tapped, event: TapEvent) -> None:
        in_callback = any(each.callback.api == api.number for each in self._callbacks.get(event.thread, ()))
        body = call_body(event.body or None, event.second, in_callback=in_callback)
        call = api.layout.read(event.slot, event.value, body)
        for misuse in hazards.hazards_of(call, is_initialised=api.is_initialised):
            self._misused(api, misuse, event)
        api.is_initialised = api.is_initialised or call.name == "Init"
        api.is_released = api.is_released or call.name == "Release"
        request = self._request(api, event, call.name, call.fields, call.request_id)
        waiting = _Waiting(Called(request, 0, api.process), call.name in _BLOCKING)
        self._queue.append(waiting)
        self._calls.setdefault(event.thread, []).append(waiting)

    def _request(self, api: Tapped, event: TapEvent, name: str, fields: object, request_id: int) -> Request:
        api.sequence += 1
        time = self.time_of(event.time)
        return Request(api.number, api.kind, time, api.sequence, name, fields, request_id)  # type: ignore[arg-type]

    def _returned(self, api: Tapped, event: TapEvent) -> None:
        calls = self._calls.get(event.thread)
        if not calls:
            return
        waiting = calls.pop()
        called = waiting.event
        assert isinstance(called, Called)
        result = api.layout.result_of(event.slot)
        returned: int | str = 0 if result == "void" else event.value
        if result == "char*":
            returned = event.body.decode("ascii", "replace")
        waiting.event, waiting.has_returned = evolve(called, returned=returned), True

    def _delivered(self, api: Tapped, event: TapEvent) -> None:
        api.callbacks += 1
        callback = api.layout.read_callback(event.slot, event.body)
        made = Callback(
            api.number, api.kind, self.time_of(event.time), api.callbacks, callback.name, *callback.arguments
        )
        delivered = Delivered(made)
        self._callbacks.setdefault(event.thread, []).append(delivered)
        self._queue.append(_Waiting(delivered))

    def _done(self, api: Tapped, event: TapEvent) -> None:
        made = self._callbacks.get(event.thread)
        if made:
            callback = made.pop().callback
            for misuse in hazards.slow_callback(callback.name, self.time_of(event.time) - callback.time):
                self._misused(api, misuse, event)

    def _held_back(self, api: Tapped, event: TapEvent) -> None:
        call = api.layout.read(event.slot, event.value, call_body(event.body or None, 0, in_callback=False))
        request = self._request(api, event, call.name, call.fields, call.request_id)
        self._queue.append(_Waiting(Called(request, REFUSED, api.process)))
        self._queue.append(_Waiting(HeldBack(request, event.second)))

    def _misused(self, api: Tapped, misuse: hazards.Misuse, event: TapEvent) -> None:
        kind, text = misuse
        self._queue.append(_Waiting(Hazard(self.time_of(event.time), kind, api.number, text)))
