"""Sessions for aiohttp-session: ``await aiohttp_session.get_session(request)`` gives ours.

setup(app, keys=[...])
session = await aiohttp_session.get_session(request)

The adapter for aiohttp opens, commits and ends the session; the storage only hands it out. So a
stream, a WebSocket and an error page carry it as well. A session whose last item was removed is
ended, as by aiohttp-session's own storages.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from typing_extensions import Unpack

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieSessionOptions,
    Session,
    SessionView,
    began_at,
    end_emptied,
)

from . import aiohttp
from ._checks import check_application
from ._extras import NeedsExtra

with NeedsExtra("aiohttp-session"):
    import aiohttp_session
    from aiohttp import web
    from aiohttp.typedefs import Handler


def setup(
    app: web.Application,
    sessions: CookieSession | None = None,
    **options: Unpack[CookieSessionOptions],
) -> None:
    """Give every request of ``app`` and its sub-applications a session in aiohttp-session.

    Call it in the place of ``aiohttp_session.setup``: after adding middlewares that set the
    scheme behind a proxy, and before all others that use the session.

    Args:
        app: the application, not yet started.
        sessions: a ready-made configuration, in the place of the keywords of
            :class:`CookieSession`.

    Raises:
        ConfigurationError: for wrong options, or options beside a ready-made configuration.
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

    @web.middleware
    async def hand_out(request: web.Request, handler: Handler) -> web.StreamResponse:
        session = aiohttp.get_session(request, configured.name)
        storage = aiohttp_session.session_middleware(_Storage(session, configured))
        try:
            return await storage(request, handler)
        finally:
            end_emptied(session)

    async def end_before_the_headers(request: web.Request, _: web.StreamResponse) -> None:
        with suppress(ConfigurationError):  # a middleware further out has answered
            end_emptied(aiohttp.get_session(request, configured.name))

    app.on_response_prepare.append(end_before_the_headers)
    aiohttp.setup(app, configured)
    app.middlewares.append(hand_out)


class AiohttpSession(SessionView, aiohttp_session.Session):
    """A session with the methods of ``aiohttp_session.Session``."""

    def __init__(self, core: Session) -> None:
        SessionView.__init__(self, core)
        self._now = time.time()
        self._identity: Any = None
        self._changed = False  # aiohttp-session's middleware has nothing to save

    @property
    def new(self) -> bool:
        """Whether the contents did not come from the client."""
        return self.is_new

    @property
    def empty(self) -> bool:
        """Whether the session holds nothing."""
        return not self.is_populated

    @property
    def created(self) -> int:
        """When the session began, in seconds; without ``absolute_timeout``, the present time."""
        return int(began_at(self.core) or self._now)

    @property
    def identity(self) -> Any:
        """``None``, unless the application has set one. No cookie carries it."""
        return self._identity

    def set_new_identity(self, identity: Any) -> None:
        """Set :attr:`identity` for this request.

        Raises:
            RuntimeError: for a session that the client has.
        """
        if not self.is_new:
            message = "the identity of a session that is not new cannot change"
            raise RuntimeError(message)
        self._identity = identity

    @property
    def max_age(self) -> int | None:
        """The lifetime of this response's cookie in **seconds**. It sends no cookie by itself."""
        max_age = self.options.max_age
        if isinstance(max_age, timedelta):
            return int(max_age.total_seconds())
        return None if max_age is None else int(max_age)

    @max_age.setter
    def max_age(self, value: int | None) -> None:
        self.options.max_age = value

    def changed(self) -> None:
        """Send the session even if it is unchanged. A change inside a list needs no call."""
        self.resend()

    def invalidate(self) -> None:
        """End the session. A later write starts a new one."""
        self.destroy(only_if_sent=True)


class _Storage(aiohttp_session.AbstractStorage):
    """Hands out the session of one request. The adapter for aiohttp sends it."""

    def __init__(self, session: Session, sessions: CookieSession) -> None:
        super().__init__(cookie_name=sessions.name)
        self._view = AiohttpSession(session)
        self._sessions = sessions

    async def load_session(self, request: web.Request) -> AiohttpSession:  # noqa: ARG002
        """Return the session."""
        return self._view

    async def new_session(self) -> AiohttpSession:
        """Return a new session in the place of the client's, which ends.

        An object that the application got before keeps its contents, and is not sent.
        """
        core, before = self._view.core, self._sessions.open()
        before.replace(core.copy())
        core.replace({})
        self._view.core, self._view = before, AiohttpSession(core)
        return self._view

    async def save_session(
        self, request: web.Request, response: web.StreamResponse, session: aiohttp_session.Session
    ) -> None:
        """Do nothing: :attr:`AiohttpSession._changed` keeps aiohttp-session from calling this."""
