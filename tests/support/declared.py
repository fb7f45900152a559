"""A version's tables in the words of the tools that read bindings, headers and libraries."""

from typing import Any

from ctpscen.ctp.schema.methods import Argument, Interface, Method
from ctpscen.ctp.schema.versions import Tables


def declared(tables: Tables) -> dict[str, Any]:
    records = {name: tables.record(name) for name in tables.record_names}
    return {
        "version": tables.api_version,
        "types": {field.type: str(field.storage) for record in records.values() for field in record.fields.values()},
        "records": {
            name: [
                field.name if field.name == field.type else f"{field.name}:{field.type}"
                for field in record.fields.values()
            ]
            for name, record in records.items()
        },
        "trader": _interface(tables.trader),
        "market": _interface(tables.market),
    }


def _interface(interface: Interface) -> dict[str, list[str]]:
    return {
        "symbols": [interface.create_symbol, interface.version_symbol],
        "functions": list(map(_signature, interface.functions)),
        "callbacks": list(map(_signature, interface.callbacks)),
    }


def _signature(method: Method) -> str:
    return f"{method.result} {method.name}({', '.join(map(_passed, method.arguments))})"


def _passed(argument: Argument) -> str:
    return argument.record or f"{argument.kind} {argument.name}"
