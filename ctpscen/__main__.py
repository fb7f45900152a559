"""`python -m ctpscen` is `ctpscen`."""

from ctpscen.cli import run_as_command

run_as_command()
