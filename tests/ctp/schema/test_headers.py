"""Slots and layouts as a C++ compiler has them, from the headers that programs are built with.

The headers are not ours: they are fetched from PyPI, 30 MB of bindings' source archives, so this is done only where
CTPSCEN_TEST_HEADERS is set, as `.ci/run` does.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import ctp_headers
import ctp_library
import ctp_packages
import pytest
from support.declared import declared

from ctpscen.ctp.schema.methods import Interface
from ctpscen.ctp.schema.versions import Tables, tables

PACKAGES = {
    "6.3.15": ("ctpwrapper==6.3.15.3", "ctp"),
    "6.7.11": ("vnpy_ctp==6.7.11.4", "vnpy_ctp/api"),
    "6.7.13": ("ctpwrapper==6.7.13", "ctp"),
}
"""A package whose source archive has a version's headers and library, and the folder in it."""

PREAMBLE = """
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <type_traits>
#include "ThostFtdcTraderApi.h"
#include "ThostFtdcMdApi.h"

static int wrong = 0;

template <class Method> void holds(Method method, long slot, const char *name)
{
    long place; // of the function in the virtual table, in bytes; x86-64 marks it with the lowest bit
    std::memcpy(&place, &method, sizeof place);
    if ((place & ~1L) != slot * (long)sizeof(void *)) {
        std::printf("%s is slot %ld, not %ld\\n", name, (place & ~1L) / (long)sizeof(void *), slot);
        wrong = 1;
    }
}
"""


def assertions(found: Tables) -> Iterator[str]:
    """Statements of C++ that do not compile where a record has another size, or a field another place or type."""
    for name in sorted(found.record_names):
        record, struct = found.record(name), f"CThostFtdc{name}Field"
        yield f'static_assert(sizeof({struct}) == {record.size}, "{name}");'
        for field in record.fields.values():
            yield f'static_assert(offsetof({struct}, {field.name}) == {field.offset}, "{name}.{field.name}");'
            same = f"std::is_same<decltype({struct}::{field.name}), {field.c_type}>::value"
            yield f'static_assert({same}, "{name}.{field.name}");'


def calls(name: str, interface: Interface) -> Iterator[str]:
    for class_name, methods in ((f"{name}Api", interface.functions), (f"{name}Spi", interface.callbacks)):
        for method in methods:
            yield f'    holds(&CThostFtdc{class_name}::{method.name}, {method.slot}, "{class_name}::{method.name}");'


def program(found: Tables) -> str:
    lines = [*assertions(found), "int main()", "{", *calls("Trader", found.trader), *calls("Md", found.market)]
    return "\n".join([PREAMBLE, *lines, "    return wrong;", "}"]) + "\n"


def compile_and_run(found: Tables, headers: Path, folder: Path) -> str:
    """What the program says to be otherwise, or the compiler."""
    source, built = folder / "tables.cpp", folder / "tables"
    source.write_text(program(found), encoding="utf-8")
    command = ["c++", "-w", f"-I{headers}", str(source), "-o", str(built)]
    compiled = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if compiled.returncode:
        return compiled.stderr
    return subprocess.run([built], capture_output=True, encoding="utf-8", check=False).stdout


@pytest.mark.skipif("CTPSCEN_TEST_HEADERS" not in os.environ, reason="CTPSCEN_TEST_HEADERS is not set")
@pytest.mark.parametrize("version", PACKAGES)
def test_the_tables_are_those_of_the_headers_and_the_library(version: str, tmp_path: Path) -> None:
    requirement, inside = PACKAGES[version]
    ctp_packages.unpack_headers(requirement, tmp_path)
    folder, found = tmp_path / inside, tables(version)

    assert not compile_and_run(found, ctp_headers.header(folder, "ThostFtdcTraderApi.h").parent, tmp_path)
    assert ctp_headers.read(folder) == declared(found)
    assert not ctp_library.wrong_slots(folder.rglob("*.so"), declared(found))
