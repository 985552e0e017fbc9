"""Sessions for aiohttp: set the application up once, and ask for a request's session.

setup(app, keys=[...])
session = get_session(request)

The session is committed when the handler has returned or raised, while a failure can still become
a 500; or earlier, when the handler prepares a stream, a WebSocket or a file by itself. The cookies
are put into the headers when aiohttp is about to send them, also for an error page.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    CookieSession,
    CookieSessionOptions,
    Session,
    commit_headers,
    end_request,
    find_session,
    log_late_writes,
    session_key,
    shared_session,
)


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
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
    """
    try:
        configured = CookieSession.from_arguments(sessions, options)
    finally:
        del sessions  # it may be a list of keys, by mistake
    own_key = session_key(configured.name)

    @web.middleware
    async def open_and_decide(request: web.Request, handler: Handler) -> web.StreamResponse:
        held = _held(request)
        shared = shared_session(held, configured)
        if shared is not None:  # an outer application commits it
            held[SESSION_KEY] = shared
            return await handler(request)
        # aiohttp decodes non-ASCII differently; use the raw bytes.
        cookies = (value for name, value in request.raw_headers if name.lower() == b"cookie")
        session = configured.open(cookies, https=request.secure)
        held[SESSION_KEY] = held[own_key] = session
        held[f"{own_key}:end"] = end = _End(session)
        try:
            try:
                response = await handler(request)
            except web.HTTPException as raised:  # a response as well
                _commit(session, raised.status)
                raise
            except Exception:
                with suppress(Exception):  # an error page goes out in any case
                    session.commit()
                log_late_writes(session)
                raise
            except BaseException:
                log_late_writes(session)
                end.no_headers_follow()
                raise
            # A handler may return None by mistake: aiohttp then makes an error page.
            _commit(session, getattr(response, "status", _SERVER_ERROR))
        finally:
            end.handler_is_done()
        return response

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        held = _held(request)
        if own_key in held:
            _merge(held[own_key], response)
            held[f"{own_key}:end"].headers_are_sent()

    app.middlewares.append(open_and_decide)
    app.on_response_prepare.append(add_headers)


def get_session(request: web.Request, name: str | None = None) -> Session:
    """Return the request's session.

    Args:
        request: the request.
        name: the cookie name, if the application has several sessions; ``None``: the innermost.

    Raises:
        ConfigurationError: when :func:`setup` was not called.
    """
    return find_session(_held(request), name, remedy="call setup(app, ...) first")


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
    """Ends the session's part in a request when the handler is done and the headers are sent."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left = {"handler", "headers"}

    def handler_is_done(self) -> None:
        self._without("handler")

    def headers_are_sent(self) -> None:
        self._without("headers")

    def no_headers_follow(self) -> None:
        self._left.discard("headers")

    def _without(self, part: str) -> None:
        if part in self._left:
            self._left.remove(part)
            if not self._left:
                end_request(self._session, "the handler was cancelled before any response")


def _held(request: web.Request) -> dict[str, Any]:
    # The sessions are kept with the writer of the response, not in the request. A middleware that
    # sets the scheme behind a proxy clones the request, and aiohttp then sends the response, or its
    # error page, for the original. Both requests have the same writer, and no other request has it.
    held: dict[str, Any] = vars(request.writer).setdefault(SESSION_KEY, {})
    return held
