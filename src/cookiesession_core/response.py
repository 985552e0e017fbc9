"""The session in the response headers: its ``Set-Cookie`` values and ``Vary``.

Adapters translate their framework's headers to a list of fields and back. In that list, the
``Set-Cookie`` fields that the session replaces are dropped, ``Vary`` is merged, and the session's
own values are appended. All other fields stay as they are. At the end of the request, whatever
the client does not get is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import methodcaller
from typing import Any, AnyStr, Generic

import attrs

from . import log
from .cookies import RawField
from .errors import without_frames
from .format import Contents
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

    A logout stands. A write that is held back is logged at level INFO: this is no fault of the
    application.

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


def report_uncommitted(session: Session, reason: str) -> None:
    """Commit a session whose response has no header fields, and log a write that is lost.

    Args:
        session: the request's session.
        reason: why there are no header fields, for the log.
    """
    if session._set_cookies is not None:
        return
    try:
        session._commit()
    except Exception:  # noqa: BLE001 - the commit has logged it; the application's exception is raised
        session._commit()  # the second commit sends nothing, and later writes are noticed
    report_unsent(session, reason)


def report_unsent(session: Session, reason: str) -> None:
    """Log a write whose response was decided, and whose header fields did not leave.

    Args:
        session: the request's session.
        reason: why the header fields did not leave, for the log.
    """
    if session._set_cookies:
        if session.written in RENEWALS and not session._asked_to_resend:
            session.written = NOTHING
        else:
            session.written = Written.REFUSED
            log.not_answered(session._settings.name, reason)
        session._set_cookies = []


def log_late_writes(session: Session) -> None:
    """Let a write after the headers be logged, and not raise: the request has failed already.

    An error that such a write raises would replace the error page.
    """
    session._late_writes = "log"


def report_replaced(session: Session, where: Mapping[str, Any], key: str) -> None:
    """Log, once for all requests, that ``where[key]`` no longer has the session.

    Another session of ours in this place is from an inner layer, and is not logged.
    """
    if not isinstance(where.get(key), Session):
        session._settings.log_once(log.replaced, repr(key))


def report_late_setting(setting: str) -> None:
    """Log that a setting of the framework has changed after the adapter has read it."""
    log.set_late(setting)


def end_request(session: Session, reason: str, *, has_failed: bool = False) -> None:
    """End a request: log what the client does not get, then call ``observe``.

    Adapters call this function once, when no code of the application runs any more. A session
    that was not touched has nothing to report.

    Args:
        session: the request's session.
        reason: why the request has no response, if it has none, for the log.
        has_failed: whether an exception has left the application. From here on, a write is then
            logged and does not raise.
    """
    if has_failed:
        log_late_writes(session)
    if session._set_cookies is None:
        report_uncommitted(session, reason)  # an untouched session is closed, too
    elif session._is_shared:
        _report_late_changes(session)
    if session._data is None:
        return
    settings = session._settings
    if settings.observe is not None:
        try:
            settings.observe(session)
        except Exception as error:  # noqa: BLE001 - the response is sent
            log.not_observed(settings.name, error)


def _report_late_changes(session: Session) -> None:
    """Log a list or dict that has changed after the response headers."""
    payload = session._payload
    if payload is None:
        return
    settings = session._settings
    try:
        keys = settings.changed_keys(payload, Contents(session._data or {}))
    except Exception as error:  # noqa: BLE001 - the response is sent
        log.not_compared(settings.name, error)
        return
    if keys:
        log.changed_late(settings.name, keys)


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
