"""Reads CTP's records, constants, requests, callbacks and their Chinese names off the installed binding, as data.

    python tools/generate_ctp_data.py           # rewrites ctpscen/ctp/data/*.json
    python tools/generate_ctp_data.py --print   # prints what would be written, as one JSON object

The names, their order and their types stand in the binding's Python source, where SWIG left them as annotations;
array widths and constant values are read from the loaded library. The library needs a locale that most machines
lack, so the reading is done in a child process that is given one.
"""

import argparse
import ast
import inspect
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "ctpscen" / "ctp" / "data"


def struct_name(annotation: str) -> str:
    return annotation.removeprefix("CThostFtdc").removesuffix("Field")


def text_of(annotation: ast.expr | None) -> str:
    """The text of an annotation, which the binding writes as a string."""
    assert isinstance(annotation, ast.Constant)
    assert isinstance(annotation.value, str)
    return annotation.value


def first_line(doc: str) -> str:
    return doc.strip().split("\n", 1)[0].strip()


def type_name(annotation: str) -> str:
    return annotation.removeprefix("TThostFtdc").removesuffix("Type")


def property_doc(value: ast.expr | None) -> str:
    """The text that a field's property is documented with; empty where there is none."""
    assert isinstance(value, ast.Call)
    docs = [keyword.value for keyword in value.keywords if keyword.arg == "doc"]
    return first_line(str(ast.literal_eval(docs[0]))) if docs else ""


class Reader:
    """One binding module: its syntax tree for names and order, the module itself for widths and values."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.tree = ast.parse(inspect.getsource(module))
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    def records(self) -> tuple[dict[str, str], dict[str, str | int]]:
        """Each record as `Field:Type Field …` (the type only where it is not the field's own name), and the types."""
        records: dict[str, str] = {}
        types: dict[str, str | int] = {}
        for name, node in self.classes.items():
            if not (name.startswith("CThostFtdc") and name.endswith("Field")):
                continue
            value = getattr(self.module, name)()
            fields = []
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    field, kind = item.target.id, type_name(text_of(item.annotation))
                    types[kind] = self.storage(value, field)
                    fields.append(field if field == kind else f"{field}:{kind}")
            records[struct_name(name)] = " ".join(fields)
        return records, types

    def storage(self, value: Any, field: str) -> str | int:
        """`int`, `double`, `char`, or the width of a character array, its end mark included."""
        default = getattr(value, field)
        if isinstance(default, int | float):
            return "int" if isinstance(default, int) else "double"
        try:
            setattr(value, field, object())
        except TypeError as error:
            if width := re.search(r"char \[(\d+)\]", str(error)):
                return int(width[1])
        return "char"

    def constants(self) -> dict[str, dict[str, str]]:
        """The constants of each field type; a group of them opens with a text that names the type."""
        groups: dict[str, dict[str, str]] = {}
        current = ""
        previous: list[str] = []
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name.startswith("THOST_FTDC"):
                    previous.append(name)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and previous:
                if opening := re.match(r"\s*TFtdc(\w+?)Type是", str(node.value.value)):
                    current = opening[1]
                for name in previous:
                    short = re.sub(r"^THOST_FTDC(_VTC|_FBTE?|_)?[A-Za-z0-9]*?_", "", name)
                    groups.setdefault(current, {})[short] = getattr(self.module, name)
                previous = []
        assert not previous, previous
        return groups

    def descriptions(self) -> dict[str, dict[str, Any]]:
        """The Chinese names of records and fields. `fields` has a field's usual name, `own` where a record differs."""
        records: dict[str, str] = {}
        described: dict[str, dict[str, str]] = {}
        usual: dict[str, Counter[str]] = {}
        for name, node in self.classes.items():
            if not (name.startswith("CThostFtdc") and name.endswith("Field")):
                continue
            record = struct_name(name)
            records[record] = first_line(ast.get_docstring(node) or "")
            described[record] = {}
            for item in node.body:
                if not (isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)):
                    continue
                if text := property_doc(item.value):
                    described[record][item.target.id] = text
                    usual.setdefault(item.target.id, Counter())[text] += 1
        fields = {field: counts.most_common(1)[0][0] for field, counts in usual.items()}
        own = {
            record: {field: text for field, text in texts.items() if text != fields[field]}
            for record, texts in described.items()
        }
        return {"records": records, "fields": fields, "own": {record: texts for record, texts in own.items() if texts}}

    def functions(self, *names: str) -> dict[str, str]:
        """The Chinese names of requests and callbacks, and of the plain integers that some callbacks pass."""
        found: dict[str, str] = {}
        for item in (item for name in names for item in self.classes[name].body):
            if isinstance(item, ast.FunctionDef) and item.name.startswith(("Req", "On")):
                doc = ast.get_docstring(item) or ""
                found[item.name] = first_line(doc)
                if plain := re.search(r":type (\w+): int\s*:param \1: *(.*)", doc):
                    found[f"{item.name}.{plain[1]}"] = plain[2].strip()
        return found

    def requests(self, api: str) -> dict[str, str]:
        """Each Req… with the record that it takes."""
        found = {}
        for item in self.classes[api].body:
            if isinstance(item, ast.FunctionDef) and item.name.startswith("Req"):
                found[item.name] = struct_name(text_of(item.args.args[1].annotation))
        return found

    def callbacks(self, spi: str) -> dict[str, dict[str, Any]]:
        """Each On… with its record, its plain integers, and whether it passes an error and a request's number."""
        found = {}
        for item in self.classes[spi].body:
            if not (isinstance(item, ast.FunctionDef) and item.name.startswith("On")):
                continue
            shape: dict[str, Any] = {}
            for argument in item.args.args[1:]:
                kind = text_of(argument.annotation)
                if kind == "CThostFtdcRspInfoField":
                    shape["error"] = True
                elif argument.arg == "nRequestID":
                    shape["request"] = True
                elif kind == "int":
                    shape["integer"] = argument.arg
                elif kind.startswith("CThostFtdc"):
                    shape["record"] = struct_name(kind)
            found[item.name] = shape
        return found


