"""The state machine of a session: its states, the steps between them, and the decision at its end.

The application reads, writes, replaces or destroys a session. At the end, :func:`decide` says what
is sent. The tables and the diagram in the documentation are made by asking this code for every
state.
"""

from __future__ import annotations

import enum
from typing import Protocol


class Outcome(enum.Enum):
    """The result of reading the request's cookies: loaded, or the reason why not."""

    ABSENT = "absent"
    """The request has no cookie of our name, or an empty one."""
    LOADED = "loaded"
    """The cookie verified and its contents are in the session."""
    UNSIGNED = "unsigned"
    """There is a session cookie and no signature cookie beside it."""
    BAD_SIGNATURE = "bad signature"
    """No key made the signature that came with the cookie."""
    MALFORMED = "malformed"
    """The cookie verified (or is not signed), but does not hold a session."""
    EXPIRED = "expired"
    """The cookie verified, but its server-enforced lifetime has passed."""
    REFUSED = "refused"
    """The cookie verified, but the application's own check refused its contents."""


class Written(enum.Enum):
    """What a commit sent to the client, or why it sent nothing."""

    NOTHING = "nothing"
    """Nothing had changed, so nothing was sent."""
    SAVED = "saved"
    """The session's new contents were sent."""
    RESIGNED = "re-signed"
    """Unchanged contents were sent again, signed with the newest key.

    An older key had signed them, or they came from a legacy cookie.
    """
    REFRESHED = "refreshed"
    """Unchanged contents were sent again: to prolong their lifetime, or by ``resend()``."""
    EXPIRED = "expired"
    """The client was told to drop the session."""
    REFUSED = "refused"
    """A cookie was due but not sent. Always logged; raised when the application caused it."""


class State(enum.Enum):
    """Where a session stands within its request. A write changes the contents, not the state."""

    UNTOUCHED = "untouched"
    """The application has not used the session, and the header was not searched."""
    READ = "read"
    """The request's cookies were read; the outcome says what they hold."""
    REPLACED = "replaced"
    """The contents were replaced, perhaps by nothing. The client's contents do not count."""
    DESTROYED = "destroyed"
    """The application ended the client's session. New contents may follow, in a new session."""

    def after_read(self) -> State:
        """Return the next state when contents are read or written for the first time."""
        return READ if self is UNTOUCHED else self

    def after_replace(self) -> State:
        """Return the next state when the contents are replaced. A destroyed session stays so."""
        return self if self is DESTROYED else REPLACED

    def after_destroy(self) -> State:
        """Return the next state when the session is destroyed."""
        return DESTROYED


# Members under names of their own, for the files that run at every request: before Python 3.12, the
# attribute of an enum is slow. The hash of a member is slow, too, so the groups are tuples.
UNTOUCHED, READ, REPLACED, DESTROYED = State
ABSENT, LOADED = Outcome.ABSENT, Outcome.LOADED
NOTHING, SAVED, RESIGNED = Written.NOTHING, Written.SAVED, Written.RESIGNED

VERIFIED = (Outcome.LOADED, Outcome.EXPIRED, Outcome.REFUSED)
"""The outcomes of a cookie that verified, even if a check has refused it then."""
RENEWALS = (Written.RESIGNED, Written.REFRESHED)
"""Unchanged contents are sent, unless the application itself sets one of these cookies."""
NOT_SENT = (Written.NOTHING, Written.REFUSED)
"""No cookie is sent."""


class CookieFacts(Protocol):
    """The facts about the request's cookies that :func:`decide` asks for."""

    outcome: Outcome
    is_stale: bool
    """Whether an older key, or a legacy library, wrote the cookie."""


class Facts(Protocol):
    """The facts about a session that :func:`decide` asks for, each only if it matters."""

    _state: State

    def _has_new_contents(self) -> bool:
        """Whether there are contents that the client does not have."""
        ...

    def _read(self) -> CookieFacts:
        """Return what the request's cookies hold."""
        ...

    def _needs_refresh(self) -> bool:
        """Whether the lifetime must be prolonged, or the application asked for it."""
        ...

    def _can_be_sent(self, due: Written) -> bool:
        """Whether a client can get the cookie, and would keep it; if not, that is logged."""
        ...


def decide(session: Facts) -> Written:
    """Return what a response sends of its session.

    Later steps may only send less: a renewal gives way to the application's own cookies
    (``NOTHING``), and a cookie that cannot be made or carried is ``REFUSED``.
    """
    state, due = session._state, NOTHING
    if state is UNTOUCHED:
        return NOTHING
    if session._has_new_contents():
        due = SAVED
    elif state is DESTROYED:
        due = Written.EXPIRED
    elif state is REPLACED:
        if session._read().outcome in VERIFIED:
            due = Written.EXPIRED
    else:
        reading = session._read()
        if reading.outcome is LOADED:
            if session._needs_refresh():
                due = Written.REFRESHED
            elif reading.is_stale:
                due = RESIGNED
    if due is NOTHING or session._can_be_sent(due):
        return due
    return Written.REFUSED
