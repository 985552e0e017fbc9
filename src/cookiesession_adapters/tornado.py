"""Sessions for Tornado: set the application up once, and ask for a handler's session.

setup(application, keys=[...])
session = get_session(handler)

The session is committed before the handler's first ``flush``, while a failure can still become an
error page. The cookies are put into the headers when the headers reach the connection: by then
they also hold the cookies of ``handler.set_cookie``.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast, overload

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
    log_late_writes,
    session_key,
    shared_session,
)

from ._checks import check_application
from ._extras import NeedsExtra

with NeedsExtra("tornado"):
    from tornado import httputil, web
    from tornado.concurrent import Future
    from tornado.iostream import IOStream
    from tornado.websocket import WebSocketHandler

_Handler = web.RequestHandler


def setup(
    application: web.Application,
    sessions: CookieSession | None = None,
    **options: Unpack[CookieSessionOptions],
) -> None:
    """Give every handler of ``application`` a session.

    Args:
        application: the application.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
        TypeError: when ``application`` is not an application of Tornado.
    """
    try:
        check_application(application, web.Application, "a Tornado application", options)
        configured = CookieSession.from_arguments(sessions, options)
    except BaseException:
        del application
        raise
    finally:
        del sessions  # it may be a list of keys, by mistake
    key = session_key(configured.name)
    if key in application.settings:
        # This refuses a second configuration that differs from the first one.
        shared_session({key: application.settings[key].open()}, configured)
    for place in (SESSION_KEY, key):
        application.settings[place] = configured


@overload
def get_session(handler: _Handler, name: str | None = None) -> Session: ...
@overload
def get_session(handler: _Handler, name: str | None = None, *, of: type[Typed]) -> Typed: ...
def get_session(handler: _Handler, name: str | None = None, *, of: type[Any] = Session) -> Any:
    """Return the session of the request that ``handler`` serves.

    Args:
        handler: the handler.
        name: the cookie name, if the application has several sessions; ``None``: the last one.
        of: a ``TypedDict``. Type checkers then see the session as one; nothing is checked here.

    Raises:
        ConfigurationError: when :func:`setup` was not called.
        TypeError: when ``handler`` is something else.
    """
    if not isinstance(handler, web.RequestHandler):
        message = f"expected a RequestHandler of Tornado, got {type(handler).__name__}"
        raise TypeError(message)
    sessions = handler.settings.get(SESSION_KEY if name is None else session_key(name))
    if not isinstance(sessions, CookieSession):
        which = "" if name is None else f" for the cookie {name!r}"
        message = f"no session here{which}: call setup(application, ...) first"
        raise ConfigurationError(message)
    attributes = vars(handler.request)  # a request may pass through several handlers
    key = session_key(sessions.name)
    if key not in attributes:
        attributes[key] = _open(handler, sessions)
    return attributes[key].typed(of)


def _open(handler: web.RequestHandler, sessions: CookieSession) -> Session:
    request = handler.request
    session = sessions.open(request.headers.get_list("Cookie"), https=request.protocol == "https")
    connection = _Connection(cast("httputil.HTTPConnection", request.connection), session)
    flush = handler.flush

    def decide_and_flush(include_footers: bool = False) -> Future[None]:  # noqa: FBT001, FBT002
        session.commit()
        return flush(include_footers)

    # On the instances of this one request, so that the application's classes stay as they are.
    request.connection = connection
    if handler._headers_written:  # noqa: SLF001 - Tornado has no public way
        session.commit()  # too late to send anything: from here on, a write raises
    else:
        handler.flush = decide_and_flush  # type: ignore[method-assign]
    with suppress(RuntimeError):  # in a thread, there is no task
        connection.watch(asyncio.current_task())
    if isinstance(handler, WebSocketHandler):
        on_close = handler.on_close

        def close_and_end() -> None:
            try:
                on_close()
            finally:
                connection.end()

        handler.on_close = close_and_end  # type: ignore[method-assign]
    elif handler._finished:  # noqa: SLF001 - the first touch is in on_finish, or later
        connection.response_is_done()
    return session


class _Connection(httputil.HTTPConnection):
    """The request's connection, which adds the session to the headers that pass through."""

    def __init__(self, connection: httputil.HTTPConnection, session: Session) -> None:
        self._connection, self._session = connection, session
        self._task: asyncio.Task[Any] | None = None
        self._is_upgrade = self._is_finished = self._is_ended = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def write_headers(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
        chunk: bytes | None = None,
    ) -> Future[None]:
        try:
            headers = self._with_cookies(headers)
            status = getattr(start_line, "code", 0)
            self._is_upgrade = status == HTTPStatus.SWITCHING_PROTOCOLS
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log_late_writes(self._session)
            return self._connection.write_headers(start_line, headers, chunk)
        except BaseException:
            del headers  # they hold the cookies
            raise

    def _with_cookies(self, headers: httputil.HTTPHeaders) -> httputil.HTTPHeaders:
        before = list(headers.get_all())
        fields = commit_headers(self._session, before)
        if fields is not before:
            headers = httputil.HTTPHeaders()
            for name, value in fields:
                headers.add(name, value)
        return headers

    def write(self, chunk: bytes) -> Future[None]:
        return self._connection.write(chunk)

    def finish(self) -> None:
        self._connection.finish()
        if not self._is_upgrade:  # a WebSocket ends when it closes
            self.response_is_done()

    def detach(self) -> IOStream:
        if not self._is_upgrade:
            self.end("the handler took the connection before any response")
        stream: IOStream = self._connection.detach()  # type: ignore[attr-defined]
        return stream

    def watch(self, task: asyncio.Task[Any] | None) -> None:
        """Take note of the task of the handler; other tasks do not end the request."""
        if task is not None and getattr(task.get_coro(), "__name__", "") == "_execute":
            self._task = task
            task.add_done_callback(self._handler_is_done)

    def response_is_done(self) -> None:
        """End the request after ``on_finish``, and after the handler's task if that still runs."""
        self._is_finished = True
        if self._task is None or self._task.done():
            asyncio.get_running_loop().call_soon(self.end)

    def _handler_is_done(self, task: asyncio.Task[Any]) -> None:
        # Tornado makes no error page for some exceptions that are no Exception.
        if self._is_finished or task.cancelled() or task.exception() is not None:
            self.end("the handler was cancelled before any response")

    def end(self, reason: str = "") -> None:
        """End the session's part in the request, once."""
        if not self._is_ended:
            self._is_ended = True
            end_request(self._session, reason)
