"""Sessions in Litestar's own place: ``request.session``, ``SessionAuth`` and the test client.

config = CookieSessionConfig(keys=[...])
app = Litestar(..., middleware=[config.middleware])

``request.set_session(value)`` begins a new session with what Litestar's serializer makes of a
dict, a dataclass, a Struct or a model. ``request.clear_session()`` ends the session. A session
whose last item was removed ends as well, as Litestar's own sessions do.

A session that is too large, or that JSON cannot hold, is an error for Litestar's exception
handlers. In all other respects the adapter for ASGI serves the connections.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    ConfigurationError,
    CookieSession,
    CookieSessionOptions,
    Hidden,
    Session,
    commit_raw_headers,
    end_emptied,
    log_late_writes,
    report_replaced,
    session_key,
)

from . import asgi
from ._extras import NeedsExtra

with NeedsExtra("litestar"):
    from litestar.datastructures import MutableScopeHeaders
    from litestar.enums import ScopeType
    from litestar.middleware import DefineMiddleware
    from litestar.middleware.session import base
    from litestar.serialization.msgspec_hooks import DEFAULT_TYPE_ENCODERS
    from litestar.types import Empty
    from litestar.utils.scope import get_serializer_from_scope
    from litestar.utils.scope.state import set_litestar_scope_state
    from msgspec import to_builtins

START = "http.response.start"

# Litestar's own sessions are dicts, and a handler may return its session.
cast("dict[type, type]", DEFAULT_TYPE_ENCODERS)[Session] = dict


class CookieSessionBackend(base.BaseSessionBackend["CookieSessionConfig"]):
    """Reads and writes the cookies of Litestar's test client.

    Litestar's own ``SessionMiddleware`` can use it for HTTP, but not for WebSockets. It then
    reports nothing at the end of a request.
    """

    def get_session_id(self, connection: Any) -> None:
        """Return ``None``: a session in cookies has no identifier."""

    async def load_from_connection(self, connection: Any) -> Any:
        """Return the session of a connection; the first call opens it."""
        scope, sessions = Hidden(connection.scope), self.config.sessions
        own_key = session_key(sessions.name)
        if own_key not in scope.value:
            if scope.value["type"] == ScopeType.WEBSOCKET:
                message = "a WebSocket needs the middleware of the CookieSessionConfig"
                raise ConfigurationError(message)
            cookies, https = scope.value["headers"], scope.value["scheme"] == "https"
            if not cookies:  # the test client has read them, and keeps those that are secure
                cookies, https = connection.cookies, bool(sessions.options.secure)
            scope.value[SESSION_KEY] = scope.value[own_key] = sessions.open(cookies, https)
            del cookies
        return scope.value[own_key]

    async def store_in_message(self, scope_session: Any, message: Any, connection: Any) -> None:
        """Add the cookies of ``scope_session`` to the message that starts a response."""
        put = Hidden(scope_session)
        fields = Hidden(MutableScopeHeaders.from_message(message).headers)
        del scope_session, message
        session = await self.load_from_connection(connection)
        _decide(session, put, Hidden(connection.scope))
        fields.value[:] = commit_raw_headers(session, fields.value)


class CookieSessionConfig(base.BaseBackendConfig[CookieSessionBackend]):
    """The configuration of an application's sessions.

    Args:
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.
        exclude: a pattern, or several, of paths that have no session.
        exclude_opt_key: a route handler has no session if its ``opt`` has this key.
        scopes: the types of connections that have a session.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
    """

    _backend_class = CookieSessionBackend

    def __init__(
        self,
        sessions: CookieSession | None = None,
        *,
        exclude: str | list[str] | None = None,
        exclude_opt_key: str = "skip_session",
        scopes: Collection[ScopeType] = (ScopeType.HTTP, ScopeType.WEBSOCKET),
        **options: Unpack[CookieSessionOptions],
    ) -> None:
        try:
            self.sessions: CookieSession = CookieSession.from_arguments(sessions, options)
        finally:
            del sessions  # it may be a list of keys, by mistake
        self.key: str = self.sessions.name
        self.exclude: str | list[str] | None = exclude
        self.exclude_opt_key: str = exclude_opt_key
        self.scopes: Any = set(scopes)

    @property
    def middleware(self) -> DefineMiddleware:
        """The middleware, for the whole application or for one of its layers."""
        return DefineMiddleware(_Middleware, backend=self._backend_class(config=self))


class _Middleware(base.SessionMiddleware[CookieSessionBackend]):
    """The adapter for ASGI, and around the application what it puts into ``scope["session"]``."""

    def __init__(self, app: Any, backend: CookieSessionBackend) -> None:
        super().__init__(app, backend)
        sessions = backend.config.sessions
        self._adapter = asgi.CookieSessionMiddleware(self._serve, sessions, scope_key=None)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._adapter(scope, receive, send)
        finally:
            del scope  # it holds the cookies

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        session = asgi.get_session(scope, self.backend.config.key)
        if scope.get(asgi.SCOPE_KEY, session) is not session:
            scope = {**scope}  # somebody else's session: that layer finds it unchanged
        scope[asgi.SCOPE_KEY] = session
        place = Hidden(scope)
        is_decided = False

        async def send_with_session(message: Any) -> None:
            nonlocal is_decided
            kind = message["type"]
            try:
                if not is_decided and kind in asgi.DECISIVE:
                    put = Hidden(place.value.get(asgi.SCOPE_KEY))
                    (_decide if kind == START else _take_over)(session, put, place)
                await send(message)
                is_decided = is_decided or kind in asgi.DECISIVE
            finally:
                del message  # it holds the cookies

        try:
            await self.app(scope, receive, send_with_session)
        finally:
            del scope
            put = Hidden(place.value.get(asgi.SCOPE_KEY))
            if put.value is not session:
                log_late_writes(session)  # an assignment cannot raise
                try:
                    _take_over(session, put, place)
                except Exception:  # noqa: BLE001 - the application's own exception is raised
                    report_replaced(session, place.value, asgi.SCOPE_KEY)
                place.value[asgi.SCOPE_KEY] = session


def _decide(session: Session, put: Hidden[Any], scope: Hidden[Any]) -> None:
    """Decide what the response carries, while Litestar can still make another response."""
    try:
        _take_over(session, put, scope)
        session.commit()
    except Exception:
        # Otherwise Litestar thinks that the response has started, and calls no exception handler.
        set_litestar_scope_state(scope.value, "response_started", value=False)
        raise


def _take_over(session: Session, put: Hidden[Any], scope: Hidden[Any]) -> None:
    """Let the session be what the application has put into ``scope["session"]``."""
    if put.value is session:
        end_emptied(session)
        return
    contents: Hidden[Any] = Hidden({})
    if put.value is not None and put.value is not Empty:
        encode = get_serializer_from_scope(scope.value)
        contents.value = to_builtins(put.value, enc_hook=encode, str_keys=True)
    if session.written is not None and session == contents.value:
        return  # it was decided before, and nothing has changed since
    if contents.value == {}:
        session.destroy(only_if_sent=True)
    else:
        session.replace(contents.value)
