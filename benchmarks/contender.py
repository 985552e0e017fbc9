"""What takes part: a way to keep a session in a cookie, and the operations it is measured by.

a  load        a Cookie header in, the contents out
b  save        contents in, Set-Cookie values out
c  round trip  load, count one more view, save
d  untouched   a request with ten cookies more that leaves its session alone
e  read        read one value, change nothing, and find out that nothing changed
   lend        as e, but with a list handed out, whose changes could not be seen
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

import attrs

from .payloads import Payload

LOAD, SAVE, ROUND_TRIP = "load", "save", "round trip"
UNTOUCHED, READ, LEND = "untouched", "read", "lend"

FUNCTIONS, SESSION, MIDDLEWARE = "functions", "session", "middleware"
ASGI, WSGI = "asgi", "wsgi"
"""The layers: plain functions, an object for the request's session, a middleware in Node's style,
and in Python's, whose time is counted without that of the application inside."""


@attrs.frozen
class Operation:
    """One call to be timed, and how to tell that it did its work."""

    layer: str
    name: str
    call: Callable[[], Any]
    outcome: Callable[[Any], Any]
    """From what ``call`` returns: the contents it loaded or saved, the value it read, or ``None``
    for an untouched session."""
    without: Callable[[], Any] | None = None
    """The same without any session; its time is subtracted."""


@attrs.frozen
class Contender:
    """One way to keep a session in a cookie."""

    name: str
    title: str
    differs: str
    """What it does otherwise than we do, so that its figures are read rightly."""
    operations: Callable[[Payload], Iterable[Operation]]
    packages: tuple[str, ...] = ()
    """The distributions whose versions matter."""


def expected(operation: str, payload: Payload) -> Any:
    """Return the outcome of an operation that did its work."""
    if operation in (LOAD, SAVE):
        return payload.contents
    if operation == ROUND_TRIP:
        return payload.bumped
    if operation == READ:
        return payload.contents["views"]
    if operation == LEND and payload.nested is not None:
        return payload.contents[payload.nested]
    return None


NAMES = (
    "floor",
    "ours",
    "fast",
    "naive",
    "starlette",
    "django",
    "flask",
    "pyramid",
    "itsdangerous",
    "tornado",
    "aiohttp_encrypted",
    "aiohttp_simple",
)
"""The contenders, each a module of its own in ``contenders``, in the order of the tables."""


def find(names: Iterable[str] = NAMES) -> tuple[list[Contender], dict[str, str]]:
    """Return the contenders of these names, and why which are left out."""
    found: list[Contender] = []
    left_out: dict[str, str] = {}
    for name in names:
        try:
            module = importlib.import_module(f"{__package__}.contenders.{name}")
        except ImportError as error:  # noqa: PERF203 - a handful
            left_out[name] = f"{error.name or error} is not installed"
        else:
            found.append(module.CONTENDER)
    return found, left_out
