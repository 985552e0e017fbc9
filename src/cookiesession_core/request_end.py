"""The end of a request: what the client does not get is logged, and ``observe`` is called.

Adapters call these functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import log
from .format import Contents
from .session import Session
from .state import NOTHING, RENEWALS, Written


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
