"""How a relay reaches a front: directly, or through a SOCKS5 proxy."""

import asyncio
import os
import re

from ctpscen.live.profile.addresses import Front


def told(reason: BaseException) -> str:
    """Why a front was not reached, in a few words."""
    if isinstance(reason, TimeoutError) and not str(reason):
        return "no answer"
    if isinstance(reason, OSError) and reason.errno and reason.errno > 0:
        return os.strerror(reason.errno)
    if isinstance(reason, OSError) and reason.strerror:  # a name that is not known
        return reason.strerror
    if numbers := re.findall(r"\[Errno (\d+)\]", str(reason)):  # a name with several addresses
        return ", ".join(dict.fromkeys(os.strerror(int(number)) for number in numbers))
    if isinstance(reason, asyncio.IncompleteReadError):
        return "the proxy hung up"
    return str(reason) or type(reason).__name__


async def dial(front: Front) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the front. Raises OSError."""
    if front.proxy is None:
        return await asyncio.open_connection(front.host, front.port)
    reader, writer = await asyncio.open_connection(front.proxy.host, front.proxy.port)
    try:
        await _through_proxy(reader, writer, front)
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _through_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, front: Front) -> None:
    """The greeting of SOCKS5 (RFC 1928), with a user's name and password (RFC 1929) where the proxy has one."""
    proxy = front.proxy
    assert proxy is not None
    method = 2 if proxy.user else 0
    writer.write(bytes((5, 1, method)))
    if await reader.readexactly(2) != bytes((5, method)):
        raise OSError("the proxy does not take this way of logging in")
    if proxy.user:
        user, word = proxy.user.encode(), proxy.password.encode()
        writer.write(bytes((1, len(user))) + user + bytes((len(word),)) + word)
        if (await reader.readexactly(2))[1]:
            raise OSError("the proxy refuses user or password")
    host = front.host.encode()
    writer.write(bytes((5, 1, 0, 3, len(host))) + host + front.port.to_bytes(2, "big"))
    _, code, _, kind = await reader.readexactly(4)
    if code:
        raise OSError(f"the proxy cannot reach the front (code {code})")
    length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(length + 2)
