"""The seam between a session and its cookies: what a cookie format must offer.

A session knows contents, payloads and values of cookies. Only the format knows how to verify,
encode, sign or encrypt a value. ``cookie-session``'s signed pair is in ``signed_pair.py``; other
formats are outside the core.

The *payload* is the serialised contents. Change detection compares payloads. The *seal* makes
cookies of a payload, and may be random. The timestamps of a lifetime belong to the seal, so
change detection does not compare them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs

from .cookies import RequestCookies
from .hidden import with_total_repr
from .lifetime import Timestamps
from .state import Outcome


class Contents:
    """A session's contents on their way to a format. The ``repr`` hides them."""

    __slots__ = ("contents",)

    def __init__(self, contents: dict[str, Any]) -> None:
        self.contents: dict[str, Any] = contents

    def __repr__(self) -> str:
        return "<contents>"


@with_total_repr
class Payload:
    """Serialised contents. Only the format that made them reads ``text``."""

    __slots__ = ("contents", "text")

    def __init__(self, text: str | bytes, contents: dict[str, Any]) -> None:
        self.text: str | bytes = text
        """The text from the format's codec."""
        self.contents: dict[str, Any] = contents
        """The contents that were serialised. The application may change them later."""

    def __repr__(self) -> str:
        return f"<Payload, {type(self.text).__name__}>"


@with_total_repr
@attrs.define(eq=False)
class Reading:
    """What the cookies of a request hold."""

    outcome: Outcome
    reason: str = ""
    """Why there is no session, for the log. It holds nothing from the client."""
    contents: dict[str, Any] = attrs.field(factory=dict, repr=False)
    """The contents. The session takes this dict itself, and changes it."""
    payload: Any = attrs.field(default=None, repr=False)
    """The serialised contents that were read, in the format's own type: not a :class:`Payload`."""
    key_index: int | None = None
    """The index of the key that verified the cookies, where the format has keys."""
    is_stale: bool = False
    """Whether the cookies must be sealed again: an older key or another format made them."""
    timestamps: Timestamps | None = None
    """When the session began and ends, where its writer noted that."""

    def refuse(self, outcome: Outcome) -> None:
        """Drop the contents, because they do not pass a check."""
        self.outcome, self.contents, self.payload, self.timestamps = outcome, {}, None, None


class BoundFormat(Protocol):
    """A format for the cookies of one name. All requests share it."""

    names: tuple[str, ...]
    """The names of all cookies that the format writes, in order."""
    keeps_end: bool
    """Whether the timestamps stand in the seal. If not, they are keys of the contents."""
    is_signed: bool
    """Whether a client without a key can neither make nor change a session."""
    leftovers: tuple[str, ...]
    """The names of other cookies that the format reads and does not write, such as chunks.

    Whenever the session is sent, those that the request has are expired.
    """

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Find, verify and decode a session. Never raises and never logs, whatever is sent.

        Args:
            cookies: all cookies of the request.
            clock: returns the time in seconds since the epoch.
        """
        ...

    def payload(self, contents: Contents, /) -> Payload:
        """Serialise contents.

        Raises:
            SessionEncodeError: when the codec cannot write them.
        """
        ...

    def unchanged(self, reading: Reading, payload: Payload, /) -> bool:
        """Whether a payload holds the contents that were read, perhaps in another spelling.

        Timestamps do not count.
        """
        ...

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return the values of the cookies, one for each of ``names``. It may be random.

        Args:
            payload: what :meth:`payload` returned.
            timestamps: when the session began and ends; ``None``: it has no lifetime.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
        """
        ...

    def expired(self) -> tuple[str, ...]:
        """Return the values of cookies that tell the client to drop them, one for each name."""
        ...


class CookieFormat(Protocol):
    """A way to keep a session in cookies. ``CookieSession(format=…)`` takes one.

    A format does not know the name of its cookie: ``CookieSession(name=…)`` does.
    """

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Cookie attributes for options that are not given to ``CookieSession``."""
        ...

    def bound(self, name: str, /) -> BoundFormat:
        """Return the format for the cookies of ``name``.

        Raises:
            ConfigurationError: when the name does not suit the format.
        """
        ...


class TimedFormat(CookieFormat, Protocol):
    """A format that notes the end of each session in the seal, also without a timeout."""

    @property
    def ttl(self) -> float | None:
        """The **seconds** from a save to the end; ``None``: sessions have no end."""
        ...

    def with_idle_timeout(self, seconds: float, /) -> CookieFormat:
        """Return the same format with the ``idle_timeout`` of a ``CookieSession`` as its ttl.

        Raises:
            ConfigurationError: when the format was given another ttl.
        """
        ...
