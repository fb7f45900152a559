"""Fetches the packages from PyPI that CTP's declarations are read from: bindings, and source archives with headers."""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

WANTED = re.compile(r"/(ThostFtdc\w+\.h|libthost\w+\.so)$")

BACKEND = '''
"""Answers what pip asks of a source archive before it hands it over, without compiling anything."""

import sys
from email.parser import HeaderParser
from pathlib import Path

__legacy__ = sys.modules[__name__]  # the backend of an archive that names none


def prepare_metadata_for_build_wheel(folder, settings=None):
    text = Path("PKG-INFO").read_text(encoding="utf-8")
    said = HeaderParser().parsestr(text)
    made = Path(folder, f"{said['Name'].replace('-', '_')}-{said['Version']}.dist-info")
    made.mkdir()
    made.joinpath("METADATA").write_text(text, encoding="utf-8")
    return made.name
'''


class CannotFetch(Exception):
    """A package could not be had; the text is what pip said."""


def install_binding(requirement: str, folder: Path) -> None:
    """Installs a package alone into a folder. Raises CannotFetch."""
    _pip("install", "--no-deps", "--only-binary", ":all:", "--target", str(folder), requirement)


def unpack_headers(requirement: str, folder: Path) -> None:
    """Puts the CTP headers and libraries in a package's source archive into a folder. Raises CannotFetch.

    pip compiles an archive before it hands it over, to learn what it needs; a backend of our own spares us that.
    """
    with tempfile.TemporaryDirectory() as work:
        backend, archives = Path(work, "backend"), Path(work, "archives")
        for name in ("setuptools/__init__.py", "setuptools/build_meta.py", "mesonpy.py"):
            path = backend / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(BACKEND, encoding="utf-8")
        options = ("--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--dest", str(archives))
        _pip("download", *options, requirement, PYTHONPATH=str(backend))
        (archive,) = archives.iterdir()
        with tarfile.open(archive) as opened:
            for member in opened:
                content = opened.extractfile(member) if member.isfile() and WANTED.search(member.name) else None
                if content is not None:
                    path = folder / member.name.partition("/")[2]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())


def _pip(command: str, *arguments: str, **variables: str) -> None:
    whole = [sys.executable, "-m", "pip", command, "--quiet", "--retries", "1", "--timeout", "15", *arguments]
    ran = subprocess.run(
        whole, env={**os.environ, **variables}, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if ran.returncode:
        raise CannotFetch(f"{' '.join(whole)}: {ran.stderr.strip()}")
