"""The targets of the conformance suite: one per adapter, the core, and the original."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

import attrs

from cookiesession_core import CookieSession


class Feature(enum.Enum):
    """The features of a target; a case names those it needs beyond plain requests."""

    STREAMING = "streaming"
    """The body is sent in parts."""
    ERROR_PAGE = "error page"
    """An exception of the handler becomes a response."""
    FAILURE = "failure"
    """A response with a status of 500 or more carries the session."""
    KEPT_EMPTY = "kept empty"
    """A session that was emptied is saved as empty, and not ended."""
    UNDONE = "undone"
    """A write that leaves the contents as they were sends nothing."""
    SCHEME = "scheme"
    """HTTPS is told by a proxy, and the server is set to believe it."""
    WEBSOCKET = "WebSocket"
    """WebSocket handshakes."""
    TWO_SESSIONS = "two sessions"
    """Two sessions with different names on one application."""
    VARY = "Vary"
    """Responses whose session was touched vary on Cookie."""
    REPORTS = "reports"
    """Tells outcomes, and raises or logs writes that cannot be sent."""
    LIFETIME = "lifetime"
    """Ends sessions at the server, and prolongs them."""
    LEGACY = "legacy"
    """Migrates the sessions of an older name."""
    LAYERS = "layers"
    """Each layer of an application can have a session."""
    SILENCE = "silence"
    """An application can end without a response: no framework makes an error page."""
    CANCELLATION = "cancellation"
    """A handler can be cancelled, and then has no response."""
    FAILED_HANDSHAKE = "failed handshake"
    """An exception before a WebSocket is accepted becomes a response of 500."""
    REFUSAL = "refusal"
    """A WebSocket handshake can be refused without a response of the application."""


@attrs.frozen
class Setup:
    """The options of the session, or of both sessions, of an application."""

    options: tuple[tuple[str, Any], ...]
    second: tuple[tuple[str, Any], ...] | None = None
    """The options of an outer layer."""
    is_one: bool = False
    """Both layers have the same ``CookieSession``."""

    def all(self) -> list[CookieSession]:
        """Return the configurations, the innermost last."""
        if self.is_one:
            return [CookieSession(**dict(self.options))] * 2
        both = [self.options] if self.second is None else [self.second, self.options]
        return [CookieSession(**dict(options)) for options in both]


@attrs.frozen
class Target:
    """Something that serves scripts."""

    name: str
    features: frozenset[Feature]
    serve: Callable[[Setup], AbstractContextManager[str]]
    """Serve an application with these sessions on loopback; gives the URL of its root."""


@contextlib.contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """Return a listening socket on loopback, and the URL of it."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def serving_in_a_thread(serve: Callable[[], None], stop: Callable[[], object]) -> Iterator[None]:
    """Run ``serve`` in a thread, until ``stop`` is called at the end of the block."""
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


@contextlib.contextmanager
def serving_in_a_loop(
    application: Callable[[socket.socket], AbstractAsyncContextManager[None]],
) -> Iterator[str]:
    """Run an event loop in a thread that serves ``application`` on a socket; gives the URL."""
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def main(listener: socket.socket) -> None:
        async with application(listener):
            await end.wait()

    with listening() as (listener, url):
        listener.setblocking(False)

        def serve() -> None:
            # A server that fails closes its socket, so that no client waits for it.
            with contextlib.closing(loop), listener:
                loop.run_until_complete(main(listener))

        def stop() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(end.set)

        with serving_in_a_thread(serve, stop):
            yield url


def node_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return these options of a ``CookieSession`` under the names of Node."""
    names = {"http_only": "httpOnly", "same_site": "sameSite", "max_age": "maxAge"}
    translated = {names.get(name, name): value for name, value in options.items()}
    if "maxAge" in translated:
        translated["maxAge"] *= 1000
    return translated
