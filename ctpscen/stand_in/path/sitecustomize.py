"""Loads the stand-in before the program's own code, and then what else customises this Python.

The name is one that every Python imports when it starts. A program whose stand-in does not start must not run: what it
would import then may be the real library.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "ctpscen_stand_in"
EXIT_NOT_STARTED = 96
OLDEST = (3, 11)


def start() -> None:
    if sys.version_info < OLDEST:
        raise RuntimeError("it needs Python 3.11 or newer, and this is {}.{}".format(*sys.version_info))
    folder = os.path.dirname(HERE)
    spec = importlib.util.spec_from_file_location(
        NAME, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules[NAME] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    importlib.import_module(f"{NAME}.start").start()


def customise_as_before() -> None:
    """Runs the `sitecustomize` that this one hides, if there is one."""
    others = [folder for folder in sys.path if os.path.abspath(folder) != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if "CTPSCEN_STAND_IN" in os.environ:
    try:
        start()
    except BaseException:
        traceback.print_exc()
        print("ctpscen: the stand-in for openctp_ctp could not be started", file=sys.stderr, flush=True)
        os._exit(EXIT_NOT_STARTED)
customise_as_before()
