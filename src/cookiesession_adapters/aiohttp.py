"""Sessions for aiohttp: set the application up once, and ask for a request's session.

setup(app, keys=[...])
session = get_session(request)

The session is committed when the handler has returned or raised, while a failure can still become
a 500; or earlier, when the handler prepares a stream, a WebSocket or a file by itself. The cookies
are put into the headers when aiohttp is about to send them, also for an error page.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any, overload

from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    ConfigurationError,
    CookieSession,
    CookieSessionOptions,
    Session,
    Typed,
    commit_headers,
    end_request,
    find_session,
    log_late_writes,
    session_key,
    shared_session,
)

from ._checks import check_application
from ._extras import NeedsExtra

with NeedsExtra("aiohttp"):
    from aiohttp import web
    from aiohttp.typedefs import Handler


def setup(
    app: web.Application,
    sessions: CookieSession | None = None,
    **options: Unpack[CookieSessionOptions],
) -> None:
    """Give every request of ``app`` and its sub-applications a session.

    Call it after adding middlewares that set the scheme behind a proxy, and before all others
    that use the session.

    Args:
        app: the application, not yet started.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.

    Raises:
        ConfigurationError: for wrong options, options beside a ready-made configuration, or an
            application that has started.
        TypeError: when ``app`` is not an application of aiohttp.
    """
    try:
        check_application(app, web.Application, "an aiohttp application", options)
        configured = CookieSession.from_arguments(sessions, options)
    except BaseException:
        del app
        raise
    finally:
        del sessions  # it may be a list of keys, by mistake
    if app.frozen:
        message = "the application has started: call setup(app, ...) before that"
        raise ConfigurationError(message)
    served = _Served(configured)
    app.middlewares.append(served.open_and_decide)
    app.on_response_prepare.append(served.add_headers)
    app.on_shutdown.append(served.note_shutdown)


@overload
def get_session(request: web.Request, name: str | None = None) -> Session: ...
@overload
def get_session(request: web.Request, name: str | None = None, *, of: type[Typed]) -> Typed: ...
def get_session(request: web.Request, name: str | None = None, *, of: type[Any] = Session) -> Any:
    """Return the request's session.

    Args:
        request: the request.
        name: the cookie name, if the application has several sessions; ``None``: the innermost.
        of: a ``TypedDict``. Type checkers then see the session as one; nothing is checked here.

    Raises:
        ConfigurationError: when :func:`setup` was not called.
        TypeError: when ``request`` is something else.
    """
    if not isinstance(request, web.BaseRequest):
        message = f"expected a request of aiohttp, got {type(request).__name__}"
        raise TypeError(message)
    return find_session(_held(request), name, remedy="call setup(app, ...) first").typed(of)


class _Served:
    """What aiohttp calls: a middleware, and signals before the headers and the shutdown."""

    def __init__(self, sessions: CookieSession) -> None:
        self._sessions = sessions
        self._key = session_key(sessions.name)
        self._end_key = f"{self._key}:end"
        self._is_shutting_down = False

    @web.middleware
    async def open_and_decide(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        held = _held(request)
        shared = shared_session(held, self._sessions)
        if shared is not None:  # an outer application commits it
            held[SESSION_KEY] = shared
            return await handler(request)
        # aiohttp decodes non-ASCII differently; use the raw bytes.
        cookies = (value for name, value in request.raw_headers if name.lower() == b"cookie")
        session = self._sessions.open(cookies, https=request.secure)
        held[SESSION_KEY] = held[self._key] = session
        held[self._end_key] = end = _End(session)
        try:
            response = await self._decided(session, request, handler)
        except BaseException as error:
            end.handler_is_done(has_response=isinstance(error, Exception))
            raise
        end.handler_is_done(has_response=True)
        return response

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        held = _held(request)
        if self._key in held:
            _merge(held[self._key], response)
            held[self._end_key].headers_are_ready()

    async def note_shutdown(self, _: web.Application) -> None:
        self._is_shutting_down = True

    async def _decided(
        self, session: Session, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as raised:  # a response as well
            _commit(session, raised.status)
            raise
        except BaseException as error:
            # With handler_cancellation, a client that leaves cancels the handler: nobody misses
            # its cookies. A server that shuts down cancels handlers as well.
            has_left = request.transport is None and not self._is_shutting_down
            if has_left or isinstance(error, Exception):
                with suppress(Exception):  # an error page goes out in any case
                    session.commit()
            log_late_writes(session)
            raise
        # A handler may return None by mistake: aiohttp then makes an error page.
        _commit(session, getattr(response, "status", _SERVER_ERROR))
        return response


_SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR


def _commit(session: Session, status: int) -> None:
    session.commit()
    if status >= _SERVER_ERROR:
        log_late_writes(session)


def _merge(session: Session, response: web.StreamResponse) -> None:
    before = list(response.headers.items())
    try:
        fields = commit_headers(session, before)
    except BaseException:
        del before  # it may hold cookies
        raise
    if fields is not before:
        response.headers.clear()
        response.headers.extend(fields)
    if response.status >= _SERVER_ERROR:
        log_late_writes(session)


class _End:
    """Ends the session's part in a request when its handler and its task are done.

    aiohttp has a task for each request. The body may be a generator of the application, which
    runs in this task after the handler.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left = {"handler", "response"}

    def handler_is_done(self, *, has_response: bool) -> None:
        if not has_response:
            self._left.discard("response")
        self._without("handler")

    def headers_are_ready(self) -> None:
        task: Any = asyncio.current_task()
        task.add_done_callback(self._task_is_done)

    def _task_is_done(self, _: asyncio.Task[Any]) -> None:
        self._without("response")

    def _without(self, part: str) -> None:
        if part in self._left:
            self._left.remove(part)
            if not self._left:
                end_request(self._session, "the handler was cancelled before any response")


def _held(request: web.Request) -> dict[str, Any]:
    # With the writer of the response, not in the request: a middleware that sets the scheme behind
    # a proxy clones the request, and aiohttp answers the original. Both have the same writer.
    held: dict[str, Any] = vars(request.writer).setdefault(SESSION_KEY, {})
    return held
