"""A network namespace for a program that no native launcher starts: Linux's own calls, made through ctypes.

`native/launcher.c` does the same. This runs between fork and exec, where an exception is all that can be said.
"""

import ctypes
import os
import signal
import socket
import struct
import sys

if sys.platform == "linux":
    import fcntl

CAN_BE_TRIED = sys.platform == "linux"

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1
_SIOCSIFFLAGS, _IFF_UP_AND_RUNNING = 0x8914, 0x41
_libc = ctypes.CDLL(None, use_errno=True) if CAN_BE_TRIED else None


def leave_network() -> None:
    """Leaves for a network in which only its own loopback answers, and ends with its parent. Raises OSError."""
    assert _libc is not None
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    user, group = os.geteuid(), os.getegid()
    if user != 0 or _libc.unshare(_CLONE_NEWNET):
        _check(_libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET))
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as stream:
                stream.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        assert sys.platform == "linux"
        fcntl.ioctl(opened, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP_AND_RUNNING))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
