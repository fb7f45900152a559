"""The declarations, constants and Chinese names that stand in the repository are the installed binding's."""

import json
import platform
import subprocess
import sys
from typing import Any

import pytest
from support import ROOT

from ctpscen.ctp.schema.methods import Argument, Method
from ctpscen.ctp.schema.versions import DEFAULT, Tables, tables

DATA = ROOT / "ctpscen" / "ctp" / "data"
HAS_BINDING = sys.platform == "win32" or (sys.platform == "linux" and platform.machine() == "x86_64")


@pytest.fixture(scope="module")
def read() -> dict[str, Any]:
    """What the tool reads off the binding, in a child process with a locale of its own."""
    if not HAS_BINDING:
        pytest.skip("openctp-ctp has no wheel for this platform")
    command = [sys.executable, str(ROOT / "tools" / "generate_ctp_data.py"), "--print"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def declared(found: Tables) -> dict[str, Any]:
    """A version's tables in the words of the tool that reads them."""
    records = {name: found.record(name) for name in found.record_names}
    return {
        "version": found.api_version,
        "types": {field.type: str(field.storage) for record in records.values() for field in record.fields.values()},
        "records": {
            name: [
                field.name if field.name == field.type else f"{field.name}:{field.type}"
                for field in record.fields.values()
            ]
            for name, record in records.items()
        },
        **{
            name: {
                "symbols": [interface.create_symbol, interface.version_symbol],
                "functions": list(map(signature, interface.functions)),
                "callbacks": list(map(signature, interface.callbacks)),
            }
            for name, interface in (("trader", found.trader), ("market", found.market))
        },
    }


def signature(method: Method) -> str:
    return f"{method.result} {method.name}({', '.join(map(passed, method.arguments))})"


def passed(argument: Argument) -> str:
    return argument.record or f"{argument.kind} {argument.name}"


def test_the_tables_are_what_the_binding_declares(read: dict[str, Any]) -> None:
    wanted = read["tables"]
    if sys.platform == "win32":  # a Windows library's names are mangled otherwise
        wanted = {**wanted, **{api: {**wanted[api], "symbols": declared(tables())[api]["symbols"]} for api in APIS}}
    assert declared(tables(DEFAULT)) == wanted, "run tools/generate_ctp_versions.py"


APIS = ("trader", "market")


@pytest.mark.parametrize("name", ["constants", "descriptions"])
def test_the_data_equals_what_the_binding_declares(read: dict[str, Any], name: str) -> None:
    """To the letter: comparing objects would forget the order of their keys, which the files keep."""
    text = (DATA / f"{name}.json").read_text(encoding="utf-8")
    assert text == json.dumps(read[name], ensure_ascii=False, indent=1) + "\n", "run tools/generate_ctp_data.py"
