"""Reads what a binding of the CTP library declares, as data.

The names, their order and their types stand in the binding's Python source, where SWIG left them as annotations; the
order of a class's methods there is that of its virtual table. Array widths, the width of integers and the values of
constants are read from the loaded library. The library needs a locale that most machines lack, and one process can
load only one version, so the reading is done in a child process: this file, run with the folder that the binding is
installed in.
"""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

ARGUMENTS = {"char *": "char*", "char *[]": "char**", "THOST_TE_RESUME_TYPE": "int"}
RESULTS = {"char const *": "char*"}
SYMBOLS = (r"_ZN\d+{api}\d+CreateFtdc\w+", r"_ZN\d+{api}13GetApiVersionEv")


def read(folder: Path | None = None) -> dict[str, Any]:
    """What the binding in a folder declares, or the installed one. Ends the program where it cannot be read."""
    sys.path.insert(0, str(ROOT))
    from ctpscen.live.library.locale import environment

    with tempfile.TemporaryDirectory() as locales:
        variables = {**os.environ, **environment(Path(locales)), "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, __file__, *([str(folder)] if folder else [])]
        child = subprocess.run(command, env=variables, capture_output=True, encoding="utf-8", check=False)
    if child.returncode:
        sys.exit(f"the binding could not be read (exit {child.returncode}): {child.stderr}")
    found: dict[str, Any] = json.loads(child.stdout[child.stdout.index("{") :])
    return found


def struct_name(annotation: str) -> str:
    return annotation.removeprefix("CThostFtdc").removesuffix("Field")


def type_name(annotation: str) -> str:
    return annotation.removeprefix("TThostFtdc").removesuffix("Type")


def text_of(annotation: ast.expr | None) -> str:
    """The text of an annotation, which the binding writes as a string."""
    assert isinstance(annotation, ast.Constant)
    assert isinstance(annotation.value, str)
    return annotation.value


def first_line(doc: str) -> str:
    return doc.strip().split("\n", 1)[0].strip()


def property_doc(value: ast.expr | None) -> str:
    """The text that a field's property is documented with; empty where there is none."""
    assert isinstance(value, ast.Call)
    docs = [keyword.value for keyword in value.keywords if keyword.arg == "doc"]
    return first_line(str(ast.literal_eval(docs[0]))) if docs else ""


def storage(value: Any, field: str) -> str:
    """`int`, `short`, `double`, `char`, or the width of a character array, its end mark included.

    The binding shows every integer as Python's; which of C's it is shows where the next larger one does not fit.
    """
    default = getattr(value, field)
    if isinstance(default, int):
        if not fits(value, field, -(2**15)):
            raise ValueError(f"{field} is an integer that is neither int nor short")
        if not fits(value, field, 2**15):
            return "short"
        if not fits(value, field, 2**31 - 1) or fits(value, field, 2**31):
            raise ValueError(f"{field} is an integer that is neither int nor short")
        return "int"
    if isinstance(default, float):
        if not fits(value, field, sys.float_info.max):
            raise ValueError(f"{field} is a number that is no double")
        return "double"
    try:
        setattr(value, field, object())
    except TypeError as error:
        if width := re.search(r"char \[(\d+)\]", str(error)):
            return width[1]
    return "char"


def fits(value: Any, field: str, number: float) -> bool:
    try:
        setattr(value, field, number)
    except OverflowError:
        return False
    return bool(getattr(value, field) == number)


class Reader:
    """One module of a binding: its syntax tree for names and order, the module itself for widths and values."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.tree = ast.parse(inspect.getsource(module))
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    def records(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Each record's fields as `Field:Type` (the type only where it is not the field's own name), and the types."""
        records: dict[str, list[str]] = {}
        types: dict[str, str] = {}
        for name, node in self.classes.items():
            if not (name.startswith("CThostFtdc") and name.endswith("Field")):
                continue
            value = getattr(self.module, name)()
            fields = []
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    field, kind = item.target.id, type_name(text_of(item.annotation))
                    stored = storage(value, field)
                    if types.setdefault(kind, stored) != stored:
                        raise ValueError(f"{name}.{field}: {kind} is {types[kind]} elsewhere, {stored} here")
                    fields.append(field if field == kind else f"{field}:{kind}")
            records[struct_name(name)] = fields
        return records, types

    def methods(self, class_name: str) -> list[str]:
        """The virtual functions of a class, each as its signature, in the order of the virtual table."""
        found = []
        for item in self.classes[class_name].body:
            if not isinstance(item, ast.FunctionDef) or item.name.startswith("_") or item.decorator_list:
                continue
            arguments = ", ".join(
                self.argument(argument.arg, text_of(argument.annotation)) for argument in item.args.args[1:]
            )
            result = text_of(item.returns)
            found.append(f"{RESULTS.get(result, result)} {item.name}({arguments})")
        return found

    def argument(self, name: str, kind: str) -> str:
        if kind.endswith("Spi"):
            return f"Spi {name}"
        return struct_name(kind) if kind.startswith("CThostFtdc") else f"{ARGUMENTS.get(kind, kind)} {name}"

    def interface(self, name: str) -> dict[str, list[str]]:
        """An API class with its SPI class: exported symbols, functions and callbacks."""
        api = f"CThostFtdc{name}Api"
        return {
            "symbols": symbols(Path(self.module.__file__).parent.parent, api),
            "functions": self.methods(api),
            "callbacks": self.methods(f"CThostFtdc{name}Spi"),
        }

    def constants(self) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
        """The constants of each field type, and how the names of each type's begin.

        A group of them opens with a text that names the type.
        """
        groups: dict[str, dict[str, str]] = {}
        prefixes: dict[str, str] = {}
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
                    if prefixes.setdefault(current, name.removesuffix(short)) != name.removesuffix(short):
                        raise ValueError(f"{name} begins otherwise than {prefixes[current]}…")
                previous = []
        assert not previous, previous
        return groups, prefixes

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


def symbols(folder: Path, api: str) -> list[str]:
    """The mangled names of Create…Api and GetApiVersion that the libraries in a folder export."""
    found = []
    contents = [path.read_bytes() for path in sorted(folder.rglob("libthost*.so"))]
    if not contents:  # on another platform than Linux
        return []
    for pattern in SYMBOLS:
        names = {name for content in contents for name in re.findall(pattern.format(api=api).encode(), content)}
        if len(names) != 1:
            raise ValueError(f"{folder} exports {sorted(names) or 'nothing'} for {pattern.format(api=api)}")
        found.append(names.pop().decode())
    return found


def read_here() -> dict[str, Any]:
    from openctp_ctp import mdapi, tdapi

    trader, market = Reader(tdapi), Reader(mdapi)
    records, types = trader.records()
    constants, prefixes = trader.constants()
    if (records, types) != market.records():
        raise ValueError("the records of the two APIs differ")
    return {
        "tables": {
            "version": tdapi.CThostFtdcTraderApi.GetApiVersion().strip(),
            "types": types,
            "records": records,
            "trader": trader.interface("Trader"),
            "market": market.interface("Md"),
        },
        "constants": constants,
        "prefixes": prefixes,
        "descriptions": {
            **trader.descriptions(),
            "functions": {
                **market.functions("CThostFtdcMdApi", "CThostFtdcMdSpi"),
                **trader.functions("CThostFtdcTraderApi", "CThostFtdcTraderSpi"),
            },
        },
    }


if __name__ == "__main__":
    sys.path[:0] = sys.argv[1:]
    print(json.dumps(read_here(), ensure_ascii=False))
