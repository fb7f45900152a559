"""CTP's error codes, with the message that each carries."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from ctpscen.ctp.schema.tables import load_rows


@frozen
class CtpError:
    """One row of error.xml. `since` is the SDK version that introduced it."""

    code: int
    name: str
    message: str
    since: str


@cache
def errors() -> Mapping[int, CtpError]:
    rows = (CtpError(int(row["code"]), row["name"], row["message"], row["since"]) for row in load_rows("errors"))
    return {row.code: row for row in rows}


def rsp_info(code: int, message: str | None = None) -> dict[str, Any]:
    """The RspInfo record of an error; the message is CTP's own unless given. Raises KeyError for neither."""
    return {"ErrorID": code, "ErrorMsg": errors()[code].message if message is None else message}
