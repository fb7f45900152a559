"""`ctpscen completion`: what a shell needs to complete the command line."""

import argparse
import sys

from ctpscen.commands import PASSED

DESCRIPTION = "Prints what a shell needs to complete ctpscen's command line."

EPILOG = """\
examples:
  eval "$(ctpscen completion bash)"
  eval "$(ctpscen completion zsh)"
  ctpscen completion fish | source
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that is to complete")


def execute(options: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["ctpscen"], shell=options.shell))
    return PASSED
