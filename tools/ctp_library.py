"""Reads the virtual tables in a compiled library, with binutils' `readelf`.

What a binding or a header declares in some order is only a claim about the order of the virtual table. The library's
relocations say what the table is.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

SYMBOL = re.compile(r"\s*\d+: (?P<address>[0-9a-f]{16})\s+(?P<size>\w+) (?P<kind>\w+)\s+\w+\s+\w+\s+\w+ (?P<name>.+)")
RELOCATION = re.compile(r"(?P<place>[0-9a-f]{16})  \w{16} (?P<kind>\w+)\s+(?P<value>[0-9a-f]+)(?: (?P<name>.+) \+ 0)?")
ENTRY = 8
BEFORE = 2
"""Entries of a table before the first function: the offset to the object's top, and its type information."""

APIS = (("trader", "Trader", "thosttraderapi"), ("market", "Md", "thostmduserapi"))


def wrong_slots(files: Iterable[Path], tables: Mapping[str, Any]) -> list[str]:
    """What the two libraries, and a binding's subclasses of the SPI classes, have otherwise than `tables`."""
    return [
        f"{class_name}: {wrong}"
        for library, class_name, signatures, spi in _classes(list(files), tables)
        for wrong in differences(signatures, virtual_table(library, class_name), spi)
    ]


def _classes(files: list[Path], tables: Mapping[str, Any]) -> Iterator[tuple[Path, str, list[str], str]]:
    for kind, name, file in APIS:
        spi = f"CThostFtdc{name}Spi"
        (library,) = (path for path in files if path.match(f"lib{file}_se*.so"))
        yield library, f"CFtdc{name}ApiImpl", tables[kind]["functions"], spi
        for module in (path for path in files if path.match(f"_{file}*.so")):
            yield module, f"SwigDirector_{spi}", tables[kind]["callbacks"], spi


def virtual_table(library: Path, class_name: str) -> list[set[str]]:
    """The functions of a class by slot, each under all names it has, as `Class::function(types)`."""
    names: dict[int, set[str]] = {}
    table = range(0)
    for symbol in SYMBOL.finditer(_readelf("--symbols", library)):
        address = int(symbol["address"], 16)
        if symbol["kind"] == "FUNC":
            names.setdefault(address, set()).add(symbol["name"])
        elif symbol["name"] == f"vtable for {class_name}":
            table = range(address + BEFORE * ENTRY, address + int(symbol["size"], 0), ENTRY)
    if not table:
        raise ValueError(f"{library} has no virtual table of {class_name}")
    found = {}
    for relocation in RELOCATION.finditer(_readelf("--relocs", library)):
        if (place := int(relocation["place"], 16)) in table:
            named = relocation["name"]
            found[place] = {named} if named else names.get(int(relocation["value"], 16), set())
    return [found.get(place, set()) for place in table]


def differences(signatures: list[str], table: list[set[str]], spi: str) -> list[str]:
    """What a table has otherwise than the signatures, such as `int ReqUserLogin(ReqUserLogin, int nRequestID)`."""
    wrong = []
    for slot, signature in enumerate(signatures):
        wanted = f"::{_compiled(signature, spi)}"
        named = table[slot] if slot < len(table) else set()
        if not any(name.replace("THOST_TE_RESUME_TYPE", "int").endswith(wanted) for name in named):
            wrong.append(f"slot {slot} is {' or '.join(sorted(named)) or 'empty'}, not {signature}")
    return wrong


def _compiled(signature: str, spi: str) -> str:
    """A signature as the library's symbols tell it: `ReqUserLogin(CThostFtdcReqUserLoginField*, int)`."""
    name, _, arguments = signature.partition(" ")[2].removesuffix(")").partition("(")
    return f"{name}({', '.join(_type(argument, spi) for argument in arguments.split(', ') if argument)})"


def _type(argument: str, spi: str) -> str:
    kind, _, name = argument.partition(" ")
    if not name:
        return f"CThostFtdc{kind}Field*"
    return f"{spi}*" if kind == "Spi" else kind


def _readelf(what: str, library: Path) -> str:
    command = ["readelf", "--wide", "--demangle", what, str(library)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
