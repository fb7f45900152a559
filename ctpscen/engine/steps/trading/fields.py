"""Values of a scenario as the fields of CTP's records take them."""

from sys import float_info
from typing import Any

from ctpscen.ctp.schema.records import record
from ctpscen.engine.expressions.values import is_number, kind_of, show
from ctpscen.engine.state.outcomes import Place


def field_value(name: str, field_name: str, value: Any, place: Place) -> Any:
    """A value as a field of a record takes it."""
    known = record(name).fields[field_name]
    if known.is_text:
        if not isinstance(value, str):
            raise place.error(f"{field_name} is a text, not {kind_of(value)}")
        room = 1 if known.storage == "char" else int(known.storage) - 1
        if len(value.encode("gb18030")) > room:
            raise place.error(f"{field_name} holds {room} bytes, and {show(value)!r} is longer")
        return str(value)
    if not is_number(value):
        raise place.error(f"{field_name} is a number, not {kind_of(value)}")
    if known.storage == "double":
        if abs(value) > float_info.max:
            raise place.error(f"{field_name} is a number of at most {float_info.max:g}")
        return float(value)
    bits = 8 * known.size
    if value != int(value) or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise place.error(f"{field_name} is a whole number of {bits} bits, not {show(value)}")
    return int(value)