def read_binding() -> dict[str, Any]:
    from openctp_ctp import mdapi, tdapi

    trader, market = Reader(tdapi), Reader(mdapi)
    records, types = trader.records()
    market_records, market_types = market.records()
    assert records == market_records
    assert types == market_types
    descriptions = trader.descriptions()
    descriptions["functions"] = {
        **market.functions("CThostFtdcMdApi", "CThostFtdcMdSpi"),
        **trader.functions("CThostFtdcTraderApi", "CThostFtdcTraderSpi"),
    }
    return {
        "records": {"version": tdapi.CThostFtdcTraderApi.GetApiVersion(), "types": types, "records": records},
        "constants": trader.constants(),
        "descriptions": descriptions,
        "api": {
            "trader": {
                "requests": trader.requests("CThostFtdcTraderApi"),
                "callbacks": trader.callbacks("CThostFtdcTraderSpi"),
            },
            "market": {
                "requests": market.requests("CThostFtdcMdApi"),
                "callbacks": market.callbacks("CThostFtdcMdSpi"),
            },
        },
    }


def read_in_child() -> dict[str, Any]:
    """What `read_binding` gives, from a child process that has the locale."""
    import os

    sys.path.insert(0, str(ROOT))
    from ctpscen.live.library.locale import environment

    with tempfile.TemporaryDirectory() as folder:
        variables = {**os.environ, **environment(Path(folder)), "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, __file__, "--child"]
        child = subprocess.run(command, env=variables, capture_output=True, encoding="utf-8", check=False)
    if child.returncode:
        sys.exit(f"the binding could not be read (exit {child.returncode}): {child.stderr}")
    found: dict[str, Any] = json.loads(child.stdout[child.stdout.index("{") :])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", dest="show", help="print instead of writing")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(read_binding(), ensure_ascii=False))
        return
    data = read_in_child()
    if options.show:
        print(json.dumps(data, ensure_ascii=False))
        return
    for name, content in data.items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (DATA / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
