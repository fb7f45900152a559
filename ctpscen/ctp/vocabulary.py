"""What CTP's words mean: its errors, functions, callbacks, records, fields and constants, as pages for people.

A word may have several pages: 50 is one thing to the counter and another to an exchange, `Unknown` a constant of
several types. Case and underscores do not matter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from attrs import frozen

from ctpscen.ctp.errors import EXCHANGE_REFUSALS, NOT_READY, OWN_REFUSALS, CtpError, errors
from ctpscen.ctp.reports import ANSWER_WORDS, KINDS, REPORT_WORDS
from ctpscen.ctp.schema import api, constants, descriptions
from ctpscen.ctp.schema.records import Field, record, record_names
from ctpscen.ctp.schema.tables import normalise

Rows = Sequence[tuple[str, str]]
"""A list: each word, and CTP's name of it or what it belongs to."""


@frozen
class Page:
    """What one word means in one place."""

    title: str
    lines: Sequence[str]


def pages(word: str) -> list[Page]:
    """Every meaning of a word; empty where CTP has no such word."""
    return [page for find in _FINDERS for page in find(word)]


@cache
def words() -> Sequence[str]:
    """Every word that has a page, as CTP writes it."""
    names = [each.name for each in errors().values()]
    return [*dict.fromkeys([*(word for words in LISTS.values() for word, _ in words()), *names, *_types()])]


# --------------------------------------------------------------------------------------------------------- errors


def _error(word: str) -> Iterator[Page]:
    """A number may be an ErrorID, an exchange's number, or both."""
    known = errors()
    named = next((each for each in known.values() if normalise(each.name) == normalise(word)), None)
    code = int(word) if word.isdecimal() else None if named is None else named.code
    if code is not None and code in known:
        yield _of_counter(known[code])
    if code is not None and named is None:
        yield from _of_exchange(code)


def _of_counter(error: CtpError) -> Page:
    lines = [
        error.message,
        f"in CTP since {error.since.removeprefix('<=')}" + (" or before" if error.since.startswith("<=") else ""),
    ]
    if why := NOT_READY.get(error.code):
        lines.append(f"it may be asked again later: {why}")
    lines += ["", f"expect rejection of NAME by counter {error.code}"]
    return Page(f"ErrorID {error.code}  {error.name}", lines)


def _of_exchange(code: int) -> Iterator[Page]:
    own = [(who, text) for who, texts in OWN_REFUSALS.items() for number, text in texts.values() if number == code]
    text = EXCHANGE_REFUSALS.get(code)
    if text or own:
        lines = [*([text] if text else []), *(f"{who}: {said}" for who, said in own)]
        lines += ["", "the number before the text in StatusMsg of OnRtnOrder; not an ErrorID"]
        yield Page(f"exchange {code}", [*lines, f"expect rejection of NAME by exchange {code}"])


# ------------------------------------------------------------------------------------- functions, callbacks, records


def _kind(word: str) -> Iterator[Page]:
    """A kind of report that a scenario can expect."""
    name = _spelled(word.removesuffix("s"), tuple(KINDS)) or _spelled(word, tuple(KINDS))
    if name is None:
        return
    kind = KINDS[name]
    lines = [f"read from {', '.join(kind.callbacks)}"] if kind.callbacks and not kind.of_program else []
    own = [*REPORT_WORDS, *(ANSWER_WORDS if kind.is_answer else ()), *kind.words]
    lines += [f"has {', '.join(f'.{each}' for each in own)}", *(f"has the fields of {each}" for each in kind.records)]
    yield Page(f"report kind {name}", [*lines, "", f"expect {name}"])


def _callback(word: str) -> Iterator[Page]:
    name = _spelled(word, _callbacks())
    shape = None if name is None else api.callback(name)
    if name is None or shape is None:
        return
    lines = [descriptions.of_function(name)] if descriptions.of_function(name) else []
    kinds = [kind.name for kind in KINDS.values() if name in kind.callbacks]
    lines.append(f"expect {' or expect '.join([*kinds, name])}")
    if shape.has_error:
        lines.append("it bears an error: .code (0 where there is none) and .message")
    yield Page(f"callback {name}", [*lines, *_fields_below(shape.record)])


def _request(word: str) -> Iterator[Page]:
    name = _spelled(word, _requests())
    if name is None:
        return
    lines = [descriptions.of_function(name)] if descriptions.of_function(name) else []
    answer = name.replace("Req", "OnRsp", 1)
    if api.callback(answer):
        lines.append(f"answered by {answer}")
    lines.append(f"request {name}(Field = value, …)")
    yield Page(f"request {name}", [*lines, *_fields_below(_requests()[name])])


