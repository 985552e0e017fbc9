"""The session in the response headers: its ``Set-Cookie`` values and ``Vary``.

Adapters translate their framework's headers to a list of fields and back. In that list, the
``Set-Cookie`` fields that the session replaces are dropped, ``Vary`` is merged, and the session's
own values are appended. All other fields stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from operator import methodcaller
from typing import AnyStr, Generic

import attrs

from . import log
from .cookies import RawField
from .session import Session
from .state import NOTHING, RENEWALS, Written

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
    if session._data is None:
        # Fast path: nobody touched the session. The plain way is Session.commit().
        session.written, session._set_cookies = NOTHING, []
        return fields
    session._commit()
    return _merged(session, fields, _TEXT)


def commit_raw_headers(session: Session, fields: Iterable[RawField]) -> Iterable[RawField]:
    """Do the same as :func:`commit_headers`, with fields of bytes and names in lower case.

    Raises:
        SessionEncodeError: see :meth:`Session.commit`.
        CookieTooLargeError: see :meth:`Session.commit`.
    """
    if session._data is None:
        # Fast path: nobody touched the session. The plain way is Session.commit().
        session.written, session._set_cookies = NOTHING, []
        return fields
    session._commit()
    return _merged(session, fields, _BYTES)


def report_uncommitted(session: Session, reason: str) -> None:
    """Commit a session whose response has no header fields, and log a write that is lost.

    Args:
        session: the request's session.
        reason: why there are no header fields, for the log.
    """
    before = session.written
    if before is not None:
        return
    with suppress(Exception):  # the commit has logged it; the application's exception is raised
        session.commit()
    was_asked_for = session.written not in RENEWALS or session._asked_to_resend
    if session._set_cookies and was_asked_for:
        session.written = Written.REFUSED
        log.not_answered(session._settings.name, reason)


@attrs.frozen
class _Kind(Generic[AnyStr]):
    """How header fields of text, or of bytes, are read and written."""

    set_cookie: AnyStr
    vary: AnyStr
    cookie: AnyStr
    and_cookie: AnyStr
    to_merge: frozenset[AnyStr]
    """Names in lower case of the fields that a response may have and that must be merged."""
    has_cookie: Callable[[AnyStr], bool]
    """Whether a ``Vary`` value has ``Cookie`` or is ``*``."""
    needs_lower_case: bool
    """Whether all names must be in lower case, as in HTTP/2."""
    decode: Callable[[AnyStr], str]
    encode: Callable[[str], AnyStr]


# An application has few Vary values, and sends them again and again.
@lru_cache(maxsize=256)
def _has_cookie(vary: str) -> bool:
    members = [member.strip() for member in vary.lower().split(",")]
    return "cookie" in members or "*" in members


@lru_cache(maxsize=256)
def _has_raw_cookie(vary: bytes) -> bool:
    return _has_cookie(vary.decode("latin-1"))


_TEXT: _Kind[str] = _Kind(
    set_cookie="Set-Cookie",
    vary="Vary",
    cookie="Cookie",
    and_cookie=", Cookie",
    to_merge=frozenset({"set-cookie", "vary"}),
    has_cookie=_has_cookie,
    needs_lower_case=False,
    decode=str,
    encode=str,
)
_BYTES: _Kind[bytes] = _Kind(
    set_cookie=b"set-cookie",
    vary=b"vary",
    cookie=b"Cookie",
    and_cookie=b", Cookie",
    to_merge=frozenset({b"set-cookie", b"vary"}),
    has_cookie=_has_raw_cookie,
    needs_lower_case=True,
    decode=methodcaller("decode", "latin-1"),
    encode=methodcaller("encode", "latin-1"),
)


def _merged(
    session: Session, fields: Iterable[tuple[AnyStr, AnyStr]], kind: _Kind[AnyStr]
) -> list[tuple[AnyStr, AnyStr]]:
    merged = list(fields)
    to_merge = kind.to_merge
    places: list[int] = []
    for place, field in enumerate(merged):
        if field[0].lower() in to_merge:
            places.append(place)
    has_vary = bool(places) and _merge(session, merged, places, kind)
    for value in session._set_cookies or ():
        merged.append((kind.set_cookie, kind.encode(value)))  # noqa: PERF401 - one frame less
    if not has_vary:
        merged.append((kind.vary, kind.cookie))
    return merged


def _merge(
    session: Session, fields: list[tuple[AnyStr, AnyStr]], places: list[int], kind: _Kind[AnyStr]
) -> bool:
    """Merge the ``Vary`` and ``Set-Cookie`` fields at these places; return if ``Vary`` is there."""
    names = [fields[place][0] for place in places]
    if kind.needs_lower_case and not kind.to_merge.issuperset(names):  # some send capitals
        fields[:] = [(name.lower(), value) for name, value in fields]
    varies: list[int] = []
    set_cookies: list[int] = []
    for place, name in zip(places, names, strict=True):
        # Of the two names, only vary has this length. The comparison serves str and bytes.
        (varies if len(name) == len(kind.vary) else set_cookies).append(place)
    if varies:
        _merge_vary(fields, varies, kind)
    if set_cookies and session._set_cookies:
        _drop_set_cookies(session, fields, set_cookies, kind)
    return bool(varies)


def _merge_vary(
    fields: list[tuple[AnyStr, AnyStr]], places: list[int], kind: _Kind[AnyStr]
) -> None:
    """Add ``Cookie`` to the last of the ``Vary`` fields, if none has it or is ``*``."""
    values = [fields[place][1] for place in places]
    if not any(map(kind.has_cookie, values)):
        name = fields[places[-1]][0]
        fields[places[-1]] = (
            name,
            values[-1] + kind.and_cookie if values[-1].strip() else kind.cookie,
        )


def _drop_set_cookies(
    session: Session,
    fields: list[tuple[AnyStr, AnyStr]],
    places: list[int],
    kind: _Kind[AnyStr],
) -> None:
    """Drop the ``Set-Cookie`` fields that do not stay beside those of the session."""
    values = [kind.decode(fields[place][1]) for place in places]
    session._give_way_to(values)
    kept = session._kept(values)
    if len(kept) < len(values):
        for place, value in zip(reversed(places), reversed(values), strict=True):
            if value not in kept:
                del fields[place]
