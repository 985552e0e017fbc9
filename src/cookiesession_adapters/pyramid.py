"""Sessions for Pyramid: ``request.session`` is ours, with every method of ``ISession``.

setup(config, keys=[...])

A tween opens the session and puts it into the response, also into the page of an exception view.
If the session cannot be sent, the application's exception view makes the response.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from typing_extensions import Unpack
from zope.interface import classImplements

from cookiesession_core import (
    SESSION_KEY,
    ConfigurationError,
    CookieSession,
    CookieSessionOptions,
    Session,
    SessionView,
    began_at,
    commit_headers,
    end_request,
    log_late_writes,
    session_key,
    shared_session,
)

from ._checks import check_application
from ._ends import NO_RESPONSE, RAISED, EndingBody, is_plain
from ._extras import NeedsExtra

with NeedsExtra("pyramid"):
    from pyramid.config import Configurator
    from pyramid.interfaces import ISession, ISessionFactory
    from pyramid.settings import aslist
    from pyramid.tweens import EXCVIEW, INGRESS

_TWEEN = f"{__name__}.tween_factory"


def setup(
    config: Any, sessions: CookieSession | None = None, **options: Unpack[CookieSessionOptions]
) -> None:
    """Let ``request.session`` be a session of ours.

    Call it after adding other tweens: after the view, the tweens further out can only read.

    Args:
        config: the ``Configurator``.
        sessions: a ready-made configuration, in the place of keywords of :class:`CookieSession`.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
        TypeError: when ``config`` is not a ``Configurator``.
    """
    try:
        check_application(config, Configurator, "a Configurator of Pyramid", options)
        factory = _SessionFactory(CookieSession.from_arguments(sessions, options))
    except BaseException:
        del config
        raise
    finally:
        del sessions  # it may be a list of keys, by mistake
    explicit = aslist(config.registry.settings.get("pyramid.tweens", ""))
    if explicit and _TWEEN not in explicit:
        message = f"pyramid.tweens lists the tweens of the application, so it must name {_TWEEN}"
        raise ConfigurationError(message)
    config.set_session_factory(factory)
    config.add_tween(_TWEEN, under=INGRESS, over=EXCVIEW)


class PyramidSession(SessionView):
    """A session with the methods of ``pyramid.interfaces.ISession``."""

    __slots__ = ("_now",)

    def __init__(self, core: Session) -> None:
        super().__init__(core)
        self._now = time.time()

    @property
    def created(self) -> int:
        """When the session began, in seconds; without ``absolute_timeout``, the present time."""
        return int(began_at(self.core) or self._now)

    @property
    def new(self) -> bool:
        """Whether the contents did not come from the client."""
        return self.is_new

    def invalidate(self) -> None:
        """End the session. A later write starts a new one."""
        self.destroy(only_if_sent=True)

    def changed(self) -> None:
        """Send the session even if it is unchanged. A change inside a list needs no call."""
        self.resend()

    def flash(self, msg: Any, queue: str = "", allow_duplicate: bool = True) -> None:  # noqa: FBT001, FBT002 - as in ISession
        """Put a message into a queue."""
        try:
            if allow_duplicate or msg not in self.peek_flash(queue):
                self.setdefault(f"_f_{queue}", []).append(msg)
        finally:
            del msg

    def pop_flash(self, queue: str = "") -> Any:
        """Return the messages of a queue, and remove them."""
        return self.pop(f"_f_{queue}", [])

    def peek_flash(self, queue: str = "") -> Any:
        """Return the messages of a queue."""
        return self.get(f"_f_{queue}", [])

    def new_csrf_token(self) -> str:
        """Make a token against cross-site request forgery, and return it."""
        self["_csrft_"] = token = secrets.token_hex(20)
        return token

    def get_csrf_token(self) -> str:
        """Return the token of this session; make one if there is none."""
        token: str | None = self.get("_csrft_")
        return self.new_csrf_token() if token is None else token


classImplements(PyramidSession, ISession)


class _SessionFactory:
    """Makes ``request.session``: an ``ISessionFactory``."""

    def __init__(self, sessions: CookieSession) -> None:
        self._sessions = sessions
        self._own_key = session_key(sessions.name)

    def __call__(self, request: Any) -> PyramidSession:
        """Return the session of a request."""
        session = request.environ.get(self._own_key)
        if session is None:  # no tween has run, as in a subrequest
            session, is_shared = self.open(request)
            if not is_shared:
                request.add_response_callback(partial(_commit, session))
                request.add_finished_callback(partial(_end, session))
        return PyramidSession(session)

    def open(self, request: Any) -> tuple[Session, bool]:
        """Open the session of a request; also return whether an outer layer commits it."""
        environ = request.environ
        try:
            session = shared_session(environ, self._sessions)
            is_shared = session is not None
            if session is None:
                https = environ.get("wsgi.url_scheme") == "https"
                session = self._sessions.open(environ.get("HTTP_COOKIE"), https)
            environ[SESSION_KEY] = environ[self._own_key] = session
            return session, is_shared
        finally:
            del environ  # it holds the cookies


def tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Return the tween that opens and commits the session of each request."""
    factory = registry.queryUtility(ISessionFactory)
    if not isinstance(factory, _SessionFactory):  # the application has set another one
        return handler

    def tween(request: Any) -> Any:
        session, is_shared = factory.open(request)
        if is_shared:
            return handler(request)
        try:
            response = handler(request)
            try:
                _commit(session, request, response)
            except Exception:  # noqa: BLE001 - the session cannot be sent
                if response.status[:1] != "5":  # else the error page goes out
                    response = request.invoke_exception_view(reraise=True)
                with suppress(Exception):  # an exception view may write to the session
                    session.commit()
                _commit(session, request, response)
        except BaseException:
            end_request(session, RAISED, has_failed=True)
            raise
        if is_plain(response.app_iter, request.environ):
            request.add_finished_callback(partial(_end, session))
            return response
        length = response.content_length  # WebOb drops it when the body is set
        response.app_iter = EndingBody(response.app_iter, session, bool)
        response.content_length = length
        return response

    return tween


def _commit(session: Session, _request: Any, response: Any) -> None:
    response.headerlist = commit_headers(session, response.headerlist)
    if response.status[:1] == "5":
        log_late_writes(session)


def _end(session: Session, _request: Any) -> None:
    end_request(session, NO_RESPONSE)
