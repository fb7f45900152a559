"""Settings of other programs, made into a profile: vnpy's connect_ctp.json, ctpbee's CONNECT_INFO, CTP_* variables.

What is secret is not taken over, the password of a proxy among it; the profile names a variable of the environment
instead.
"""

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ctpscen.live.profile.addresses import parse_front, with_scheme, without_password
from ctpscen.live.profile.profiles import LARGEST, SIMNOW_CODE
from ctpscen.regular_files import read_regular_text

# What other programs call a key of ours, in small letters and without what joins words, or `ctp` before them.
_NAMES: Mapping[str, str] = {
    # vnpy
    "用户名": "user",
    "密码": "password",
    "经纪商代码": "broker",
    "交易服务器": "trading_fronts",
    "行情服务器": "market_fronts",
    "产品名称": "app_id",
    "授权编码": "auth_code",
    "柜台环境": "environment",
    # ctpbee, and the many ways in which CTP_* files spell it
    **dict.fromkeys(("user", "userid"), "user"),
    **dict.fromkeys(("investor", "investorid"), "investor"),
    **dict.fromkeys(("broker", "brokerid"), "broker"),
    **dict.fromkeys(("password", "passwd", "pwd"), "password"),
    **dict.fromkeys(("app", "appid"), "app_id"),
    **dict.fromkeys(("authcode", "auth"), "auth_code"),
    **dict.fromkeys(("tdaddress", "tdaddr", "tdfront", "tdfronts", "tradefront", "traderfront"), "trading_fronts"),
    **dict.fromkeys(("tradingfront", "tradingfronts", "tradeserver", "tdserver"), "trading_fronts"),
    **dict.fromkeys(("mdaddress", "mdaddr", "mdfront", "mdfronts", "marketfront", "marketfronts"), "market_fronts"),
    **dict.fromkeys(("marketserver", "mdserver"), "market_fronts"),
}

# Keys that other programs need and a profile does not have.
_IDLE = frozenset({"productinfo", "userproductinfo", "interface", "产品信息"})


class BadImport(Exception):
    """A file that holds no settings that are known; the text says why."""


@frozen
class Imported:
    """The section to write, and what the user has to do besides."""

    name: str
    section: str
    notes: tuple[str, ...]


def import_profile(path: Path, name: str = "") -> Imported:
    """Reads another program's settings. The profile is called `name`, or after the file. Raises BadImport."""
    if name and not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise BadImport(f"a profile's name has letters, digits, - and _; `{name}` is none")
    try:
        text = read_regular_text(path, LARGEST, "utf-8-sig")
    except OSError as reason:
        raise BadImport(f"{path}: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise BadImport(f"{path}: not UTF-8 text") from None
    found, unknown = _translated(_settings(path, text))
    if not {"user", "trading_fronts"} & found.keys():
        keys = f" (its keys: {', '.join(unknown[:8])})" if unknown else ""
        raise BadImport(
            f"{path}: neither a user nor a trading front is in it{keys}; what can be read is vnpy's connect_ctp.json, "
            "a .py or .json file with ctpbee's CONNECT_INFO, and lines such as CTP_USER_ID=100001"
        )
    name = name or re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-") or "imported"
    return _section(name, found, unknown)


def _settings(path: Path, text: str) -> Mapping[str, Any]:
    if path.suffix == ".py":
        return _connect_info(path, text)
    if path.suffix != ".json":
        return _variables(text)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as reason:
        raise BadImport(f"{path}:{reason.lineno}:{reason.colno}: not JSON: {reason.msg}") from None
    except ValueError:
        raise BadImport(f"{path}: a number in it has too many digits") from None
    except RecursionError:
        raise BadImport(f"{path}: it is nested too deeply") from None
    if isinstance(content, dict):
        inner = content.get("CONNECT_INFO", content)
        if isinstance(inner, dict):
            return inner
    raise BadImport(f"{path}: no settings in it")


def _connect_info(path: Path, text: str) -> Mapping[str, Any]:
    """The literal dictionary called CONNECT_INFO, wherever in the program; nothing of it is run."""
    try:
        tree = ast.parse(text)
    except SyntaxError as reason:
        raise BadImport(f"{path}:{reason.lineno or 1}: not Python: {reason.msg}") from None
    except ValueError:  # a NUL, before Python 3.12
        raise BadImport(f"{path}: not Python: a NUL is in it") from None
    except (RecursionError, MemoryError):  # of the parser's own stack
        raise BadImport(f"{path}: it is nested too deeply") from None
    for node in ast.walk(tree):
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(ast.Constant(each.id), node.value) for each in node.targets if isinstance(each, ast.Name)]
        elif isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        for key, value in pairs:
            if isinstance(key, ast.Constant) and key.value == "CONNECT_INFO":
                try:
                    found = ast.literal_eval(value)
                except (ValueError, TypeError, RecursionError):
                    raise BadImport(f"{path}: CONNECT_INFO is worked out by the program, not written down") from None
                if isinstance(found, dict):
                    return found
    raise BadImport(f"{path}: there is no CONNECT_INFO in it")


