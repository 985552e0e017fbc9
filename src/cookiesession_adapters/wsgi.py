"""Sessions for any WSGI application (PEP 3333): wrap it, and ask for its session.

application = CookieSessionMiddleware(application, keys=[...])
session = get_session(environ)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    CookieSession,
    CookieSessionOptions,
    Session,
    commit_headers,
    find_session,
    report_uncommitted,
    session_key,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    # Frameworks have their own types for `start_response`; Any fits all of them.
    App = Callable[[WSGIEnvironment, Any], Iterable[bytes]]


class CookieSessionMiddleware:
    """Give every request of ``app`` a session, and write it with the response headers.

    Args:
        app: the WSGI application.
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

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        https = environ["wsgi.url_scheme"] == "https"
        session = self.sessions.open(environ.get("HTTP_COOKIE"), https)
        environ[SESSION_KEY] = environ[self._own_key] = session

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            headers = commit_headers(session, headers)
            # Some servers do not take exc_info=None.
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        try:
            return self.app(environ, start)
        except Exception:
            report_uncommitted(session, "an exception left the application before any response")
            raise


def get_session(environ: WSGIEnvironment, name: str | None = None) -> Session:
    """Return the request's session.

    Args:
        environ: the request's environ.
        name: the cookie name, if several middlewares are stacked; ``None``: the innermost.

    Raises:
        ConfigurationError: when no such middleware wraps the application.
    """
    remedy = "wrap the application in CookieSessionMiddleware"
    return find_session(environ, name, remedy=remedy)
