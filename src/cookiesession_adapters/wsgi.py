"""Sessions for any WSGI application (PEP 3333): wrap it, and ask for its session.

application = CookieSessionMiddleware(application, keys=[...])
session = get_session(environ)    # or the request of a framework
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, overload

from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    CookieSession,
    CookieSessionOptions,
    Session,
    Typed,
    commit_headers,
    end_request,
    find_session,
    log_late_writes,
    report_unsent,
    session_key,
    shared_session,
)

from ._checks import check_callable
from ._ends import NO_RESPONSE, RAISED, EndingBody, is_plain

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    App = Callable[[WSGIEnvironment, Any], Iterable[bytes]]  # frameworks differ in start_response

    class _HasEnviron(Protocol):
        @property
        def environ(self) -> WSGIEnvironment: ...

    class _HasEnv(Protocol):
        @property
        def env(self) -> WSGIEnvironment: ...

    _Request = WSGIEnvironment | _HasEnviron | _HasEnv


_REMEDY = "wrap the application in CookieSessionMiddleware, and let the server run the wrapped one"
_ENVIRON = "the environ of a WSGI request, or a request that has it as environ or env"
_AT = ("environ", "env")


class CookieSessionMiddleware:
    """Give every request of ``app`` a session, and write it with the response headers.

    Args:
        app: the WSGI application.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
        TypeError: when ``app`` is not an application of WSGI.
    """

    def __init__(
        self,
        app: App,
        sessions: CookieSession | None = None,
        **options: Unpack[CookieSessionOptions],
    ) -> None:
        try:
            check_callable(app, options, is_wsgi=True)
            self.sessions: CookieSession = CookieSession.from_arguments(sessions, options)
        except BaseException:
            del app
            raise
        finally:
            del sessions  # it may be a list of keys, by mistake
        self.app = app
        self._own_key = session_key(self.sessions.name)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        # Fast path: without these keys, no outer layer has a session.
        if self._own_key in environ or "asgi.scope" in environ:
            try:
                shared = shared_session(environ, self.sessions)
                if shared is not None:  # an outer layer commits it
                    environ[SESSION_KEY] = environ[self._own_key] = shared
                    return self.app(environ, start_response)
            except BaseException:
                del environ  # it holds the cookies
                raise
        https = environ["wsgi.url_scheme"] == "https"
        session = self.sessions.open(environ.get("HTTP_COOKIE"), https)
        environ[SESSION_KEY] = environ[self._own_key] = session
        has_begun = False

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            try:
                fields = commit_headers(session, headers)
                is_untouched, headers = fields is headers, fields
                if status[:1] == "5":
                    log_late_writes(session)
                if exc_info is None:  # some servers do not take None
                    write = start_response(status, headers)
                else:
                    write = start_response(status, headers, exc_info)
            except BaseException:
                headers = fields = []  # they hold the cookies
                if exc_info is None:  # else the headers may have left before
                    report_unsent(session, "the server did not take the response")
                raise
            if is_untouched:
                return write

            def write_with_headers(chunk: bytes) -> object:
                nonlocal has_begun
                has_begun = True
                return write(chunk)

            return write_with_headers

        try:
            body = self.app(environ, start)
        except BaseException:
            if not has_begun:
                report_unsent(session, RAISED)
            end_request(session, RAISED, has_failed=True)
            del environ  # it holds the cookies
            raise
        if is_plain(body, environ):
            end_request(session, NO_RESPONSE)
            return body
        return EndingBody(body, session, lambda: has_begun)


@overload
def get_session(request: _Request, name: str | None = None) -> Session: ...
@overload
def get_session(request: _Request, name: str | None = None, *, of: type[Typed]) -> Typed: ...
def get_session(request: _Request, name: str | None = None, *, of: type[Any] = Session) -> Any:
    """Return the request's session.

    Args:
        request: the environ, or a framework's request, which has it as ``environ`` or ``env``.
        name: the cookie name, if several middlewares are stacked; ``None``: the innermost.
        of: a ``TypedDict``. Type checkers then see the session as one; nothing is checked here.

    Raises:
        ConfigurationError: when no such middleware wraps the application.
        TypeError: for an object without an environ.
    """
    try:
        return find_session(request, name, remedy=_REMEDY, expected=_ENVIRON, at=_AT).typed(of)
    finally:
        del request