def _variables(text: str) -> Mapping[str, Any]:
    """`CTP_NAME=value`, one a line, as shells and .env files write it."""
    found = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"\s*(?:export\s+)?CTP_(\w+)\s*=\s*(.*?)\s*", line):
            found[f"CTP_{match[1]}"] = match[2].strip("\"'")
    return found


def _translated(settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the settings say in our words, and the keys that have no such word."""
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for key, value in settings.items():
        plain = re.sub(r"[\s_-]|^ctp_?", "", str(key).strip().lower())
        ours = _NAMES.get(plain)
        if ours is None:
            unknown += [] if plain in _IDLE else [str(key)]
        elif ours.endswith("_fronts"):
            given = value if isinstance(value, list) else re.split(r"[,;\s]+(?!socks5)", str(value))
            found[ours] = [with_scheme(str(each).strip()) for each in given if str(each).strip()]
        elif isinstance(value, str | int | float) and value != "":
            found[ours] = str(value)
    return found, unknown


@define
class _Section:
    """A profile as it is being written, and what the user has to do besides."""

    name: str
    lines: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.lines.append(f"[profile.{self.name}]")

    def text(self, key: str, value: str) -> None:
        self.lines.append(f"{key} = {_quoted(value)}")

    def missing(self, key: str, example: str) -> None:
        self.lines.append(f"# {key} = {example}")
        self.notes.append(f"{key} was not in the file and is to be added")

    def secret(self, key: str, what: str) -> None:
        variable = f"{re.sub(r'[^A-Za-z0-9]', '_', self.name).upper()}_{key.upper()}"
        self.lines.append(f'{key} = {{ env = "{variable}" }}')
        self.notes.append(f"put {what} in the environment, as {variable}; it was not copied")

    def fronts(self, key: str, given: list[str]) -> set[str]:
        """Writes those that can be read, without the passwords of their proxies; gives these."""
        good, passwords = list[str](), set[str]()
        for front in given:
            try:
                proxy = parse_front(front).proxy
                good.append(without_password(front))
                passwords |= {proxy.password} if proxy is not None else set()
            except ValueError as reason:
                secret = "@" in "".join(given)  # perhaps only a part of an address: nothing of it is shown
                self.notes.append(f"{key}: {'an address that cannot be read was left out' if secret else reason}")
        if good:
            self.lines.append(f"{key} = [{', '.join(map(_quoted, good))}]")
        else:
            self.missing(key, '["tcp://host:port"]')
        return passwords - {""}


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    inside = "".join(each if each.isprintable() and each not in '"\\' else _escaped(each) for each in text)
    return f'"{inside}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    code = ord(character)
    return "\\uFFFD" if 0xD800 <= code < 0xE000 else f"\\U{code:08X}"  # half a character of UTF-16 is none of TOML


def _section(name: str, found: Mapping[str, Any], unknown: list[str]) -> Imported:
    section = _Section(name)
    section.notes += [f"`{key}` means nothing here and was left out" for key in unknown]
    passwords: set[str] = set()
    for key in ("broker", "user", "investor", "trading_fronts", "market_fronts", "app_id"):
        if key.endswith("_fronts"):
            passwords |= section.fronts(key, found.get(key, []))
        elif key in found:
            section.text(key, found[key])
        elif key != "investor":
            section.missing(key, '""')
    section.secret("password", "the password")
    if found.get("auth_code") == SIMNOW_CODE:
        section.text("auth_code", SIMNOW_CODE)
    else:
        section.secret("auth_code", "the auth code")
    if passwords:
        section.secret("proxy_password", "the password of the proxy")
    if len(passwords) > 1:
        section.notes.append("the proxies have several passwords, and a profile has one for all")
    if environment := found.get("environment"):
        section.lines.append(f"production = {'false' if environment in ('测试', 'test') else 'true'}")
    return Imported(name, "\n".join(section.lines) + "\n", tuple(section.notes))
