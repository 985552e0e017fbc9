"""What leaves with the response headers: the session's ``Set-Cookie`` values and ``Vary``.

Adapters translate their framework's headers to a list of fields and back; what is done to
that list is done here, once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from .errors import CookieSessionError
from .session import Session
from .state import Written
from .wire import RawField, logger

Field = tuple[str, str]
"""One header field: its name, in any letter case, and its value."""


def commit_headers(session: Session, fields: list[Field]) -> list[Field]:
    """Return the header fields that the response must have for ``session`` to be committed.

    Foreign ``Set-Cookie`` fields keep their place and their text. ``Cookie`` is merged into
    ``Vary`` when the session was touched. For an untouched session ``fields`` itself comes back.

    Raises:
        SessionEncodeError: see :meth:`Session.commit`.
        CookieTooLargeError: see :meth:`Session.commit`.
    """
    if session.commit_untouched():
        return fields
    for name, _ in fields:
        if name.lower() in _MERGED:
            existing = [value for name, value in fields if name.lower() == "set-cookie"]
            return _vary_on_cookie(_with_set_cookies(fields, session.commit(existing)))
    committed = [*fields]
    for value in session.commit():
        committed.append(("Set-Cookie", value))  # noqa: PERF401 - a frame less before Python 3.12
    committed.append(("Vary", "Cookie"))
    return committed


def commit_raw_headers(session: Session, fields: Iterable[RawField]) -> Iterable[RawField]:
    """Do what :func:`commit_headers` does, with fields of octets and names in lower case.

    Raises:
        SessionEncodeError: see :meth:`Session.commit`.
        CookieTooLargeError: see :meth:`Session.commit`.
    """
    if session.commit_untouched():
        return fields
    raw = [*fields]
    for name, _ in raw:
        if name.lower() in _RAW_MERGED:
            text = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
            return [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in commit_headers(session, text)
            ]
    for value in session.commit():
        raw.append((b"set-cookie", value.encode("latin-1")))  # noqa: PERF401 - as above
    raw.append((b"vary", b"Cookie"))
    return raw


def commit_nowhere(session: Session, reason: str) -> None:
    """Commit to a response without header fields; what is lost by that is logged.

    Args:
        session: the request's session.
        reason: why there are no header fields, for the log.
    """
    if session.written is not None:
        return
    with suppress(CookieSessionError):  # which is logged, and more than that cannot be done here
        if session.commit():
            session.written = Written.REFUSED
            logger.error("the session cookie %r was not sent: %s", session.name, reason)


_MERGED = frozenset({"set-cookie", "vary"})
"""Fields that a response may have before, and that have to be merged."""
_RAW_MERGED = frozenset(name.encode() for name in _MERGED)


def _with_set_cookies(fields: list[Field], values: list[str]) -> list[Field]:
    # `values` begins with those existing ones that stay, in their order.
    merged: list[Field] = []
    used = 0
    for name, value in fields:
        if name.lower() == "set-cookie":
            if used == len(values) or values[used] != value:
                continue
            used += 1
        merged.append((name, value))
    merged += [("Set-Cookie", value) for value in values[used:]]
    return merged


def _vary_on_cookie(fields: list[Field]) -> list[Field]:
    last = None
    for index, (name, value) in enumerate(fields):
        if name.lower() == "vary":
            members = {member.strip().lower() for member in value.split(",")}
            if members & {"*", "cookie"}:
                return fields
            last = index
    if last is None:
        return [*fields, ("Vary", "Cookie")]
    name, value = fields[last]
    merged = f"{value}, Cookie" if value.strip() else "Cookie"
    return [*fields[:last], (name, merged), *fields[last + 1 :]]
