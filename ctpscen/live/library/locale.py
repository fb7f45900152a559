"""The locale without which the CTP library aborts the process that loads it.

``import openctp_ctp`` makes a C++ ``std::locale("zh_CN.GB18030")``; where that locale is missing the process
ends with SIGABRT. Most machines lack it and installing one takes root. None of that is needed: ``localedef``,
part of the C library's own package, compiles a private locale of that name from a character map that claims to
be GB18030 and lists ASCII alone, because glibc takes the conversion itself from its built-in converter. The
environment variable ``LOCPATH`` then points one child process at it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ctpscen.private_files import make_private_folder

NAME = "zh_CN.GB18030"
_ASCII = range(0x80)
_LETTERS = [chr(code) for code in range(ord("A"), ord("Z") + 1)]


class LocaleUnavailable(Exception):
    """The locale is not installed and cannot be compiled here; the text says what to install."""


def environment(folder: Path) -> dict[str, str]:
    """The variables to add to a child process so that it can load the CTP library.

    `folder` is where a private locale is kept between runs; it is made if need be. Empty where the system has the
    locale, or needs none (only glibc's C++ library looks for it).

    Raises LocaleUnavailable.
    """
    if sys.platform != "linux" or _installed():
        return {}
    if not (folder / NAME / "LC_CTYPE").is_file():
        _compile(folder)
    return {"LOCPATH": str(folder)}


def _installed() -> bool:
    try:
        listing = subprocess.run(["locale", "-a"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return NAME.lower().encode() in listing.stdout.lower().split()


def _compile(folder: Path) -> None:
    localedef = shutil.which("localedef", path=os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/bin")
    if localedef is None:
        raise LocaleUnavailable(
            f"the CTP library needs the locale {NAME}, and there is no `localedef` to compile one; "
            "install the package `libc-bin` (Debian, Ubuntu) or `glibc-common` (Fedora, RHEL)"
        )
    make_private_folder(folder)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        charmap, source, output = Path(work, "charmap"), Path(work, "source"), Path(work, NAME)
        charmap.write_text("\n".join(_charmap()) + "\n", encoding="ascii")
        source.write_text("\n".join(_source()) + "\n", encoding="ascii")
        command = [localedef, "--no-archive", "-c", "-f", str(charmap), "-i", str(source), str(output)]
        made = subprocess.run(command, capture_output=True, text=True, check=False, umask=0o077)
        if not (output / "LC_CTYPE").exists():
            raise LocaleUnavailable(f"`{' '.join(command)}` made no locale: {made.stderr.strip()}")
        try:
            output.rename(folder / NAME)
        except OSError:  # another process was faster, and its locale is as good
            if not (folder / NAME / "LC_CTYPE").is_file():
                raise LocaleUnavailable(f"{folder / NAME} stands where the locale is to be; remove it") from None


def _symbol(character: str | int) -> str:
    return f"<U{character if isinstance(character, int) else ord(character):04X}>"


def _charmap() -> Iterator[str]:
    yield from ("<code_set_name> GB18030", "<mb_cur_max> 4", "<mb_cur_min> 1")
    yield from ("<comment_char> %", "<escape_char> /", "CHARMAP")
    yield from (f"{_symbol(code)} /x{code:02x} c{code}" for code in _ASCII)
    yield "END CHARMAP"


def _source() -> Iterator[str]:
    yield from ("comment_char %", "escape_char /", "LC_CTYPE")
    yield "upper " + ";".join(map(_symbol, _LETTERS))
    yield "lower " + ";".join(_symbol(letter.lower()) for letter in _LETTERS)
    yield "toupper " + ";".join(f"({_symbol(letter.lower())},{_symbol(letter)})" for letter in _LETTERS)
    yield from ("END LC_CTYPE", "LC_NUMERIC", f'decimal_point "{_symbol(".")}"', 'thousands_sep ""')
    yield from ("grouping -1", "END LC_NUMERIC", "LC_MONETARY")
    texts = "int_curr_symbol currency_symbol mon_decimal_point mon_thousands_sep positive_sign negative_sign"
    yield from (f'{word} ""' for word in texts.split())
    numbers = (
        "mon_grouping int_frac_digits frac_digits p_cs_precedes p_sep_by_space n_cs_precedes n_sep_by_space "
        "p_sign_posn n_sign_posn"
    )
    yield from (f"{word} -1" for word in numbers.split())
    yield from ("END LC_MONETARY", "LC_TIME")
    days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()
    months = "January February March April May June July August September October November December".split()
    for keyword, words in (("day", days), ("mon", months)):
        yield f"ab{keyword} " + ";".join(f'"{word[:3]}"' for word in words)
        yield f"{keyword} " + ";".join(f'"{word}"' for word in words)
    yield from ('d_t_fmt "a"', 'd_fmt "a"', 't_fmt "a"', 'am_pm "AM";"PM"', 't_fmt_ampm "a"', "END LC_TIME")
    yield from ("LC_MESSAGES", 'yesexpr "y"', 'noexpr "n"', "END LC_MESSAGES")
    yield from ("LC_COLLATE", "order_start forward")
    yield from map(_symbol, _ASCII)
    yield from ("order_end", "END LC_COLLATE")
