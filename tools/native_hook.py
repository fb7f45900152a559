"""A build hook that puts the native part into a wheel, compiled: on only with CTPSCEN_NATIVE=zig, for a release.

    CTPSCEN_NATIVE=zig python -m build --wheel
    CTPSCEN_NATIVE=zig CTPSCEN_NATIVE_MACHINE=aarch64 python -m build --wheel

Zig's C compiler makes it for every Linux from glibc 2.17 on, whatever the machine that builds. Every other build brings
the sources, which are compiled when a program is first started.
"""

import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GLIBC = "2.17"
TAG = "py3-none-manylinux_2_17_{machine}.manylinux2014_{machine}"
INSIDE = "ctpscen/program"


def is_on() -> bool:
    return os.environ.get("CTPSCEN_NATIVE") == "zig"


class NativeHook(BuildHookInterface[Any]):
    """Compiles the native part, and names the wheel after the machine that it is for."""

    def dependencies(self) -> list[str]:
        return ["ziglang"] if is_on() else []

    def initialize(self, _: str, build_data: dict[str, Any]) -> None:
        if not is_on():
            return
        machine = os.environ.get("CTPSCEN_NATIVE_MACHINE", platform.machine())
        folder = Path(self.directory, "native", machine)
        folder.mkdir(parents=True, exist_ok=True)
        compiler = [sys.executable, "-m", "ziglang", "cc", "-target", f"{machine}-linux-gnu.{GLIBC}", "-s"]
        compiling = _compiling(Path(self.root, INSIDE, "processes", "compiling.py"))
        for command in compiling.commands(compiler, folder):
            subprocess.run(command, check=True)
        for name in compiling.MADE:
            build_data["force_include"][str(folder / name)] = f"{INSIDE}/native/prebuilt/{machine}/{name}"
        build_data["pure_python"] = False
        build_data["tag"] = TAG.format(machine=machine)


def _compiling(path: Path) -> Any:
    """The module that says how; the package itself needs more than a build has."""
    spec = importlib.util.spec_from_file_location("compiling", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
