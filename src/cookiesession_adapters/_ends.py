"""How a request ends: the reasons, and a WSGI body after which its request ends."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cookiesession_core import Session, end_request, report_unsent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

RAISED = "an exception left the application before any response"
NO_RESPONSE = "the application ended without a response"

# uWSGI's file wrapper is a function that returns the file itself.
_PLAIN = frozenset({list, tuple, io.BytesIO, io.FileIO, io.BufferedReader})


def is_plain(body: object, environ: WSGIEnvironment) -> bool:
    """Whether no code of the application runs in a body: a list, or a file for the server."""
    try:
        wrapper = environ.get("wsgi.file_wrapper")
    finally:
        del environ  # it holds the cookies
    return type(body) in _PLAIN or (isinstance(wrapper, type) and isinstance(body, wrapper))


class EndingBody:
    """The body of a response. The request ends after the last chunk, or with ``close()``."""

    def __init__(self, body: Iterable[bytes], session: Session, wrote: Callable[[], bool]) -> None:
        self._body, self._session, self._wrote, self._is_ended = body, session, wrote, False

    def __iter__(self) -> Iterator[bytes]:
        has_begun = False
        try:
            for chunk in self._body:
                has_begun = True
                yield chunk
        except GeneratorExit:  # the server wants no more: perhaps the client has left
            raise
        except BaseException:
            # Some servers, such as uWSGI, send the headers all the same. Nobody can ask for that.
            if not has_begun and not self._wrote():
                report_unsent(self._session, RAISED)
            self._end(RAISED, has_failed=True)
            raise
        self._end(NO_RESPONSE)

    def close(self) -> None:
        """Close the application's body, and end the request."""
        try:
            if (close := getattr(self._body, "close", None)) is not None:
                close()
        except BaseException:
            # Nobody knows whether the headers have left: waitress may send them after this call.
            self._end(RAISED, has_failed=True)
            raise
        self._end(NO_RESPONSE)

    def _end(self, reason: str, *, has_failed: bool = False) -> None:
        if not self._is_ended:
            self._is_ended = True
            end_request(self._session, reason, has_failed=has_failed)
