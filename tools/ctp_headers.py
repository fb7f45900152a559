"""Reads what CTP's C++ headers declare, as the same data that `ctp_binding` reads off a binding.

Only facts are taken: names, types, widths, order. The headers are not ours to keep.
"""

import re
from pathlib import Path
from typing import Any

import ctp_binding

TYPEDEF = re.compile(r"typedef (char|short|int|double) TThostFtdc(\w+)Type(?:\[(\d+)\])?;")
STRUCT = re.compile(r"struct CThostFtdc(\w+)Field\s*\{(.*?)\};", re.DOTALL)
FIELD = re.compile(r"TThostFtdc(\w+)Type\s+(\w+);")
METHOD = re.compile(
    r"virtual (?P<result>void|int|const char \*)\s*(?P<name>\w+)\((?P<arguments>.*?)\)\s*(?:=\s*0|\{\s*\});"
)
ARGUMENT = re.compile(r"(?P<kind>\w+)\s*\*?\s*\b(?P<name>\w+)(?P<array>\[\])?(?: = \w+)?")
VERSION = re.compile(rb"v?\d+\.\d+\.\d+_\w+ +[\d:.]+")


def read(folder: Path) -> dict[str, Any]:
    """What the headers somewhere in a folder declare, and the library beside them says of itself."""
    types = {
        name: width or kind for kind, name, width in TYPEDEF.findall(text_of(folder, "ThostFtdcUserApiDataType.h"))
    }
    records: dict[str, list[str]] = {}
    for record, body in STRUCT.findall(text_of(folder, "ThostFtdcUserApiStruct.h")):
        fields = FIELD.findall(body)
        if len(fields) != body.count(";"):
            raise ValueError(f"{record} has {body.count(';')} declarations, of which {len(fields)} are understood")
        records[record] = [field if field == kind else f"{field}:{kind}" for kind, field in fields]
    used = {field.rpartition(":")[2] for fields in records.values() for field in fields}
    return {
        "version": version(folder),
        "types": {name: types[name] for name in types if name in used},
        "records": records,
        "trader": interface(folder, "Trader"),
        "market": interface(folder, "Md"),
    }


def version(folder: Path) -> str:
    """The text of GetApiVersion, as it stands in the library."""
    contents = [path.read_bytes() for path in sorted(folder.rglob("libthosttrader*.so"))]
    found: set[str] = {text.decode() for content in contents for text in VERSION.findall(content)}
    if len(found) != 1:
        raise ValueError(f"the version of the library in {folder} is {sorted(found) or 'nowhere'}")
    return found.pop()


def header(folder: Path, name: str) -> Path:
    """A header somewhere in a folder, the first where a package has them for several platforms."""
    found = sorted(folder.rglob(name))
    if not found:
        raise ValueError(f"there is no {name} in {folder}")
    return found[0]


def text_of(folder: Path, name: str) -> str:
    """A header's text without comments. In any encoding of it the bytes that matter here are ASCII."""
    text = header(folder, name).read_text(encoding="latin-1")
    return re.sub(r"//.*|/\*.*?\*/", "", text)


def interface(folder: Path, name: str) -> dict[str, list[str]]:
    text = text_of(folder, f"ThostFtdc{name}Api.h")
    api = f"CThostFtdc{name}Api"
    return {
        "symbols": ctp_binding.symbols(folder, api),
        "functions": methods(text, api),
        "callbacks": methods(text, f"CThostFtdc{name}Spi"),
    }


def methods(text: str, class_name: str) -> list[str]:
    """The virtual functions of a class, each as its signature, in the order of the virtual table."""
    found = re.search(rf"class (?:\w+ )?{class_name}\s*\{{(.*?)\n\}};", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no class {class_name}")
    body = found[1]
    signatures = [signature(each) for each in METHOD.finditer(body)]
    if len(signatures) != len(re.findall(r"\bvirtual\b", body)) or "#" in body:
        raise ValueError(f"{class_name} has virtual functions that are not understood")
    return signatures


def signature(method: re.Match[str]) -> str:
    result = {"const char *": "char*"}.get(method["result"], method["result"])
    arguments = ", ".join(argument(each) for each in filter(None, map(str.strip, method["arguments"].split(","))))
    return f"{result} {method['name']}({arguments})"


def argument(text: str) -> str:
    found = ARGUMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"the argument {text!r} is not understood")
    kind, name = found["kind"], found["name"]
    if kind.startswith("CThostFtdc"):
        return f"Spi {name}" if kind.endswith("Spi") else ctp_binding.struct_name(kind)
    if kind == "char":
        return f"char*{'*' if found['array'] else ''} {name}"
    return f"{ctp_binding.ARGUMENTS.get(kind, kind)} {name}"
