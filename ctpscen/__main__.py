"""`python -m ctpscen` is `ctpscen`."""

import sys

from ctpscen.cli import main

sys.exit(main())
