"""What to say when ctpscen itself is wrong: what went wrong, where, and what to do about it."""

from pathlib import Path

from ctpscen import __version__

_PACKAGE = Path(__file__).resolve().parent


def describe(error: Exception) -> str:
    """An exception that should not have been, in a few lines: what the system refused, or the way to our mistake."""
    if isinstance(error, OSError):  # the disk, a folder, a pipe: nothing that ctpscen could have done otherwise
        what = error.filename if isinstance(error.filename, str) else "input or output"
        return f"{what}: {error.strerror or error}"
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  at {_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
    if len(places) > 24:  # a recursion without an end
        places = [*places[:8], f"  … {len(places) - 16} more", *places[-8:]]
    text = str(error).splitlines()[0] if str(error) else ""
    head = f"internal error: {type(error).__name__}" + (f": {text}" if text else "")
    advice = f"this is a mistake in ctpscen {__version__}, not in the scenario; please report these lines with it"
    return "\n".join([head, *places, advice])


def _short(filename: str) -> str:
    """A file's name as it stands in the package, or its last part."""
    path = Path(filename)
    return str(path.relative_to(_PACKAGE.parent)) if path.is_relative_to(_PACKAGE) else path.name