def _record(word: str) -> Iterator[Page]:
    name = _spelled(word.removeprefix("CThostFtdc").removesuffix("Field"), record_names())
    name = name or _spelled(word, record_names())
    if name is None:
        return
    users = [each for each, of in _requests().items() if of == name]
    users += [each for each in _callbacks() if (shape := api.callback(each)) and shape.record == name]
    lines = [descriptions.of_record(name)] if descriptions.of_record(name) else []
    lines += [f"passed by {', '.join(users)}"] if users else []
    yield Page(f"record {name}", [*lines, *_fields_below(name)])


def _fields_below(name: str | None) -> list[str]:
    if name is None:
        return ["", "it has no fields"]
    fields = record(name).fields
    width = max(map(len, fields), default=0)
    shown = [
        f"  {each:<{width}}  {_kind_of(field):<9}  {descriptions.of_field(name, each)}"
        for each, field in fields.items()
    ]
    return ["", f"fields ({name}):", *(line.rstrip() for line in shown)]


def _kind_of(field: Field) -> str:
    if not field.is_text:
        return "number"
    room = 1 if field.storage == "char" else int(field.storage) - 1
    return "constant" if constants.of_type(field.type) else f"text {room}"


# ------------------------------------------------------------------------------------------- fields and constants


def _field(word: str) -> Iterator[Page]:
    """A field, or a type of fields that has constants."""
    name = _spelled(word, _records_by_field())
    kind = name if name is None else record(_records_by_field()[name][0]).fields[name].type
    kind = kind if kind is not None else _spelled(word, _types())
    if kind is None:
        return
    lines = []
    if name is not None:
        having = _records_by_field()[name]
        lines.append(descriptions.of_field(having[0], name))
        more = f" and {len(having) - 8} more" if len(having) > 8 else ""
        lines.append(f"in {', '.join(having[:8])}{more}")
    if known := constants.of_type(kind):
        width = max(map(len, known))
        lines += ["", "constants:", *(f"  {each:<{width}}  {value!r}" for each, value in known.items())]
    yield Page(f"field {name}" if name else f"type {kind}", [line for line in lines if line is not None])


def _constant(word: str) -> Iterator[Page]:
    meanings = constants.meanings().get(normalise(word), {})
    if not meanings:
        return
    lines = [f"  {kind:<24}  {value!r}  {_name_in(kind, value)}" for kind, value in meanings.items()]
    of = next(iter(meanings))
    lines = ["its value depends on the type of the field that it stands beside:", *lines] if len(lines) > 1 else lines
    if fields := _fields_of_type(of):
        lines += ["", f"where {fields[0]} == {_name_in(of, meanings[of])}"]
    yield Page(f"constant {_name_in(of, meanings[of])}", lines)


def _name_in(kind: str, value: str) -> str:
    return constants.name_of(kind, value) or value


def _fields_of_type(kind: str) -> list[str]:
    return [name for name, having in _records_by_field().items() if record(having[0]).fields[name].type == kind]


# --------------------------------------------------------------------------------------------------------- tables


def _spelled(word: str, names: Mapping[str, object] | Sequence[str] | frozenset[str]) -> str | None:
    """A word as CTP writes it."""
    return _by_spelling(tuple(names)).get(normalise(word))


@cache
def _by_spelling(names: tuple[str, ...]) -> Mapping[str, str]:
    return {normalise(name): name for name in sorted(names, reverse=True)}


@cache
def _callbacks() -> Sequence[str]:
    return [*dict.fromkeys([*api.callbacks("trader"), *api.callbacks("market")])]


@cache
def _requests() -> Mapping[str, str]:
    return {**api.requests("market"), **api.requests("trader")}


@cache
def _records_by_field() -> Mapping[str, Sequence[str]]:
    """The records that have a field, those of orders and trades first."""
    found: dict[str, list[str]] = {}
    first = ("Order", "Trade", "InputOrder")
    for name in [*first, *sorted(record_names() - {*first})]:
        for each in record(name).fields:
            found.setdefault(each, []).append(name)
    return found


@cache
def _types() -> Sequence[str]:
    """The types of fields that have constants."""
    return [*dict.fromkeys(kind for kinds in constants.meanings().values() for kind in kinds)]


_FINDERS: Sequence[Callable[[str], Iterator[Page]]] = (_error, _kind, _callback, _request, _record, _field, _constant)


def _with_names(names: Sequence[str], of: Callable[[str], str]) -> Rows:
    return [(name, of(name)) for name in names]


LISTS: Mapping[str, Callable[[], Rows]] = {
    "errors": lambda: [(str(each.code), each.message) for each in errors().values()],
    "callbacks": lambda: _with_names(_callbacks(), descriptions.of_function),
    "requests": lambda: _with_names(list(_requests()), descriptions.of_function),
    "records": lambda: _with_names(sorted(record_names()), descriptions.of_record),
    "constants": lambda: [
        (_name_in(next(iter(of)), next(iter(of.values()))), ", ".join(of)) for of in constants.meanings().values()
    ],
}
"""What there is, a list a kind."""
