"""What a program imports: `openctp_ctp` with its modules, and the modules alone under their older names.

They come before any file of these names, also one that lies beside the program. Their methods take what the binding's
take, by place alone, and refuse with the binding's own words.
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .api import ApiObject
from .records import Record, class_name, fill, packed, record_class

_TOPICS = {"THOST_TERT_RESTART": 0, "THOST_TERT_RESUME": 1, "THOST_TERT_QUICK": 2, "THOST_TERT_NONE": 3}
_NATIVE = frozenset(("_thosttraderapi", "_thostmduserapi", "vnctptd", "vnctpmd"))
"""Modules in C that bring the real library."""

_KINDS = {"thosttraderapi": "trader", "thostmduserapi": "market"}
_CLASSES = {"trader": "CThostFtdcTrader", "market": "CThostFtdcMd"}


class Binding(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and makes the modules, out of the tables in a file (`program/serving/interface.py`)."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as stream:
            self._tables: dict[str, Any] = json.load(stream)
        self._records: dict[str, type[Record]] = {}
        self._contents: dict[str, dict[str, Any]] = {}

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        package, last = name.rpartition(".")[::2]
        if name == "openctp_ctp" or (last in _KINDS and package in ("", "openctp_ctp")):
            return importlib.machinery.ModuleSpec(name, self, is_package=name == "openctp_ctp")
        if last in _NATIVE:
            raise ImportError(f'`{name}` is native code; what `using "python"` stands for is openctp_ctp alone')
        return None

    def create_module(self, _: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.rpartition(".")[2]
        if name in _KINDS:
            module.__dict__.update(self._content(_KINDS[name]))
            return
        module.__dict__["__version__"] = self._tables["binding"]
        for short, full in (("mdapi", "thostmduserapi"), ("tdapi", "thosttraderapi")):
            module.__dict__[short] = importlib.import_module(f"openctp_ctp.{full}")

    def _content(self, kind: str) -> dict[str, Any]:
        """What is in a module; the records are the same in both."""
        if not self._records:
            self._records.update({name: record_class(name, each) for name, each in self._tables["records"].items()})
        if kind not in self._contents:
            self._contents[kind] = {
                **_TOPICS,
                **self._tables["constants"],
                **{class_name(each): each for each in self._records.values()},
                **self._classes(kind),
            }
        return self._contents[kind]

    def _classes(self, kind: str) -> dict[str, Any]:
        begin, table = _CLASSES[kind], self._tables[kind]
        spi = _spi_class(f"{begin}Spi", [name for name, _, _ in table["callbacks"]])
        callbacks = [(name, [each[2] or each[0] for each in given]) for name, given, _ in table["callbacks"]]
        version = self._tables["version"]

        def create(*given: Any) -> Any:
            if len(given) > table["create"]:
                raise TypeError(
                    f"Wrong number or type of arguments for overloaded function '{begin}Api_Create{begin[6:]}Api'."
                )
            flow = given[0] if given and given[0] is not None else ""
            if not isinstance(flow, str):
                raise TypeError(f"in method '{begin}Api_Create{begin[6:]}Api', argument 1 of type 'char const *'")
            made = object.__new__(api)
            made.this, made._object = True, ApiObject(kind, version, flow, callbacks, self._records)
            return made

        body: dict[str, Any] = {
            "__init__": _abstract,
            f"Create{begin[6:]}Api": staticmethod(create),
            "thisown": True,
            "GetApiVersion": staticmethod(lambda: version),
        }
        for slot, (name, given, result) in enumerate(table["functions"]):
            body[name] = _method(f"{begin}Api_{name}", slot, name, given, result, self._records, spi)
        api: Any = type(f"{begin}Api", (), body)
        return {f"{begin}Spi": spi, f"{begin}Api": api}


def _abstract(_: Any, *__: Any, **___: Any) -> None:
    raise AttributeError("No constructor defined - class is abstract")


def _spi_class(class_name: str, callbacks: Sequence[str]) -> type:
    def begin(self: Any) -> None:
        self.this = True

    nothing: dict[str, Any] = {name: lambda *_: None for name in callbacks}
    return type(class_name, (), {"__init__": begin, "thisown": True, **nothing})


# --------------------------------------------------------------------------------------------------------- methods


def _method(
    full: str, slot: int, name: str, given: Sequence[Any], result: str, records: dict[str, type[Record]], spi: type
) -> Callable[..., Any]:
    """A method of an API class. `given` are its arguments, each a kind, a name and a record."""
    count = len(given) + 1
    checks = [_check(full, place, argument, records, spi) for place, argument in enumerate(given, 2)]
    act = _ACTS.get(name) or _BY_KIND[given[0][0] if given else ""]

    def method(self: Any, *arguments: Any) -> Any:
        if len(arguments) != len(checks):
            raise TypeError(f"{full} expected {count} arguments, got {len(arguments) + 1}")
        for check, argument in zip(checks, arguments, strict=True):
            check(argument)
        value, content = act(self._object, slot, *arguments)
        if result == "char*":
            return content.partition(b"\0")[0].decode("ascii", "replace")
        return None if result == "void" else value

    method.__name__ = name
    return method


def _check(
    full: str, place: int, argument: Sequence[Any], records: dict[str, type[Record]], spi: type
) -> Callable[[Any], None]:
    """What refuses an argument that is of another type."""
    kind, _, record = argument
    if kind == "char**":
        return _check_list
    types: dict[str, tuple[type, str]] = {
        "record": (records.get(record or "", Record), f"CThostFtdc{record}Field *"),
        "int": (int, "int"),
        "char*": (str, "char *"),
        "Spi": (spi, f"{spi.__name__} *"),
    }
    wanted, said = types[kind]

    def check(given: Any) -> None:
        fits = isinstance(given, wanted) and (kind != "Spi" or hasattr(given, "this"))
        if not fits and (given is not None or kind == "int"):
            raise TypeError(f"in method '{full}', argument {place} of type '{said}'")

    return check


def _check_list(argument: Any) -> None:
    if not isinstance(argument, list):
        raise TypeError("not a list")
    if not all(isinstance(each, bytes) for each in argument):
        raise TypeError("list must contain strings")


Given = tuple[int, bytes]


def _with_record(api: ApiObject, slot: int, record: Record | None, number: int = 0) -> Given:
    return api.call(slot, number, content=packed(record))


def _with_text(api: ApiObject, slot: int, text: str | None) -> Given:
    return api.call(slot, content=None if text is None else text.encode())


def _with_texts(api: ApiObject, slot: int, texts: list[bytes], count: int) -> Given:
    return api.call(slot, count, content=b"".join(text + b"\0" for text in texts[: max(count, 0)]))


def _register(api: ApiObject, slot: int, spi: Any) -> Given:
    api.spi = spi
    return api.call(slot, int(spi is not None))


def _fill(api: ApiObject, slot: int, record: Record | None) -> Given:
    value, content = api.call(slot)
    if record is not None and content:
        fill(record, content)
    return value, b""


def _init(api: ApiObject, slot: int) -> Given:
    answer = api.call(slot)
    api.start()
    return answer


def _join(api: ApiObject, slot: int) -> Given:
    answer, _ = api.call(slot)
    if answer >= 0:
        api.join()
    return answer, b""


def _release(api: ApiObject, slot: int) -> Given:
    api.release(slot)
    return 0, b""


_ACTS: dict[str, Callable[..., Given]] = {"Init": _init, "Join": _join, "Release": _release, "GetFrontInfo": _fill}
_BY_KIND: dict[str, Callable[..., Given]] = {
    "record": _with_record,
    "int": lambda api, slot, value, second=0: api.call(slot, value, second),
    "char*": _with_text,
    "char**": _with_texts,
    "Spi": _register,
    "": lambda api, slot: api.call(slot),
}


def bind() -> None:
    """Makes the modules what the program imports under these names."""
    sys.meta_path.insert(0, Binding(os.environ["CTPSCEN_STAND_IN"]))
