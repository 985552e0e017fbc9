"""The text of a cookie's attributes, in the order and the letter case of Node."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache

import attrs

EPOCH: datetime = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z; the year of a cookie date has four digits."""
_LONG_AGO = "; expires=Thu, 01 Jan 1970 00:00:00 GMT"


@attrs.frozen
class AttributeText:
    """The text of a cookie's attributes, complete but for the date."""

    path: str
    over_http: str
    """The text after the date, over HTTP."""
    over_https: str
    """The text after the date, over HTTPS."""
    max_age: float | None
    """Seconds."""
    expires: int | None
    """Seconds since the epoch."""

    def dateless(self) -> tuple[str | None, str | None]:
        """Return the text over HTTP and over HTTPS; ``None`` where it depends on the time."""
        if self.max_age is not None:
            return None, None
        return self.at(https=False, now=0), self.at(https=True, now=0)

    def at(self, *, https: bool, now: float, expire: bool = False) -> str:
        """Return the text that follows ``name=value``.

        Args:
            https: whether the connection is secure; decides where ``secure`` is ``None``.
            now: the time in seconds since the epoch.
            expire: write a date in 1970, so that the browser drops the cookie.
        """
        if expire:
            date = _LONG_AGO
        elif self.max_age is not None:
            # Node rounds milliseconds down to the second. The 0.05 milliseconds make up for a
            # binary fraction just below a whole second.
            date = _expires_at(int((now + self.max_age) * 1000 + 0.05) // 1000)
        elif self.expires is not None:
            date = _expires_at(self.expires)
        else:
            date = ""
        return f"{self.path}{date}{self.over_https if https else self.over_http}"


@lru_cache(maxsize=256)
def _expires_at(second: int) -> str:
    # Without strftime: it follows the locale, and pads years on some platforms only.
    moment = EPOCH + timedelta(seconds=min(second, LAST_SECOND))
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return (
        f"; expires={day}, {moment.day:02} {months[moment.month - 1]} {moment.year:04} "
        f"{moment.hour:02}:{moment.minute:02}:{moment.second:02} GMT"
    )
