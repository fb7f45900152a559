"""An account is one run's at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from ctpscen.live.care.locks import AccountInUse, AccountLocks

HOLDER = """
import sys
from pathlib import Path
from ctpscen.live.care.locks import AccountLocks
locks = AccountLocks(Path(sys.argv[1]))
locks.take("9999", "100001", "the account")
print("taken", flush=True)
sys.stdin.read()
"""


def test_an_account_is_one_run_s_at_a_time_and_free_when_that_dies(tmp_path: Path) -> None:
    locks = AccountLocks(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        with pytest.raises(AccountInUse, match=rf"profile `desk` is in use by another run \(process {other.pid}\)"):
            locks.take("9999", "100001", "profile `desk`")
        locks.take("9999", "100002", "account `second`")
        other.kill()
        other.wait()
    locks.take("9999", "100001", "profile `desk`")
    locks.take("9999", "100001", "profile `desk`")  # what it has, a run may take again
    locks.release()


def test_no_lock_says_whose_account_it_is(tmp_path: Path) -> None:
    locks = AccountLocks(tmp_path)
    locks.take("9999", "100001", "profile `desk`")
    (path,) = tmp_path.iterdir()
    assert "100001" not in path.name + path.read_text()
    locks.release()
