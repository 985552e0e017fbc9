"""A lifetime that the server enforces: when a session ends stands in its signed contents.

The format is that of ``koa-session`` 7, so that a Koa application and we end and prolong the
same sessions: ``_expire`` is the end in milliseconds since the epoch, ``_maxAge`` how long the
session may go unused from the moment it was written, ``_session`` that Koa keeps the cookie
until the browser closes. ``$start`` is ours: Koa hands on what does not begin with ``_``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs
from typing_extensions import Self

from .errors import ConfigurationError, SessionEncodeError
from .options import check_seconds

EXPIRE, MAX_AGE, UNTIL_BROWSER_CLOSES, START = "_expire", "_maxAge", "_session", "$start"
_RESERVED = (EXPIRE, MAX_AGE, UNTIL_BROWSER_CLOSES, START)

SKEW = 60_000
"""Milliseconds by which the clocks of servers that share sessions may differ."""
_LAST_DATE = 8_640_000_000_000_000
"""Milliseconds; the end of time in JavaScript."""


@attrs.frozen
class Stamp:
    """What a session's writers noted of its time, in milliseconds since the epoch."""

    start: float | None = None
    written: float | None = None
    """When it was last written, and so its idle time began."""
    end: float | None = None
    until_browser_closes: bool = False


UNSTAMPED = Stamp()
"""Of a session that begins now, or whose writer knows nothing of lifetimes."""


@attrs.frozen
class Lifetime:
    """How long sessions live, in milliseconds.

    A session without a stamp, as Express writes it, is taken and stamped when it is touched.
    """

    idle: int | None
    absolute: int | None

    @classmethod
    def of(
        cls, idle_timeout: float | timedelta | None, absolute_timeout: float | timedelta | None
    ) -> Self | None:
        """Return the lifetime for two durations in **seconds**; ``None`` where neither is set.

        Raises:
            ConfigurationError: names the option, the value's type and what is allowed.
        """
        idle = _milliseconds("idle_timeout", idle_timeout)
        absolute = _milliseconds("absolute_timeout", absolute_timeout)
        return None if idle is None and absolute is None else cls(idle, absolute)

    def is_over(self, stamp: Stamp, now: float) -> bool:
        """Whether a session with that stamp has ended at ``now``."""
        return now > self._end(stamp) + SKEW

    def needs_refresh(self, stamp: Stamp, now: float) -> bool:
        """Whether to send an unchanged session again.

        That is when half of the idle time has passed and there is time left to gain, or when
        there is no stamp yet.
        """
        if stamp.end is None or (self.absolute is not None and stamp.start is None):
            return True
        if self.idle is None:
            return False
        end = self._end(stamp)
        return end - now < self.idle / 2 and self._next_end(stamp.start, now) > end

    def stamped(self, contents: Mapping[str, Any], stamp: Stamp, now: float) -> dict[str, Any]:
        """Return ``contents`` with the lifetime that begins ``now``, within the one of ``stamp``.

        Raises:
            SessionEncodeError: when the contents use one of the names that it needs.
        """
        for name in _RESERVED:
            if name in contents:
                path, type_name = f"session[{name!r}]", type(contents[name]).__name__
                reason = "stands under a name that idle_timeout and absolute_timeout need"
                raise SessionEncodeError(path, type_name, reason)
        start = now if stamp.start is None and self.absolute is not None else stamp.start
        end = self._next_end(start, now)
        # Koa reads 0 as a whole day.
        result = {**contents, EXPIRE: int(end), MAX_AGE: max(1, int(end - now))}
        if stamp.until_browser_closes:
            result[UNTIL_BROWSER_CLOSES] = True
        if start is not None:
            result[START] = int(start)
        return result

    def _end(self, stamp: Stamp) -> float:
        # From the stamp and from our own settings: shortening these takes effect at once.
        ends = [math.inf if stamp.end is None else stamp.end]
        if self.idle is not None and stamp.written is not None:
            ends.append(stamp.written + self.idle)
        if self.absolute is not None and stamp.start is not None:
            ends.append(stamp.start + self.absolute)
        return min(ends)

    def _next_end(self, start: float | None, now: float) -> float:
        idle_end = math.inf if self.idle is None else now + self.idle
        if self.absolute is None or start is None:
            return idle_end
        return min(idle_end, start + self.absolute)


def unstamped(contents: Mapping[str, Any]) -> tuple[dict[str, Any], Stamp]:
    """Return the contents that the application sees, and the stamp that came with them."""
    mine = {name: value for name, value in contents.items() if name not in _RESERVED}
    end, max_age = (_time(contents.get(name)) for name in (EXPIRE, MAX_AGE))
    stamp = Stamp(
        start=_time(contents.get(START)),
        written=None if end is None or max_age is None else end - max_age,
        end=end,
        until_browser_closes=contents.get(UNTIL_BROWSER_CLOSES) is True,
    )
    return mine, stamp


def _time(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if 0 <= value <= _LAST_DATE else None


def _milliseconds(option: str, value: float | timedelta | None) -> int | None:
    if value is None:
        return None
    milliseconds = int(check_seconds(option, value) * 1000)
    if not milliseconds:
        message = f"{option} must be a millisecond or more, got {value!r}"
        raise ConfigurationError(message)
    return milliseconds
