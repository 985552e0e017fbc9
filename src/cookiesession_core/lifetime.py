"""A lifetime that the server enforces: the timestamps of a session are in its signed contents.

The format is that of ``koa-session`` 7, so that a Koa application and this library end and
prolong the same sessions. ``_expire`` is the end in milliseconds since the epoch. ``_maxAge`` is
the time that the session may stay unused after it was written. ``_session`` tells Koa to keep the
cookie until the browser closes. ``$start`` is ours: Koa keeps a key that does not begin with
``_``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs
from typing_extensions import Self

from .checks import check_seconds
from .errors import ConfigurationError, ConfigurationWarning, warn
from .hidden import with_total_repr

EXPIRE, MAX_AGE, UNTIL_BROWSER_CLOSES, START = "_expire", "_maxAge", "_session", "$start"

RESERVED = frozenset({EXPIRE, MAX_AGE, UNTIL_BROWSER_CLOSES, START})
"""The keys that a lifetime needs in the contents."""

SKEW = 60_000
"""Milliseconds by which the clocks of servers that share sessions may differ."""
_LAST_DATE = 8_640_000_000_000_000
"""Milliseconds; the end of time in JavaScript."""


@with_total_repr
@attrs.define
class Timestamps:
    """When a session began, was written and ends, in milliseconds since the epoch."""

    start: float | None = None
    written: float | None = None
    """When the session was last written; its idle time begins then."""
    end: float | None = None
    until_browser_closes: bool = False

    def items(self) -> dict[str, Any]:
        """Return the keys and values that stand in the contents, in the order of koa-session."""
        items: dict[str, Any] = {}
        if self.end is not None:
            items[EXPIRE] = int(self.end)
            if self.written is not None:
                items[MAX_AGE] = int(self.end - self.written)
        if self.until_browser_closes:
            items[UNTIL_BROWSER_CLOSES] = True
        if self.start is not None:
            items[START] = int(self.start)
        return items

    def json_members(self) -> bytes:
        """Return :meth:`items` as members of a JSON object, each after a comma."""
        members = b""
        end, written = self.end, self.written
        if end is not None:
            members = b',"_expire":%d' % end
            if written is not None:
                members += b',"_maxAge":%d' % (end - written)
        if self.until_browser_closes:
            members += b',"_session":true'
        if self.start is not None:
            members += b',"$start":%d' % self.start
        return members


NO_TIMESTAMPS = Timestamps()
"""For a session that begins now, or that came without timestamps."""


@attrs.frozen
class Lifetime:
    """How long sessions live, in milliseconds.

    A session without timestamps, as Express writes it, is accepted. It gets timestamps when it
    is touched. For such a session, the methods take ``None`` in the place of the timestamps.

    The methods take the time ``now`` in milliseconds since the epoch.
    """

    idle: int | None
    absolute: int | None
    ttl: int | None = None
    """The time from a save to the end, for a format that notes the end without any timeout."""

    @classmethod
    def of(
        cls,
        idle_timeout: float | timedelta | None,
        absolute_timeout: float | timedelta | None,
        ttl: float | None = None,
    ) -> Self | None:
        """Return the lifetime for durations in **seconds**; ``None`` where none is set.

        Raises:
            ConfigurationError: names the option, the value's type and what is allowed.

        Warns:
            ConfigurationWarning: for an idle time that is longer than the absolute time.
        """
        idle = _milliseconds("idle_timeout", idle_timeout)
        absolute = _milliseconds("absolute_timeout", absolute_timeout)
        if idle is not None and absolute is not None and idle > absolute:
            warn(
                f"idle_timeout ({idle / 1000:g} seconds) is longer than absolute_timeout "
                f"({absolute / 1000:g} seconds): a session ends before it was idle for so long; "
                "leave idle_timeout out, or make it shorter",
                ConfigurationWarning,
            )
        own = None if ttl is None else int(ttl * 1000)
        return None if idle is absolute is own is None else cls(idle, absolute, own)

    def is_over(self, timestamps: Timestamps | None, now: float) -> bool:
        """Whether a session with these timestamps has ended at ``now``."""
        return timestamps is not None and now > self._end(timestamps) + SKEW

    def is_ahead(self, timestamps: Timestamps, now: float) -> bool:
        """Whether timestamps come from the future: another clock, or the application, made them."""
        latest = now + SKEW
        start, written, end = timestamps.start, timestamps.written, timestamps.end
        if written is None and end is not None and self.idle is not None:
            written = end - self.idle
        return (written is not None and written > latest) or (start is not None and start > latest)

    def brought_back(self, timestamps: Timestamps, now: float) -> Timestamps:
        """Return timestamps from the future as if the session was written now.

        They have no end, so a renewal is due at once.
        """
        start = timestamps.start
        if start is not None and start > now:
            start = now
        return Timestamps(start, None, None, timestamps.until_browser_closes)

    def needs_refresh(
        self, timestamps: Timestamps | None, now: float, max_age: float | None
    ) -> bool:
        """Whether to send an unchanged session again.

        That is due when half of the idle time has passed and a later end is possible, when half
        of ``max_age`` has passed and the browser would drop the cookie before the session ends,
        or when the session has no timestamps yet.

        Args:
            timestamps: those of the session.
            now: the time.
            max_age: **seconds** that the browser keeps the cookie, if it is told.
        """
        if self.idle is None and self.absolute is None:
            return False  # only a save prolongs the session
        timestamps = timestamps or NO_TIMESTAMPS
        if timestamps.end is None or (self.absolute is not None and timestamps.start is None):
            return True
        if self.idle is None:
            return False
        end = self._end(timestamps)
        if end - now < self.idle / 2 and self._next_end(timestamps.start, now) > end:
            return True
        if max_age is None:
            return False
        written = timestamps.written
        if written is None:  # its writer noted only the end
            if timestamps.end >= self._next_end(timestamps.start, math.inf):
                # absolute_timeout has set that end, so that it does not tell the last write.
                return now + max_age * 1000 + SKEW < end
            written = timestamps.end - self.idle
        dropped = written + max_age * 1000
        return dropped - now < max_age * 500 and dropped < end

    def renewed(self, timestamps: Timestamps | None, now: float) -> Timestamps:
        """Return the timestamps of a session that is written ``now``; its start stays."""
        timestamps = timestamps or NO_TIMESTAMPS
        start = timestamps.start
        if start is None and self.absolute is not None:
            start = now
        end = self._next_end(start, now)
        # Koa reads a _maxAge of 0 as a whole day, so the idle time is at least a millisecond.
        written = now if now < end else end - 1
        return Timestamps(start, written, end, timestamps.until_browser_closes)

    def _end(self, timestamps: Timestamps) -> float:
        # Our own settings count as well as the timestamps: shorter settings take effect at once.
        end = math.inf if timestamps.end is None else timestamps.end
        if self.idle is not None and timestamps.written is not None:
            end = min(end, timestamps.written + self.idle)
        if self.absolute is not None and timestamps.start is not None:
            end = min(end, timestamps.start + self.absolute)
        return end

    def _next_end(self, start: float | None, now: float) -> float:
        idle = self.ttl if self.idle is None else self.idle
        idle_end = math.inf if idle is None else now + idle
        if self.absolute is None or start is None:
            return idle_end
        return min(idle_end, start + self.absolute)


def split_timestamps(contents: Mapping[str, Any]) -> tuple[dict[str, Any], Timestamps]:
    """Return the contents that the application sees, and the timestamps that came with them."""
    mine = dict(contents)
    end, max_age = _time(mine.pop(EXPIRE, None)), _time(mine.pop(MAX_AGE, None))
    until_browser_closes = mine.pop(UNTIL_BROWSER_CLOSES, None) is True
    written = None if end is None or max_age is None else end - max_age
    return mine, Timestamps(_time(mine.pop(START, None)), written, end, until_browser_closes)


def take_start(contents: dict[str, Any]) -> float | None:
    """Take the start of a session out of its contents, where nothing else stands in them."""
    return _time(contents.pop(START, None))


def misused_key(contents: Mapping[str, Any], timestamps: Timestamps) -> str | None:
    """Return a key of the timestamps whose value is something else, if there is one.

    The application has then used the key. A value of ``None`` is no loss, and does not count.

    Args:
        contents: those from the cookie.
        timestamps: those that were found in the contents.
    """
    if (
        timestamps.written is not None
        and (timestamps.start is not None or START not in contents)
        and UNTIL_BROWSER_CLOSES not in contents
    ):
        return None  # Fast path: timestamps as we write them.
    for key in (EXPIRE, MAX_AGE, UNTIL_BROWSER_CLOSES, START):
        value = contents.get(key)
        if value is None or (value is True and key == UNTIL_BROWSER_CLOSES):
            continue
        if key == UNTIL_BROWSER_CLOSES or _time(value) is None:
            return key
    return None


def _time(value: Any) -> float | None:
    is_number = type(value) is int or type(value) is float
    return value if is_number and 0 <= value <= _LAST_DATE else None


def _milliseconds(option: str, value: float | timedelta | None) -> int | None:
    if value is None:
        return None
    milliseconds = int(check_seconds(option, value) * 1000)
    if not milliseconds:
        message = f"{option} must be a millisecond or more, got {value!r}"
        raise ConfigurationError(message)
    return milliseconds
