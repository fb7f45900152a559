"""Programs that open the CTP library by themselves, by a path or a bare name, one version or two."""

import subprocess
from pathlib import Path

import pytest
from support.stage import Stage

from ctpscen.ctp.schema.versions import tables

LIBRARY = """
void *{create}(const char *flow) {{ (void)flow; return 0; }}
const char *_ZN19CThostFtdcTraderApi13GetApiVersionEv(void) {{ return "{version}"; }}
"""

# Opens each library that it is given, makes an object and calls GetTradingDay and Release, the functions 3 and 0.
PROGRAM = """
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
typedef void *create(const char *, int);
typedef const char *text(void *);
typedef void plain(void *);
static void use(const char *path) {
    void *library = dlopen(path, RTLD_LAZY);
    if (!library) { printf("not opened\\n"); return; }
    create *make = dlsym(library, "_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb");
    if (!make || strstr(path, "old")) make = dlsym(library, "_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc");
    const char *(*version)(void) = dlsym(library, "_ZN19CThostFtdcTraderApi13GetApiVersionEv");
    void **object = make("", 1), **table = *object;
    printf("%s %s\\n", version(), ((text *)table[3])(object));
    ((plain *)table[0])(object);
}
int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) use(arguments[i]);
    return dlopen("libm.so.6", RTLD_LAZY) == 0;
}
"""


def compile_c(source: str, target: Path, *options: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".c").write_text(source)
    subprocess.run(["cc", "-o", target, target.with_suffix(".c"), *options], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program, and two versions of the library beside it."""
    made = tmp_path_factory.mktemp("opened")
    for name, version in (("old", "6.3.15"), ("new", "6.7.11")):
        declared = tables(version)
        source = LIBRARY.format(create=declared.trader.create_symbol, version=declared.api_version)
        compile_c(source, made / name / "libthosttraderapi_se.so", "-shared", "-fPIC")
    compile_c(PROGRAM, made / "program", f"-Wl,-rpath,{made / 'new'}", "-ldl")
    return made


OLD, NEW = (f"{tables(version).api_version} 19800100" for version in ("6.3.15", "6.7.11"))


def test_by_a_path(stage: Stage, folder: Path) -> None:
    stage.start(str(folder / "program"), "./new/libthosttraderapi_se.so", folder=folder)
    assert stage.to_end().code == 0
    assert stage.lines == [NEW]


def test_by_a_bare_name_in_the_programs_own_folders(stage: Stage, folder: Path) -> None:
    stage.start(str(folder / "program"), "libthosttraderapi_se.so")
    assert stage.to_end().code == 0
    assert stage.lines == [NEW]


def test_two_versions_in_one_process(stage: Stage, folder: Path) -> None:
    paths = [str(folder / name / "libthosttraderapi_se.so") for name in ("old", "new", "old")]
    stage.start(str(folder / "program"), *paths)
    assert stage.to_end().code == 0
    assert stage.lines == [OLD, NEW, OLD]


def test_a_library_that_is_not_there_is_not_there(stage: Stage, folder: Path) -> None:
    stage.start(str(folder / "program"), "/no/such/libthosttraderapi_se.so")
    assert stage.to_end().code == 0
    assert stage.lines == ["not opened"]
