"""What of a program's calls the real library punishes, in words."""

from collections.abc import Iterator

from ctpscen.program.events import HazardKind
from ctpscen.program.serving.layouts import Call

SLOW = 1_000_000
"""Microseconds for which a callback may hold the library's thread."""

Misuse = tuple[HazardKind, str]


def hazards_of(call: Call, *, is_initialised: bool) -> Iterator[Misuse]:
    """Those of a call. `is_initialised` is whether Init was called before."""
    if call.name == "Release" and call.in_callback:
        yield "Release in a callback", "Release was called on the thread that makes the callbacks"
    if call.name == "Init" and is_initialised:
        yield "second Init", "Init was called a second time"
    if call.name.startswith("Subscribe") and call.name.endswith("Topic") and is_initialised:
        yield "subscription after Init", f"{call.name} was called after Init, which ignores it"
    for name in call.overlong:
        yield "text too long", f"{call.name}: the text in {name} fills it and has no end"


def after_release(name: str) -> Misuse:
    """That of a call of an object that was released."""
    if name == "Release":
        return "second Release", "Release was called a second time"
    return "call after Release", f"{name} was called after Release"


def slow_callback(name: str, held: int) -> Iterator[Misuse]:
    """That of a callback that was held for so many microseconds."""
    if held > SLOW:
        yield "slow callback", f"{name} held the thread of the callbacks for {held / 1e6:.1f} s"


def missing_folder(folder: str) -> Misuse:
    return "missing flow folder", f"the folder of its flow files, {folder}, is not there"


def shared_flow(flow: str) -> Misuse:
    return "shared flow path", f"two API objects keep their flow files under `{flow}`"
