"""The tasks of a request for its server, as data that travels in a header.

A script is a list of operations and a reply. Each target has one handler, which
performs any script. So a case is the same for all targets, Express included.
"""

from __future__ import annotations

import asyncio
import base64
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from http.cookies import SimpleCookie
from typing import Any

import attrs

from cookiesession_core import CookieSessionError, Session, SessionView
from tests.support.keys import CANARY

HEADER = "X-Script"

Operation = tuple[Any, ...]
"""A name and its arguments, as the methods of :class:`Operations` have them."""


class ScriptedError(Exception):
    """The exception of a handler whose script asks for it."""


class UncaughtError(Exception):
    """The exception that no error page is made for."""


def deletion(name: str) -> str:
    """Return a ``Set-Cookie`` value that deletes a cookie, as many frameworks write it."""
    cookie = SimpleCookie({name: ""})
    cookie[name].update({"path": "/", "max-age": "0"})
    return cookie[name].OutputString()


@attrs.frozen
class Reply:
    """How the handler answers."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    chunks: tuple[str, ...] = ()
    """Streamed one by one; without any, the body is the results as JSON."""
    repeat: int = 1
    """How often the chunks are sent."""
    late: tuple[Operation, ...] = ()
    """Performed after the first chunk; their results are the last chunk."""
    deletes: tuple[str, ...] = ()
    """The names of cookies that the handler deletes by the framework's own means."""
    fails: bool = False
    """Raise an exception and do not answer."""
    sorry: tuple[Operation, ...] = ()
    """Performed by the application's handler of that exception, which makes an error page."""
    unanswered: str = ""
    """Why no response is made: "exception" (nothing catches it), "cancelled", "silence"."""
    deny: bool = False
    """Refuse the WebSocket handshake by this reply."""
    close: bool = False
    """Refuse the WebSocket handshake without a reply."""


@attrs.frozen
class Script:
    """The operations on the session, and the reply."""

    do: tuple[Operation, ...] = ()
    reply: Reply = Reply()
    between: tuple[Operation, ...] = ()
    """Performed first, by the code between two layers that each have a session."""

    def dump(self) -> str:
        """Return the script as a header's value."""
        return base64.urlsafe_b64encode(json.dumps(attrs.asdict(self)).encode()).decode()

    @classmethod
    def load(cls, header: str) -> Script:
        """Return the script that a request carries."""
        fields = json.loads(base64.urlsafe_b64decode(header))
        reply = fields["reply"]
        headers = tuple((name, value) for name, value in reply["headers"])
        chunks = tuple(reply["chunks"])
        return cls(
            tuple(fields["do"]),
            Reply(**{**reply, "headers": headers, "chunks": chunks}),
            tuple(fields["between"]),
        )

    def headers(self) -> list[tuple[str, str]]:
        """Return the header fields of the reply, where no framework deletes cookies."""
        return [*self.reply.headers, *(("Set-Cookie", deletion(it)) for it in self.reply.deletes)]

    def perform(self, find: Find) -> bytes:
        """Do everything that comes before the reply; the body of a reply that has no chunks."""
        results = perform(self.do, find)
        if self.reply.fails:
            raise ScriptedError
        if self.reply.unanswered == "exception":
            raise UncaughtError
        if self.reply.unanswered == "cancelled":
            raise asyncio.CancelledError
        if self.reply.status in (204, 304):
            return b""
        return json.dumps(results).encode()

    def stream(self, find: Find) -> Iterator[bytes]:
        """Return the chunks of the reply; perform the late operations after the first one."""
        first, *others = self.reply.chunks * self.reply.repeat
        yield first.encode()
        results = perform(self.reply.late, find)
        yield from (chunk.encode() for chunk in others)
        if self.reply.late:
            yield json.dumps(results).encode()


Find = Callable[[str | None], Session | SessionView]
"""Gives the request's session by its name, or the only one."""


def perform(operations: tuple[Operation, ...], find: Find) -> list[Any]:
    """Perform ``operations``; the results of those that have one, and the errors' names."""
    results = []
    for name, *arguments in operations:
        session = find(None)
        if name == "in":
            session, (name, *arguments) = find(arguments[0]), arguments[1:]  # noqa: PLW2901
        try:
            result = OPERATIONS[name](session, *arguments)
        except CookieSessionError as error:
            result = type(error).__name__
        if result is not None:
            results.append(result)
    return results


def _increment(session: Session | SessionView, key: str) -> Any:
    session[key] = session.get(key, 0) + 1
    return session[key]


def _set_option(session: Session | SessionView, name: str, value: Any) -> None:
    setattr(session.options, name, value)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "set": operator.setitem,
    "get": lambda session, key: session.get(key, "nothing"),
    "read": dict,
    "delete": operator.delitem,
    "clear": lambda session: session.clear(),
    "increment": _increment,
    "append": lambda session, key, value: session[key].append(value),
    "pop": lambda session, key: session[key].pop() and None,
    "fill": lambda session, key, size: session.update({key: (CANARY * size)[:size]}),
    "spoil": lambda session, key: session.update({key: float("nan")}),
    "replace": lambda session, contents: session.replace(contents),
    "destroy": lambda session: session.destroy(),
    "option": _set_option,
    "is new": lambda session: session.is_new,
    "outcome": lambda session: session.outcome.name,
    "key index": lambda session: session.key_index,
}
