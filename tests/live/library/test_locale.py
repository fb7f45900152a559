"""The private locale: with it the CTP library can be loaded, without it the loading process is aborted."""

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ctpscen.live.library import locale
from ctpscen.live.library.locale import NAME, LocaleUnavailable, environment

needs_library = pytest.mark.skipif(
    not (sys.platform == "linux" and platform.machine() == "x86_64"),
    reason="only Linux needs the locale, and openctp-ctp has wheels for x86-64 alone there",
)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only glibc's C++ library looks for the locale")


@pytest.fixture
def _not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on most machines: the system does not have the locale."""
    monkeypatch.setattr(locale, "_installed", lambda: False)


def load_library(
    variables: dict[str, str], script: str = "import openctp_ctp.tdapi"
) -> "subprocess.CompletedProcess[str]":
    """Loads the library in a child process in which nothing but `variables` says where locales are."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LC_") and name not in ("LANG", "LANGUAGE", "LOCPATH")
    }
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env={**inherited, **variables}, capture_output=True, encoding="utf-8", check=False)


@needs_library
@pytest.mark.usefixtures("_not_installed")
def test_with_the_private_locale_the_library_loads(tmp_path: Path) -> None:
    variables = environment(tmp_path / "locales")
    assert set(variables) == {"LOCPATH"}
    script = "from openctp_ctp import tdapi; print(tdapi.CThostFtdcTraderApi.GetApiVersion())"
    ran = load_library(variables, script)
    assert ran.returncode == 0, ran.stderr
    assert "v6.7.11" in ran.stdout


@needs_library
def test_without_any_locale_the_loading_process_is_aborted(tmp_path: Path) -> None:
    ran = load_library({"LOCPATH": str(tmp_path)})
    assert ran.returncode == -signal.SIGABRT, ran.stderr


@needs_library
@pytest.mark.usefixtures("_not_installed")
def test_the_private_locale_converts_more_than_the_ascii_that_it_lists(tmp_path: Path) -> None:
    """The library reads texts as GB18030; the binding hands them over as UTF-8, so what comes back is the one read as
    the other."""
    script = (
        "from openctp_ctp import tdapi\n"
        "field = tdapi.CThostFtdcRspInfoField()\n"
        "field.ErrorMsg = '\u6b63\u786e'\n"
        "print(ascii(field.ErrorMsg))\n"
    )
    ran = load_library(environment(tmp_path), script)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[-1] == ascii("\u6b63\u786e".encode().decode("gb18030"))


@linux_only
@pytest.mark.usefixtures("_not_installed")
def test_the_locale_is_made_once_and_leaves_nothing_else(tmp_path: Path) -> None:
    environment(tmp_path)
    made = (tmp_path / NAME / "LC_CTYPE").stat()
    assert environment(tmp_path) == {"LOCPATH": str(tmp_path)}
    assert (tmp_path / NAME / "LC_CTYPE").stat() == made
    assert [entry.name for entry in tmp_path.iterdir()] == [NAME]


@linux_only
@pytest.mark.usefixtures("_not_installed")
def test_two_that_make_it_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    locale._compile(tmp_path)
    locale._compile(tmp_path)  # as if it had looked before the first was ready
    assert [entry.name for entry in tmp_path.iterdir()] == [NAME]


@linux_only
@pytest.mark.usefixtures("_not_installed")
def test_a_missing_compiler_is_told_with_the_package_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctpscen.live.library.locale.shutil.which", lambda *_, **__: None)
    with pytest.raises(LocaleUnavailable) as caught:
        environment(tmp_path)
    for word in (NAME, "localedef", "libc-bin", "glibc-common"):
        assert word in str(caught.value)


@linux_only
@pytest.mark.usefixtures("_not_installed")
def test_a_compiler_that_makes_nothing_is_told_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "localedef"
    broken.write_text("#!/bin/sh\necho 'no such charmap' >&2\nexit 4\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(LocaleUnavailable, match="no such charmap"):
        environment(tmp_path / "locales")
    assert not (tmp_path / "locales" / NAME).exists()


@linux_only
def test_where_the_system_has_the_locale_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = tmp_path / "locale"
    listing.write_text("#!/bin/sh\necho C\necho zh_CN.gb18030\n")
    listing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment(tmp_path / "locales") == {}
    assert not (tmp_path / "locales").exists()


@linux_only
def test_a_machine_that_cannot_list_its_locales_is_taken_to_lack_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment(tmp_path / "locales") == {"LOCPATH": str(tmp_path / "locales")}


def test_elsewhere_nothing_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctpscen.live.library.locale.sys.platform", "win32")
    assert environment(tmp_path / "locales") == {}
    assert not (tmp_path / "locales").exists()
