"""The middleware: it opens the session of a request, commits it and ends it."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings

from cookiesession_adapters._ends import RAISED
from cookiesession_core import (
    SESSION_KEY,
    ConfigurationError,
    Hidden,
    Session,
    commit_end,
    end_request,
    log_late_writes,
    report_replaced,
    report_unsent,
    session_key,
    shared_session,
)

from .configuration import configured
from .cookies import commit_cookies, cookie_lines
from .store import SessionStore

if TYPE_CHECKING:  # Django has no types

    class DjangosOwn:
        """What is used of Django's class."""

        get_response: Any
        SessionStore: Any

        def __init__(self, get_response: Any) -> None: ...

else:
    from django.contrib.sessions.middleware import SessionMiddleware as DjangosOwn

ENGINE = "cookiesession_adapters.django"
NOT_SENT = "the response is the error page for a session that could not be sent"
FAILED = "Django saves no session with a status of 500 or more"


class SessionMiddleware(DjangosOwn):
    """Give every request a session, and write it into the cookies of the response.

    Raises:
        ConfigurationError: for wrong settings.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        configured()
        if not issubclass(self.SessionStore, SessionStore):
            message = f"this middleware needs SESSION_ENGINE = {ENGINE!r} in Django's settings"
            raise ConfigurationError(message)

    def __call__(self, request: Any) -> Any:
        """Serve one request."""
        if iscoroutinefunction(self.get_response):
            return self.__acall__(request)
        self.process_request(request)
        with _reported(request):
            response = self.get_response(request)
        return self.process_response(request, response)

    async def __acall__(self, request: Any) -> Any:
        """Serve one request asynchronously."""
        self.process_request(request)
        with _reported(request):
            response = await self.get_response(request)
        return self.process_response(request, response)

    def process_request(self, request: Any) -> None:
        """Open the session of a request. Nothing is read before the session is touched."""
        sessions = configured()
        where = Hidden(getattr(request, "scope", request.META))  # it holds the cookies
        core = shared_session(where.value, sessions)
        is_own = core is None  # else an outer layer commits it
        if core is None:
            header = Hidden(request.META.get("HTTP_COOKIE", ""))
            core = sessions.open(cookie_lines(sessions, header), request.is_secure())
            _end_with(request, core)
        vars(request).setdefault(SESSION_KEY, []).append((core, is_own))
        where.value[SESSION_KEY] = where.value[session_key(sessions.name)] = core
        request.session = self.SessionStore()
        request.session.core = core

    def process_response(self, request: Any, response: Any) -> Any:
        """Commit the session of a request."""
        opened = vars(request).get(SESSION_KEY)
        if not opened:  # something else has called this method
            return response
        core, is_own = opened.pop()
        try:
            _apply_rules(request, core, response.status_code)
            if is_own:
                commit_cookies(core, response)
                if core.accessed:
                    _watch_stream(request, core, response)
        except BaseException:
            log_late_writes(core)  # while Django makes its error page
            raise
        return response


def _end_with(request: Any, core: Session) -> None:
    """End the session's part in a request when Django closes the request, after its response."""
    close = request.close

    def close_and_end() -> None:
        del request.close  # the request refers to this function
        try:
            close()
        finally:
            end_request(core, NOT_SENT)

    request.close = close_and_end


@contextmanager
def _reported(request: Any) -> Generator[None, None, None]:
    """Report what leaves the application by an exception that Django does not catch."""
    try:
        yield
    except BaseException as error:
        core, is_own = vars(request)[SESSION_KEY].pop()
        if is_own:
            if isinstance(error, CancelledError):  # the client has left: nobody misses its cookies
                with suppress(Exception):
                    core.commit()
            end_request(core, RAISED, has_failed=True)
        raise


def _watch_stream(request: Any, core: Session, response: Any) -> None:
    """Let a stream that fails end the request. A file is left to the server."""
    if not response.streaming or getattr(response, "file_to_stream", None) is not None:
        return
    parts = response.streaming_content
    if response.is_async:
        response.streaming_content = _async_parts(request, core, parts)
    else:
        response.streaming_content = _parts(request, core, parts)


def _parts(request: Any, core: Session, parts: Iterator[bytes]) -> Iterator[bytes]:
    has_begun = hasattr(request, "scope")  # under ASGI, the headers leave before the first part
    try:
        for part in parts:
            has_begun = True
            yield part
    except BaseException:
        if not has_begun:
            report_unsent(core, RAISED)
        request.close()  # Django does not close it under ASGI
        raise


async def _async_parts(
    request: Any, core: Session, parts: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    try:
        async for part in parts:
            yield part
    except BaseException:
        if not hasattr(request, "scope"):  # under WSGI, Django collects all parts first
            report_unsent(core, RAISED)
        request.close()
        raise


def _apply_rules(request: Any, core: Session, status: int) -> None:
    """Tell the session what Django's rules say about its response."""
    store = getattr(request, "session", None)
    if not isinstance(store, SessionStore):
        report_replaced(core, vars(request), "session")
        store = SessionStore()
    elif store.core is not core:  # the application has put another session there
        core.replace(store.core)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log_late_writes(core)
        commit_end(core, FAILED)
    elif store.modified or settings.SESSION_SAVE_EVERY_REQUEST:
        core.resend()
