"""A C++ header with CTP's classes and records as one version declares them, written from the tables.

It holds what a program needs to be compiled and linked against the library: the four classes with their virtual methods
in the order of their slots, the records, and `Create…Api` and `GetApiVersion` as the library exports them.
"""

from collections.abc import Iterator

from ctpscen.ctp.schema.methods import Argument, Interface, Method
from ctpscen.ctp.schema.versions import Tables, tables

_CLASSES = {"trader": ("CThostFtdcTraderApi", "CThostFtdcTraderSpi"), "market": ("CThostFtdcMdApi", "CThostFtdcMdSpi")}


def header(version: str) -> str:
    """The header of a version."""
    return "\n".join(_lines(tables(version))) + "\n"


def library_source(version: str) -> str:
    """A library that says that it is CTP's of a version, and makes no objects; what programs are linked against."""
    found = tables(version)
    lines = ['#include "ctp.h"']
    for interface, (api, _) in ((found.trader, _CLASSES["trader"]), (found.market, _CLASSES["market"])):
        arguments = _create_arguments(interface)
        name = "CreateFtdcTraderApi" if "Trader" in api else "CreateFtdcMdApi"
        lines.append(f"{api} *{api}::{name}({arguments}) {{ return nullptr; }}")
        lines.append(f'const char *{api}::GetApiVersion() {{ return "{found.api_version}"; }}')
    return "\n".join(lines) + "\n"


def stubs(version: str) -> str:
    """What a double of the library is made of: both API classes with every method doing nothing."""
    found = tables(version)
    lines = ["#pragma once", f'#define API_VERSION "{found.api_version}"']
    for interface, (api, spi), name in (
        (found.trader, _CLASSES["trader"], "Trader"),
        (found.market, _CLASSES["market"], "Market"),
    ):
        lines += [
            f"#define {name.upper()}_ARGUMENTS {_create_arguments(interface)}",
            f"class {name}Stub : public {api} {{",
            "public:",
        ]
        for method in interface.functions:
            body = {"void": "", "int": "return 0;", "char*": 'return "";'}[method.result]
            lines.append(f"    {_signature(method, spi)} override {{ {body} }}")
        lines.append("};")
    return "\n".join(lines) + "\n"


def _lines(found: Tables) -> Iterator[str]:
    yield "#pragma once\nenum { THOST_TERT_RESTART, THOST_TERT_RESUME, THOST_TERT_QUICK, THOST_TERT_NONE };"
    for name in sorted(found.record_names):
        yield f"struct CThostFtdc{name}Field {{"
        for field in found.record(name).fields.values():
            array = f"[{field.storage}]" if isinstance(field.storage, int) else ""
            yield f"    {'char' if array else field.storage} {field.name}{array};"
        yield "};"
    for interface, (api, spi) in ((found.trader, _CLASSES["trader"]), (found.market, _CLASSES["market"])):
        yield f"class {spi} {{\npublic:"
        yield from (f"    virtual {_signature(method, spi)} {{}}" for method in interface.callbacks)
        yield "};"
        yield f"class {api} {{\npublic:"
        name = "CreateFtdcTraderApi" if "Trader" in api else "CreateFtdcMdApi"
        yield f"    static {api} *{name}({_create_arguments(interface)});"
        yield "    static const char *GetApiVersion();"
        yield from (f"    virtual {_signature(method, spi)} = 0;" for method in interface.functions)
        yield f"protected:\n    ~{api}() {{}}\n}};"


def _create_arguments(interface: Interface) -> str:
    mangled = interface.create_symbol.rpartition("EPKc")[2]
    return ", ".join(["const char *flow", *(f"bool option{number}" for number, _ in enumerate(mangled))])


def _signature(method: Method, spi: str) -> str:
    arguments = ", ".join(_argument(argument, spi, number) for number, argument in enumerate(method.arguments))
    result = {"char*": "const char *"}.get(method.result, method.result)
    return f"{result} {method.name}({arguments})"


def _argument(argument: Argument, spi: str, number: int) -> str:
    kinds = {"record": f"CThostFtdc{argument.record}Field *", "char*": "char *", "char**": "char **", "Spi": f"{spi} *"}
    return f"{kinds.get(argument.kind, argument.kind + ' ')}{argument.name or f'argument{number}'}"
