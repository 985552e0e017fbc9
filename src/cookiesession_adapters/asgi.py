"""Sessions for any ASGI 3 application: wrap it, and ask for its session.

application = CookieSessionMiddleware(application, keys=[...])
session = get_session(scope)    # or the request of a framework; request.session in Starlette

HTTP and WebSocket connections have a session. A write before a WebSocket is accepted (or denied
by a response) is sent with that answer; a later write raises. If a server says that it sends no
headers with ``accept``, the write is logged as lost.

If the middleware wraps the whole application, it serves every response. As one of the middlewares
of Starlette or FastAPI (``app.add_middleware``), it does not serve the page for an exception that
nobody handles: an outer layer makes that page. A write to the session is then logged as lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol, overload

from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    CookieSession,
    CookieSessionOptions,
    Session,
    Typed,
    commit_raw_headers,
    end_request,
    find_session,
    log_late_writes,
    report_replaced,
    report_uncommitted,
    report_unsent,
    session_key,
    shared_session,
)

from ._checks import check_callable
from ._ends import NO_RESPONSE, RAISED

if TYPE_CHECKING:

    class _HasScope(Protocol):
        @property
        def scope(self) -> Any: ...

    _Request = Mapping[str, Any] | _HasScope

Message = MutableMapping[str, Any]

App = Callable[[Any, Any, Any], Awaitable[None]]  # frameworks have types of their own

_REMEDY = (
    "wrap the application in CookieSessionMiddleware, and let the server run the wrapped one; "
    "or use app.add_middleware(CookieSessionMiddleware, ...)"
)
_SCOPE = "the scope of an ASGI connection, or a request that has it as scope"
SCOPE_KEY = "session"
"""Where Starlette and its relatives look for ``request.session``."""

DECISIVE = frozenset(
    ["http.response.start", "websocket.accept", "websocket.http.response.start", "websocket.close"]
)
"""The messages that hold a response's headers, and the one that ends a handshake without them."""


class CookieSessionMiddleware:
    """Give every connection of ``app`` a session, and write it with the response headers.

    Args:
        app: the ASGI application.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.
        scope_key: where the scope has the session for frameworks: ``scope["session"]`` is the
            ``request.session`` of Starlette. ``None``: leave that place to somebody else.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
        TypeError: when ``app`` is not an application of ASGI.
    """

    def __init__(
        self,
        app: App,
        sessions: CookieSession | None = None,
        *,
        scope_key: str | None = SCOPE_KEY,
        **options: Unpack[CookieSessionOptions],
    ) -> None:
        try:
            check_callable(app, options)
            self.sessions: CookieSession = CookieSession.from_arguments(sessions, options)
        except BaseException:
            del app
            raise
        finally:
            del sessions  # it may be a list of keys, by mistake
        self.app = app
        self._own_key = session_key(self.sessions.name)
        self._scope_key = self._own_key if scope_key is None else scope_key

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection; other scopes than HTTP and WebSocket pass through."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if self._own_key in scope:
            try:
                session = shared_session(scope, self.sessions)
                if session is not None:  # an outer layer commits it
                    scope = self._shared(scope, session)
                    await self.app(scope, receive, send)
                    if scope.get(self._scope_key) is not session:
                        report_replaced(session, scope, self._scope_key)
                    return
            except BaseException:
                del scope  # it holds the cookies
                raise
        https = scope.get("scheme") in ("https", "wss")
        if type(scope["headers"]) is not list:
            # The specification allows any iterable of iterables, also such that are read only once.
            scope["headers"] = [*map(tuple, scope["headers"])]
        session = self.sessions.open(scope["headers"], https)
        if self._scope_key in scope:
            # Somebody else's session: the layer that put it there finds it unchanged.
            scope = {**scope}
        # In place, as Starlette does: outer middleware relies on seeing the same scope object.
        scope[self._scope_key] = scope[SESSION_KEY] = scope[self._own_key] = session
        takes_headers = scope["type"] == "http" or _sends_headers_of_accept(scope)

        async def send_with_session(message: Message) -> None:
            try:
                if message["type"] in DECISIVE:
                    message = _decided(message, session, takes_headers)
                await send(message)
            except BaseException as error:
                # A server raises OSError if the client has left: nobody misses these cookies.
                if message["type"] in DECISIVE and not isinstance(error, OSError):
                    report_unsent(session, "the server did not take the response")
                del message  # it holds the cookies
                raise

        try:
            await self.app(scope, receive, send_with_session)
            if scope.get(self._scope_key) is not session:
                report_replaced(session, scope, self._scope_key)
        except BaseException:
            end_request(session, RAISED, has_failed=True)
            del scope  # it holds the cookies
            raise
        end_request(session, NO_RESPONSE)

    def _shared(self, scope: Any, session: Session) -> Any:
        places = {self._scope_key: session, SESSION_KEY: session}
        is_between = any(scope.get(place) is not session for place in places)
        return {**scope, **places} if is_between else scope


def _decided(message: Message, session: Session, takes_headers: bool) -> Message:  # noqa: FBT001
    """Commit the session, and return the message with its cookies if the server sends them."""
    kind = message["type"]
    if kind == "websocket.close":
        report_uncommitted(session, "a handshake refused by websocket.close has no headers")
        return message
    if kind == "websocket.accept" and not takes_headers:
        report_uncommitted(session, "this server sends no headers when it accepts a WebSocket")
        return message
    fields = message.get("headers", ())
    try:
        headers = commit_raw_headers(session, fields)
    except BaseException:
        del message, fields  # they may hold cookies
        raise
    if headers is not fields:
        message = {**message, "headers": headers}
    if message.get("status", 0) >= 500:  # noqa: PLR2004 - the request has failed
        log_late_writes(session)
    return message


def _sends_headers_of_accept(scope: Mapping[str, Any]) -> bool:
    """Whether the server sends the headers of ``websocket.accept``: new in version 2.1.

    The specification takes a missing version for 2.0. A scope without ``asgi`` comes from a test
    client, which takes the headers.
    """
    return "asgi" not in scope or scope["asgi"].get("spec_version", "2.0") >= "2.1"


@overload
def get_session(request: _Request, name: str | None = None) -> Session: ...
@overload
def get_session(request: _Request, name: str | None = None, *, of: type[Typed]) -> Typed: ...
def get_session(request: _Request, name: str | None = None, *, of: type[Any] = Session) -> Any:
    """Return the connection's session.

    Args:
        request: the scope, or a framework's request or WebSocket, which has it as ``scope``.
        name: the cookie name, if several middlewares are stacked; ``None``: the innermost.
        of: a ``TypedDict``. Type checkers then see the session as one; nothing is checked here.

    Raises:
        ConfigurationError: when no such middleware wraps the application.
        TypeError: for an object without a scope.
    """
    try:
        return find_session(request, name, remedy=_REMEDY, expected=_SCOPE, at=["scope"]).typed(of)
    finally:
        del request
