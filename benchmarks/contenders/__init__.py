"""The contenders: a module each, which imports what it measures and names it ``CONTENDER``.

The time of a framework is the time that its session adds to an application; a library has two
functions.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.apps import Protocol, View, set_cookies
from benchmarks.payloads import Fields, as_request

FRAMEWORKS = ("ours_asgi", "starlette", "ours_wsgi", "django", "flask", "pyramid")
LIBRARIES = ("itsdangerous", "tornado", "aiohttp_session")


class Framework(NamedTuple):
    """A way to give an application a session."""

    title: str
    protocol: Protocol
    application: Callable[[View | None, Fields], Any]
    """Returns an application with a session, which does what the view says."""
    bare: Callable[[Fields], Any]
    """Returns the same application without any session."""

    def cookie(self, contents: dict[str, Any]) -> str:
        """Return the ``Cookie`` header of a client with these contents."""
        app = self.application(lambda session: session.update(contents), [])
        return as_request(set_cookies(self.protocol.call(app, "none=1")()))


class Library(NamedTuple):
    """A way to keep contents in a cookie."""

    title: str
    load: Callable[[str], Any]
    """Returns the contents in a ``Cookie`` header."""
    save: Callable[[Any], list[str]]
    """Returns the ``Set-Cookie`` values for contents."""


def around(title: str, protocol: Protocol, middleware: Any, **options: Any) -> Framework:
    """Return a middleware as a contender."""

    def application(view: View | None, fields: Fields) -> Any:
        return middleware(protocol.application(view, fields), **options)

    return Framework(
        title, protocol, application, lambda fields: protocol.application(None, fields)
    )


def find(names: tuple[str, ...]) -> Iterator[Any]:
    """Return the installed contenders of these modules."""
    for name in names:
        try:
            yield importlib.import_module(f"{__package__}.{name}").CONTENDER
        except ImportError as error:  # noqa: PERF203 - a handful
            print(f"{name} is left out: {error}", file=sys.stderr)
