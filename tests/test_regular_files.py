"""Files that somebody names are read where they are files, and as far as they may go; nothing is waited for."""

import os
import socket
from pathlib import Path

import pytest
from support import command

from ctpscen.regular_files import in_place_of, read_regular, read_regular_text

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices with names are a matter of POSIX")


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a\r\nb\rc\n")
    assert read_regular(tmp_path / "a", 7) == b"a\r\nb\rc\n"
    assert read_regular_text(tmp_path / "a", 7) == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe", "this is a pipe, where a regular file is needed"),
        ("door", "this is a socket, where|No such device"),
        ("/dev/zero", "this is a device, where"),
        ("", "this is a folder, where"),
        ("large", "it is larger than 10 bytes"),
        ("a\0b", "No such file"),
    ],
)
def test_nothing_else_is(tmp_path: Path, name: str, words: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(11))
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        with pytest.raises(OSError, match=words) as caught:
            read_regular(tmp_path / name if name != "a\0b" else name, 10)
    assert caught.value.strerror


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "pipe"), "pipe: cannot be read: this is a pipe"),
        (("check", "pipe"), "pipe: cannot be read: this is a pipe"),
        (("fmt", "pipe"), "pipe: cannot be read: this is a pipe"),
        (("run", "/dev/zero"), "/dev/zero: cannot be read: this is a device"),
        (("run", "trivial.scn", "--set-file", "pipe"), "pipe: cannot be read: this is a pipe"),
        (("check", "using.scn"), "`pipe` cannot be read: this is a pipe"),
        (("run", "replaying.scn"), "`pipe` cannot be read: this is a pipe"),
        (("profile", "import", "pipe"), "pipe: this is a pipe"),
        (("profile", "import", "/dev/zero"), "/dev/zero: this is a device"),
        (("doctor", "--live", "desk"), "ctpscen.toml: this is a pipe"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else None,
)
def test_a_command_says_so_and_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    if words[0] == "doctor":
        os.mkfifo("ctpscen.toml")
    Path("trivial.scn").write_text("check 1 == 1\n")
    Path("using.scn").write_text('use "pipe"\ncheck 1 == 1\n')
    Path("replaying.scn").write_text('scenario "a":\n    venue: replay "pipe"\n')
    code, out, err = command(*words)
    assert code != 0
    assert told in out + err


def test_a_file_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    path, part = tmp_path / "a", tmp_path / ".a.part"
    path.write_text("before")
    part.write_text("left by a process that was killed, and longer")
    with in_place_of(path, part, 0o640) as stream:
        stream.write(b"after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("reason", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_stays_of_a_file_that_could_not_be_written(tmp_path: Path, reason: BaseException) -> None:
    path = tmp_path / "a"
    path.write_text("before")
    with pytest.raises(type(reason)), in_place_of(path, tmp_path / ".a.part"):
        raise reason
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    assert path.read_text() == "before"
