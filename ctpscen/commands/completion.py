"""`ctpscen completion`: what a shell needs to complete the command line."""

import argparse
import sys

from ctpscen.commands import PASSED


def execute(options: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["ctpscen"], shell=options.shell))
    return PASSED
