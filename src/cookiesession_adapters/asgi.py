"""Sessions for any ASGI 3 application: wrap it, and ask for its session.

application = CookieSessionMiddleware(application, keys=[...])
session = get_session(scope)    # or request.session in Starlette and FastAPI

HTTP and WebSocket connections have a session. A write before a WebSocket is accepted (or denied
by a response) is sent with that answer; a later write raises.

If the middleware wraps the whole application, it serves every response. As one of the middlewares
of Starlette or FastAPI (``app.add_middleware``), it does not serve the page for an exception that
nobody handles, because an outer layer makes that page. A write to the session is then logged as
lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from typing_extensions import Unpack

from cookiesession_core import (
    CookieSession,
    CookieSessionOptions,
    Session,
    commit_raw_headers,
    find_session,
    report_uncommitted,
    session_key,
)

Message = MutableMapping[str, Any]

# Frameworks have their own types for the three arguments; Any fits all of them.
App = Callable[[Any, Any, Any], Awaitable[None]]

SCOPE_KEY = "session"
"""Where Starlette and its relatives look for ``request.session``."""

DECISIVE = frozenset(
    [
        "http.response.start",
        "websocket.accept",
        "websocket.http.response.start",
        "websocket.close",
    ]
)
"""The messages that hold a response's headers, and the one that ends a handshake without them."""


class CookieSessionMiddleware:
    """Give every connection of ``app`` a session, and write it with the response headers.

    Args:
        app: the ASGI application.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
    """

    def __init__(
        self,
        app: App,
        sessions: CookieSession | None = None,
        **options: Unpack[CookieSessionOptions],
    ) -> None:
        self.app = app
        try:
            self.sessions: CookieSession = CookieSession.from_arguments(sessions, options)
        finally:
            del sessions  # it may be a list of keys, by mistake
        self._own_key = session_key(self.sessions.name)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection; other scopes than HTTP and WebSocket pass through."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        https = scope.get("scheme") in ("https", "wss")
        headers = scope["headers"]
        if type(headers) is not list:
            # The specification allows any iterable, also one that can be read only once.
            headers = scope["headers"] = list(headers)
        session = self.sessions.open(headers, https)
        # In place, as Starlette's middleware does: outer middleware relies on seeing the same
        # scope object.
        scope[SCOPE_KEY] = scope[self._own_key] = session

        async def send_with_session(message: Message) -> None:
            kind = message["type"]
            if kind in DECISIVE:
                if kind == "websocket.close":
                    report_uncommitted(
                        session, "a handshake refused by websocket.close has no headers"
                    )
                else:
                    fields = message.get("headers", ())
                    headers = commit_raw_headers(session, fields)
                    if headers is not fields:
                        message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, send_with_session)
        except Exception:
            report_uncommitted(session, "an exception left the application before any response")
            raise


def get_session(scope: Mapping[str, Any], name: str | None = None) -> Session:
    """Return the connection's session.

    Args:
        scope: the connection's scope.
        name: the cookie name, if several middlewares are stacked; ``None``: the innermost.

    Raises:
        ConfigurationError: when no such middleware wraps the application.
    """
    remedy = "wrap the application in CookieSessionMiddleware"
    return find_session(scope, name, key=SCOPE_KEY, remedy=remedy)
