"""Flask's own session: ``flask.session`` is a session of ours.

setup(app, keys=[...])

The cookie's attributes come from Flask's settings, unless they are given. The session is committed
after all ``after_request`` functions, so a session that is too large meets Flask's error handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from cookiesession_core import (
    SESSION_KEY,
    CookieSession,
    CookieSessionOptions,
    end_request,
    report_unsent,
    session_key,
    shared_session,
)

from ._checks import check_application
from ._ends import NO_RESPONSE, RAISED, EndingBody, is_plain
from ._extras import NeedsExtra

with NeedsExtra("flask"):
    from flask import Flask, Request, Response
    from flask.sessions import SessionInterface, SessionMixin

    from .flask_session import FlaskSession, configured_for, write_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def setup(
    app: Flask, sessions: CookieSession | None = None, **options: Unpack[CookieSessionOptions]
) -> None:
    """Make ``flask.session`` a session of ours, in all requests of ``app``.

    Call it after Flask's settings are loaded.

    Args:
        app: the application.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`. It keeps its own attributes.

    Raises:
        ConfigurationError: for wrong options or settings, or options beside a ready-made
            configuration.
        TypeError: when ``app`` is not an application of Flask.
    """
    try:
        check_application(app, Flask, "a Flask application", options)
        configured, check = configured_for(app, sessions, options)
    except BaseException:
        del app
        raise
    finally:
        del sessions  # it may be a list of keys, by mistake
    app.session_interface = CookieSessionInterface(configured)
    app.wsgi_app = _Ending(app.wsgi_app, configured.name, check)  # type: ignore[method-assign]


class CookieSessionInterface(SessionInterface):
    """Opens and saves the sessions of Flask; made by :func:`setup`.

    Args:
        sessions: the configuration.
    """

    def __init__(self, sessions: CookieSession) -> None:
        self.sessions: CookieSession = sessions
        self._own_key = session_key(sessions.name)

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 - as Flask calls it
        """Return the name of the session's cookie."""
        return self.sessions.name

    def is_null_session(self, obj: object) -> bool:
        """Return whether a session is not to be saved, also one that could not be opened."""
        return not isinstance(obj, FlaskSession)

    def open_session(self, app: Flask, request: Request) -> FlaskSession:  # noqa: ARG002 - as above
        """Return the session of a request, or of the fake request of a test client."""
        environ = request.environ
        try:
            session = shared_session(environ, self.sessions)
        except BaseException:
            del environ  # it holds the cookies
            raise
        if session is None:
            session = self.sessions.open(environ.get("HTTP_COOKIE"), request.is_secure)
            environ[_key_to_end(self.sessions.name)] = session
        environ[SESSION_KEY] = environ[self._own_key] = session
        return FlaskSession(session)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002 - as above
        """Commit the session, and write it into the headers of the response."""
        write_headers(session.core, response)  # type: ignore[attr-defined] # a FlaskSession


def _key_to_end(name: str) -> str:
    """Return where the environ has a session of this name that was opened for Flask."""
    return f"{session_key(name)}:to end"


class _Ending:
    """Around ``app.wsgi_app``: ends each request in which Flask has opened a session."""

    def __init__(self, app: Any, name: str, check: Callable[[], None]) -> None:
        self._app = app
        self._key = _key_to_end(name)
        self._check = check

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            self._check()
            body: Iterable[bytes] = self._app(environ, start_response)
            session = environ.pop(self._key, None)
            if session is None:
                return body
            if is_plain(body, environ):
                end_request(session, NO_RESPONSE)
                return body
            return EndingBody(body, session, bool)
        except BaseException:
            session = environ.pop(self._key, None)
            if session is not None:
                report_unsent(session, RAISED)
                end_request(session, RAISED, has_failed=True)
            del environ  # it holds the cookies
            raise
