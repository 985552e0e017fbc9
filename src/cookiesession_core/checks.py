"""The values of a cookie's attributes, each checked alone.

A wrong value raises :class:`ConfigurationError`. A value that Node sends and browsers ignore is
accepted with a warning.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any, NoReturn

import attrs

from .attribute_text import LAST_SECOND
from .errors import ConfigurationError, ConfigurationWarning, CookieLifetimeWarning, got, warn

# The stricter grammars of `cookies` 0.9.2, which refuse an injected attribute (CVE-2026-88038).
_PATH = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"\.?{_LABEL}(?:\.{_LABEL})*")
_ATTRIBUTE_LIMIT = 1024
"""Bytes; browsers ignore longer attribute values (RFC 6265bis section 5.6)."""
_AGE_LIMIT = 400 * 24 * 3600
"""Seconds; the longest time that browsers keep a cookie (RFC 6265bis section 5.5)."""
_FOR_EVER = 2**31 - 1
"""Seconds; a usual way to ask for no end, and no slip."""


def _refuse(option: str, value: object, allowed: str) -> NoReturn:
    message = f"{option} must be {allowed}, got {got(value)}"
    raise ConfigurationError(message)


def seconds_of(value: object) -> float | None:
    """Return a duration in seconds; ``None`` if it is not a duration, or not a possible one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, timedelta)):
        return None
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return seconds if 0 < seconds <= LAST_SECOND else None


def check_seconds(option: str, value: object, hint: str = "") -> float:
    """Return a duration in seconds.

    Raises:
        ConfigurationError: when it is not a duration, not positive, or beyond the year 9999.
    """
    seconds = seconds_of(value)
    if seconds is None:
        allowed = f"None or a positive number of seconds (int, float or timedelta){hint}"
        _refuse(option, value, allowed)
    return seconds


_NO_MAX_AGE = "; leave it out for a browser-session cookie, call destroy() to end a session"


def check_max_age(option: str, value: object) -> float:
    """Return the seconds of a session's ``max_age``.

    The date of a cookie has whole seconds. With less than one, a browser would drop the cookie.

    Raises:
        ConfigurationError: when it is not a duration, below a second, or beyond the year 9999.
    """
    seconds = check_seconds(option, value, _NO_MAX_AGE)
    if seconds < 1:
        _refuse(option, value, f"None or at least 1 second{_NO_MAX_AGE}")
    return seconds


def check_cookie_age(_: object, __: object, value: Any) -> None:
    """Refuse a wrong ``max_age``, and warn of one that is longer than browsers keep a cookie."""
    if value is not None:
        seconds = check_seconds("max_age", value, _NO_MAX_AGE)
        if seconds > _AGE_LIMIT and seconds != _FOR_EVER:
            warn(
                f"max_age is {seconds:.0f} seconds, and browsers keep a cookie for {_AGE_LIMIT} "
                "(400 days) at most; was it meant in milliseconds, as in Node?",
                CookieLifetimeWarning,
            )


def check_expires(_: object, __: object, value: Any) -> None:
    """Refuse an ``expires`` that is not an aware ``datetime``."""
    if value is None:
        return
    if not isinstance(value, datetime) or value.tzinfo is None:
        _refuse("expires", value, "None or a datetime with a time zone: add tzinfo=timezone.utc")
    try:
        value.astimezone(timezone.utc)
    except OverflowError:
        _refuse("expires", value, "a datetime within the years 1 to 9999 of UTC")


def check_path(_: object, __: object, value: Any) -> None:
    """Refuse a ``path`` that a cookie cannot carry, and warn of one that browsers ignore."""
    if value is None:
        return
    if not isinstance(value, str) or not _PATH.fullmatch(value) or len(value) > _ATTRIBUTE_LIMIT:
        _refuse("path", value, "None or printable ASCII without ';', at most 1024 bytes")
    if value and not value.startswith("/"):
        warn(
            "path does not begin with '/': browsers ignore it, and keep the cookie for the folder "
            "of the page that set it; did you mean a path such as '/app'?",
            ConfigurationWarning,
        )


def check_domain(_: object, __: object, value: Any) -> None:
    """Refuse a ``domain`` that is not a host name."""
    if value is None or value == "":
        return
    if not isinstance(value, str) or not _DOMAIN.fullmatch(value) or len(value) > _ATTRIBUTE_LIMIT:
        _refuse("domain", value, "None or a host name such as 'example.com', without a port")


def check_bool(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse a value that is neither ``True`` nor ``False``."""
    if not isinstance(value, bool):
        _refuse(attribute.name, value, "True or False")


def check_secure(_: object, __: object, value: Any) -> None:
    """Refuse a ``secure`` that is neither a ``bool`` nor ``None``."""
    if value is not None and not isinstance(value, bool):
        _refuse("secure", value, "True, False or None (follow the connection)")


def check_same_site(_: object, __: object, value: Any) -> None:
    """Refuse another ``same_site`` than browsers know."""
    if value is None or isinstance(value, bool):
        return
    if not isinstance(value, str) or value.lower() not in ("", "lax", "strict", "none"):
        _refuse("same_site", value, "None, 'lax', 'strict', 'none' or True (strict)")


def check_priority(_: object, __: object, value: Any) -> None:
    """Refuse another ``priority`` than Chrome knows."""
    if value is None:
        return
    if not isinstance(value, str) or value.lower() not in ("", "low", "medium", "high"):
        _refuse("priority", value, "None, 'low', 'medium' or 'high'")
