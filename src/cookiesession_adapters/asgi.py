"""Sessions for any ASGI 3 application: wrap it, and ask for its session.

application = CookieSessionMiddleware(application, keys=[...])
session = get_session(scope)    # or request.session in Starlette and FastAPI

HTTP and WebSocket connections have a session. What is written to it before a WebSocket is
accepted (or denied by a response) leaves with that answer; a later write raises.

Wrapped around the whole application it serves every response. Among the middlewares of
Starlette or FastAPI (``app.add_middleware``) it serves all but the page for an exception that
nobody handles, which is made further out; what was written to the session is then logged as lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from typing_extensions import Unpack

from cookiesession_core import (
    CookieSession,
    CookieSessionOptions,
    Session,
    commit_nowhere,
    commit_raw_headers,
    find_session,
    session_key,
)

Message = MutableMapping[str, Any]

# Frameworks have types of their own for what goes in and out; this is what these agree on.
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
"""The messages that hold a response's headers, and the one that ends a handshake without any."""


class CookieSessionMiddleware:
    """Give every connection of ``app`` a session, and write it with the response headers.

    Args:
        app: the ASGI application.
        sessions: a ready-made configuration, in the place of the options.
        options: the keywords of :class:`CookieSession`.

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
        self.sessions: CookieSession = CookieSession.from_arguments(sessions, options)
        self._own_key = session_key(self.sessions.name)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection; other scopes than HTTP and WebSocket pass through."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        https = scope.get("scheme") in ("https", "wss")
        headers = scope["headers"]
        if type(headers) is not list:
            # The specification asks for an iterable, so this may be good for one reading only.
            headers = scope["headers"] = list(headers)
        session = self.sessions.open(headers, https)
        # In place, as Starlette's middleware does: who watches the scope from further out expects
        # to find there what the router has put into it.
        scope[SCOPE_KEY] = scope[self._own_key] = session

        async def send_with_session(message: Message) -> None:
            kind = message["type"]
            if kind in DECISIVE:
                if kind == "websocket.close":
                    commit_nowhere(session, "a handshake refused by websocket.close has no headers")
                elif not session.commit_untouched():
                    headers = commit_raw_headers(session, message.get("headers", ()))
                    message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, send_with_session)
        except Exception:
            commit_nowhere(session, "an exception left the application before any response")
            raise


def get_session(scope: Mapping[str, Any], name: str | None = None) -> Session:
    """Return the connection's session.

    Args:
        scope: the connection's scope.
        name: the cookie name, where several middlewares are stacked; else the innermost's.

    Raises:
        ConfigurationError: when no such middleware wraps the application.
    """
    remedy = "wrap the application in CookieSessionMiddleware"
    return find_session(scope, name, key=SCOPE_KEY, remedy=remedy)
