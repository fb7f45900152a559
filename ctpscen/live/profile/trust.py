"""Whose settings are believed: those that nobody but the user and root could have written.

A profile says where passwords go. So a file of somebody else, or one that others may write, in a folder above or in
the one where the user happens to stand, is refused, as ssh refuses its own. Where files have no owners, all are
believed.
"""

import os
import stat
from pathlib import Path

ROOT = 0


class Untrusted(Exception):
    """A file that others could have written; the text says how, and what to do."""


def check_trusted(path: Path, state: os.stat_result) -> None:
    """`state` is that of the file as it was opened. Raises Untrusted, and OSError."""
    if os.name != "posix":
        return
    _check(path, state, is_folder=False)
    for folder in dict.fromkeys((path.parent, path.resolve().parent)):  # of a link's, and of what it leads to
        _check(folder, folder.stat(), is_folder=True)


def _check(path: Path, state: os.stat_result, *, is_folder: bool) -> None:
    what = f"{path}, the folder that it is in," if is_folder else f"{path}"
    if state.st_uid not in (ROOT, os.geteuid()):
        raise Untrusted(f"{what} belongs to {_user(state.st_uid)}, who could have another account logged in with it")
    if is_folder and state.st_mode & stat.S_ISVTX:
        return  # like /tmp: others may make files in it, and not replace those of their owners
    others = [
        who
        for who, bit in (("everybody", stat.S_IWOTH), ("its group", stat.S_IWGRP))
        if state.st_mode & bit and not (bit == stat.S_IWGRP and _is_own_group(state.st_gid))
    ]
    if others:
        mode = f"{stat.S_IMODE(state.st_mode):04o}"
        raise Untrusted(f"{what} can be written by {others[0]} (mode {mode}); `chmod go-w {path}`")


def _is_own_group(number: int) -> bool:
    """Whether nobody but the user is in a group: many systems give each user one, and let it write."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
    except KeyError:
        return False
    return user.pw_gid == number and group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}


def _user(number: int) -> str:
    import pwd

    try:
        return f"the user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"the user of number {number}"
