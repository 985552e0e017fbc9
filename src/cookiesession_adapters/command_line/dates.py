"""Dates and durations, in words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def date(seconds: float, now: float) -> str:
    """Return the date for seconds since the epoch, and its distance from ``now``."""
    try:
        then = _EPOCH + timedelta(seconds=int(seconds))
    except OverflowError:
        return "after the year 9999"
    distance = duration(abs(seconds - now))
    relation = f"{distance} ago" if seconds < now else f"in {distance}"
    if abs(seconds - now) < 1:
        relation = "now"
    return f"{then:%Y-%m-%d %H:%M:%S} UTC ({relation})"


def duration(seconds: float) -> str:
    """Return a number of seconds in the largest unit that fits, rounded down."""
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    count = int(seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"
