"""The session in the response headers: its ``Set-Cookie`` values and ``Vary``.

Adapters translate their framework's headers to a list of fields and back. In that list, the
``Set-Cookie`` fields that the session replaces are dropped, ``Vary`` is merged, and the session's
own values are appended. All other fields stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import methodcaller
from typing import Any, AnyStr, Generic

import attrs

from . import log
from .cookies import RawField
from .errors import without_frames
from .session import Session
from .state import DESTROYED, NOTHING, RENEWALS, REPLACED, Written, decide

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
    try:
        session._commit()
        return _merged(session, fields, _TEXT)
    except BaseException:
        del fields  # they may hold cookies
        raise


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
    try:
        session._commit()
        return _merged(session, fields, _BYTES)
    except BaseException:
        del fields  # they may hold cookies
        raise


def commit_end(session: Session, reason: str) -> None:
    """Commit a session of which the response carries only an end, by a rule of the framework.

    A logout is sent. A write that is held back is logged at level INFO, because the application has
    made no mistake.

    Args:
        session: the request's session.
        reason: the rule, for the log.
    """
    if session._set_cookies is not None:
        return
    if session._state is DESTROYED or (session._state is REPLACED and not session._data):
        is_held_back = bool(session._data)
        session._data = {}
        session._commit()
    else:
        try:
            due = decide(session)
        except Exception:  # noqa: BLE001 - the contents cannot be sent, and are not sent
            due = Written.REFUSED
        session.written, session._set_cookies = NOTHING, []
        is_held_back = due is not NOTHING and (due not in RENEWALS or session._asked_to_resend)
        if is_held_back:
            session.written = Written.REFUSED
    if is_held_back:
        log.held_back(session._settings.name, reason)


def end_emptied(session: Session) -> None:
    """Destroy a session whose last item the application has removed, before it is committed.

    This is the rule of some frameworks. Without it, an empty session is sent, as by Node.
    """
    if session._data or session._set_cookies is not None:
        return
    if session._loaded() is not None and session.is_changed:
        session.destroy()


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
    merged, wrong = list(fields), ""
    if merged and isinstance(merged[0], (str, bytes)):  # a mapping gives its names alone
        wrong = f"{type(fields).__name__} of {type(merged[0]).__name__}"
    try:
        if not wrong:
            _merge(session, merged, kind)
    except BaseException as error:  # noqa: BLE001 - raised again, or wrong fields are refused
        wrong = _wrong(merged, type(kind.vary)) if isinstance(error, Exception) else ""
        if not wrong:
            del fields, merged  # they may hold cookies, and so may the locals of inner frames
            raise without_frames(error) from None
    if not wrong:
        return merged
    del fields, merged
    message = f"header fields must be a list of pairs of {type(kind.vary).__name__}, got {wrong}"
    raise TypeError(message)


def _wrong(fields: Iterable[Any], part: type) -> str:
    """Return the types of the first field that is not a pair of ``part``, or an empty text."""
    for field in fields:
        if not isinstance(field, (tuple, list)):
            return type(field).__name__
        if len(field) != 2 or not all(isinstance(each, part) for each in field):  # noqa: PLR2004
            return f"({', '.join(type(each).__name__ for each in field)})"
    return ""


def _merge(session: Session, merged: list[tuple[AnyStr, AnyStr]], kind: _Kind[AnyStr]) -> None:
    to_merge, vary_length = kind.to_merge, len(kind.vary)
    varies: list[int] = []
    set_cookies: list[int] = []
    for place, field in enumerate(merged):
        if field[0].lower() in to_merge:
            # Of the two names, only vary has this length. The comparison serves str and bytes.
            (varies if len(field[0]) == vary_length else set_cookies).append(place)
    if kind.needs_lower_case and (varies or set_cookies):
        _lower_names(merged, varies + set_cookies, kind)
    if varies:
        _merge_vary(merged, varies, kind)
    if set_cookies:
        _drop_set_cookies(session, merged, set_cookies, kind)
    if session._set_cookies:
        for value in session._set_cookies:
            merged.append((kind.set_cookie, kind.encode(value)))  # noqa: PERF401 - one frame less
    if not varies:
        merged.append((kind.vary, kind.cookie))


def _lower_names(
    fields: list[tuple[AnyStr, AnyStr]], places: list[int], kind: _Kind[AnyStr]
) -> None:
    """Write all names in lower case, if an application sends one of these with capitals."""
    for place in places:
        if fields[place][0] not in kind.to_merge:
            fields[:] = [(name.lower(), value) for name, value in fields]
            return


def _merge_vary(
    fields: list[tuple[AnyStr, AnyStr]], places: list[int], kind: _Kind[AnyStr]
) -> None:
    """Add ``Cookie`` to the last of the ``Vary`` fields, if none has it or is ``*``."""
    for place in places:
        if kind.has_cookie(fields[place][1]):
            return
    name, value = fields[places[-1]]
    fields[places[-1]] = name, value + kind.and_cookie if value.strip() else kind.cookie


def _drop_set_cookies(
    session: Session,
    fields: list[tuple[AnyStr, AnyStr]],
    places: list[int],
    kind: _Kind[AnyStr],
) -> None:
    """Drop the ``Set-Cookie`` fields that do not stay beside those of the session."""
    settings = session._settings
    if not settings.has_leftovers:
        # Fast path: no field has a cookie of ours. The plain way is Session._beside().
        starts: Any = settings.raw_starts if kind is _BYTES else settings.starts
        for place in places:
            if fields[place][1].startswith(starts):
                break
        else:
            return
    values = [kind.decode(fields[place][1]) for place in places]
    kept = session._beside(values)
    if len(kept) < len(values):
        stay = set(kept)
        dropped = {place for place, value in zip(places, values, strict=True) if value not in stay}
        fields[:] = [field for place, field in enumerate(fields) if place not in dropped]
