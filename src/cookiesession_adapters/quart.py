"""Quart's own session: ``quart.session`` is a session of ours, also in a WebSocket.

setup(app, keys=[...])

As :mod:`cookiesession_adapters.flask`, with coroutines. The ASGI adapter around ``app.asgi_app``
opens the session of a connection and ends it, and sends it with the handshake of a WebSocket.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from typing_extensions import Unpack

from cookiesession_core import (
    CookieSession,
    CookieSessionOptions,
    Session,
    end_emptied,
    session_key,
    shared_session,
)

from ._checks import check_application
from ._extras import NeedsExtra
from .asgi import CookieSessionMiddleware

with NeedsExtra("quart"):
    from quart import Quart
    from quart.sessions import SessionInterface, SessionMixin
    from quart.wrappers import BaseRequestWebsocket

    from .flask_session import FlaskSession, configured_for, write_headers


def setup(
    app: Quart, sessions: CookieSession | None = None, **options: Unpack[CookieSessionOptions]
) -> None:
    """Make ``quart.session`` a session of ours, in all requests and WebSockets of ``app``.

    Call it after Quart's settings are loaded.

    Args:
        app: the application.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`. It keeps its own attributes.

    Raises:
        ConfigurationError: for wrong options or settings, or options beside a ready-made
            configuration.
        TypeError: when ``app`` is not an application of Quart.
    """
    try:
        check_application(app, Quart, "a Quart application", options)
        configured, check = configured_for(app, sessions, options)
    except BaseException:
        del app
        raise
    finally:
        del sessions  # it may be a list of keys, by mistake
    app.session_interface = CookieSessionInterface(configured)  # type: ignore[assignment]
    inner = _Inside(app.asgi_app, configured.name, check)
    app.asgi_app = CookieSessionMiddleware(  # type: ignore[method-assign]
        inner, configured, scope_key=None
    )


class CookieSessionInterface(SessionInterface):
    """Opens and saves the sessions of Quart; made by :func:`setup`.

    Args:
        sessions: the configuration.
    """

    def __init__(self, sessions: CookieSession) -> None:
        self.sessions: CookieSession = sessions

    def get_cookie_name(self, app: Quart) -> str:  # noqa: ARG002 - as Quart calls it
        """Return the name of the session's cookie."""
        return self.sessions.name

    def is_null_session(self, instance: object) -> bool:
        """Return whether a session is not to be saved, also one that could not be opened."""
        return not isinstance(instance, FlaskSession)

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> FlaskSession:  # noqa: ARG002
        """Return the session of a connection, or of the fake request of a test client."""
        session = shared_session(request.scope, self.sessions)
        if session is None:  # a fake request passes no middleware
            cookies = request.headers.getlist("Cookie")
            session = self.sessions.open(cookies, request.scheme in ("https", "wss"))
        return FlaskSession(session)

    async def save_session(self, app: Quart, session: SessionMixin, response: Any) -> None:  # noqa: ARG002
        """Commit the session, and write it into the headers of the response.

        After a WebSocket there is no response: the ASGI adapter has sent the session before.
        """
        if response is not None:
            write_headers(session.core, response)  # type: ignore[attr-defined] # a FlaskSession


class _Inside:
    """Inside the ASGI adapter: what Quart does with a handshake, and when the client leaves."""

    def __init__(self, app: Any, name: str, check: Callable[[], None]) -> None:
        self._app = app
        self._key = session_key(name)
        self._check = check

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        received: set[str] = set()
        if scope["type"] == "websocket":
            send = partial(_send_ended, scope[self._key], send)
        else:
            receive = partial(_receive_noted, received, receive)
        try:
            self._check()
            await self._app(scope, receive, send)
        except BaseException:
            del scope  # it holds the cookies
            raise
        if "http.disconnect" in received:
            # Quart has cancelled the handler. Nobody misses the cookies of a client that has left.
            with suppress(Exception):
                scope[self._key].commit()


async def _receive_noted(received: set[str], receive: Any) -> Any:
    message = await receive()
    received.add(message["type"])
    return message


async def _send_ended(session: Session, send: Any, message: Any) -> None:
    if message["type"] == "websocket.accept":
        end_emptied(session)
    try:
        await send(message)
    except BaseException:
        del message  # it may hold cookies
        raise
