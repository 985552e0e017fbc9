"""What a session can be, what can happen to it, and what is then written.

Everything that decides whether a ``Set-Cookie`` header goes out stands in this file, as
tables: :data:`TRANSITIONS` is driven by the events of one request, :data:`WRITES` tells what
goes out when the response headers are about to leave. Two of its columns hold but one word, so
the session does not look these up. The tests enumerate both tables against what sessions do, and
the documentation draws its diagram from them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable


class Outcome(enum.Enum):
    """Why a session is what it is: the result of reading the request's cookies."""

    ABSENT = "absent"
    """The request carries no cookie of our name."""
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
    """The cookie verified, but the application's own check said no."""


class Written(enum.Enum):
    """What a commit has sent to the client, or why nothing was."""

    NOTHING = "nothing"
    """Nothing had changed, so nothing was sent."""
    SAVED = "saved"
    """The session's new contents were sent."""
    RESIGNED = "re-signed"
    """Unchanged contents were sent again, signed with the newest key.

    An older one had signed them, or a former library.
    """
    REFRESHED = "refreshed"
    """Unchanged contents were sent again to prolong their lifetime."""
    EXPIRED = "expired"
    """The client was told to drop the session."""
    REPAIRED = "repaired"
    """The client was told to drop a signature cookie that does not verify."""
    REFUSED = "refused"
    """Something was to be sent and could not be: logged, and raised where the application erred."""


class _Key(enum.Enum):
    """A member of a table's key: hashed by identity, for Enum's own hash is slow Python code."""

    __hash__: Callable[[object], int] = object.__hash__  # type: ignore[assignment]


class State(_Key):
    """Where a session stands within its request."""

    UNTOUCHED = "untouched"
    """Nobody has asked: the header has not been searched."""
    NEW = "new"
    """Read, and there was nothing usable to load."""
    LOADED = "loaded"
    """Read, and the client's contents are here."""
    REPLACED = "replaced"
    """The application put its own contents in the place of whatever the client has."""
    DESTROYED = "destroyed"
    """The application ended the session."""
    COMMITTED = "committed"
    """The response headers have gone out: reading goes on, writing is an error."""


class Event(_Key):
    """What can happen to a session."""

    LOAD_FOUND = "load: found"
    LOAD_NOTHING = "load: nothing usable"
    WRITE = "write"
    REPLACE = "replace"
    DESTROY = "destroy"
    COMMIT = "commit"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.UNTOUCHED, Event.LOAD_FOUND): State.LOADED,
    (State.UNTOUCHED, Event.LOAD_NOTHING): State.NEW,
    (State.UNTOUCHED, Event.REPLACE): State.REPLACED,
    (State.UNTOUCHED, Event.DESTROY): State.DESTROYED,
    (State.UNTOUCHED, Event.COMMIT): State.COMMITTED,
    (State.NEW, Event.WRITE): State.NEW,
    (State.NEW, Event.REPLACE): State.REPLACED,
    (State.NEW, Event.DESTROY): State.DESTROYED,
    (State.NEW, Event.COMMIT): State.COMMITTED,
    (State.LOADED, Event.WRITE): State.LOADED,
    (State.LOADED, Event.REPLACE): State.REPLACED,
    (State.LOADED, Event.DESTROY): State.DESTROYED,
    (State.LOADED, Event.COMMIT): State.COMMITTED,
    (State.REPLACED, Event.WRITE): State.REPLACED,
    (State.REPLACED, Event.REPLACE): State.REPLACED,
    (State.REPLACED, Event.DESTROY): State.DESTROYED,
    (State.REPLACED, Event.COMMIT): State.COMMITTED,
    # "Log out, then greet" in one request: a write after the end starts afresh.
    (State.DESTROYED, Event.WRITE): State.REPLACED,
    (State.DESTROYED, Event.REPLACE): State.REPLACED,
    (State.DESTROYED, Event.DESTROY): State.DESTROYED,
    (State.DESTROYED, Event.COMMIT): State.COMMITTED,
    (State.COMMITTED, Event.COMMIT): State.COMMITTED,
}
"""The state after an event. An absent pair cannot happen or, after COMMITTED, is an error."""


def after(event: Event) -> dict[State, State]:
    """Return what ``event`` makes of each state: one column of :data:`TRANSITIONS`."""
    return {state: new for (state, each), new in TRANSITIONS.items() if each is event}


class Contents(_Key):
    """What a session holds when the headers are about to leave."""

    EMPTY = "empty"
    UNCHANGED = "populated, unchanged"
    CHANGED = "populated, changed"


class Write(enum.Enum):
    """What is to be written."""

    NOTHING = "nothing"
    SAVE = "save"
    KEEP = "repairs only"
    DROP = "expire what the client has"
    EXPIRE = "expire"


WRITES: dict[tuple[State, Contents], Write] = {
    (State.UNTOUCHED, Contents.EMPTY): Write.NOTHING,
    (State.NEW, Contents.EMPTY): Write.KEEP,
    (State.NEW, Contents.CHANGED): Write.SAVE,
    (State.LOADED, Contents.UNCHANGED): Write.KEEP,
    (State.LOADED, Contents.CHANGED): Write.SAVE,
    (State.REPLACED, Contents.EMPTY): Write.DROP,
    (State.REPLACED, Contents.CHANGED): Write.SAVE,
    (State.DESTROYED, Contents.EMPTY): Write.EXPIRE,
}
"""The write for a state and its contents.

LOADED contents count as changed when their text differs from what came in, also when they
have become empty (Node saves ``{}`` then). Everything NEW or REPLACED counts as changed as
soon as it holds anything. DROP expires the cookies only of a client that has a session:
``replace({})`` is a log-out, not a message to every visitor.
"""


def writes_of(contents: Contents) -> dict[State, Write]:
    """Return what is written in each state with such contents: one column of :data:`WRITES`."""
    return {state: write for (state, each), write in WRITES.items() if each is contents}
