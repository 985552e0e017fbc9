"""Coverage-guided fuzzing of all input from outside, with ``atheris`` if it is installed.

    header.py       any request, through a session, to its response
    codec.py        any cookie value to contents, any contents to a cookie value
    libfuzzer.py    runs one target under atheris
    __main__.py     runs all of them for a while, or replays files without atheris
    corpus/         inputs that are kept, replayed by the ordinary tests
    cookies.dict    words that the fuzzer need not find by chance

A target is a function of bytes. It raises if a promise of its docstring does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent

Target = Callable[[bytes], None]


def load_targets() -> dict[str, Target]:
    """Import the targets, and with them the code that is fuzzed."""
    from tests.fuzz import codec, header  # noqa: PLC0415 - atheris has to come first

    return {"header": header.run, "codec": codec.run}


def corpus(target: str) -> list[Path]:
    """Return the inputs that are kept for a target."""
    return sorted((HERE / "corpus" / target).iterdir())
