"""The ``Set-Cookie`` values of a response: write one, and tell what one does.

A name or a value that a header cannot carry is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .attributes import CookieOptions
from .errors import ConfigurationError, CookieNameWarning, got, warn, without_frames
from .hidden import Hidden

_NAME = re.compile(r"(?! )[\x20-\x3a\x3c\x3e-\x7e]+(?<! )")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE_BYTES = bytes({9, *range(0x20, 0x7F), *range(0x80, 0x100)} - {ord(";")})


def format_set_cookie(
    name: str, value: str | None, options: CookieOptions, *, https: bool, now: float
) -> str:
    """Return one ``Set-Cookie`` value, its attributes in Node's order and letter case.

    An empty ``value``, or ``None``, expires the cookie, as in Node.

    Args:
        name: the cookie's name.
        value: the cookie's value.
        options: its attributes.
        https: whether the connection is secure.
        now: the time in seconds since the epoch, for ``max_age``.

    Raises:
        ConfigurationError: for a name or value that a header cannot carry, ``secure=True``
            over plain HTTP, or attributes that browsers refuse together.
        TypeError: for another argument of a wrong type.
    """
    given = Hidden((name, Hidden("" if value is None else value), options, https, now))
    del name, value, options, https, now
    try:
        return _formatted(*given.value)
    except (ConfigurationError, TypeError) as error:
        raise without_frames(error) from None


def _formatted(
    name: str,
    value: Hidden[str],
    options: CookieOptions,
    https: bool,  # noqa: FBT001 - the caller passes all arguments on
    now: float,
) -> str:
    check_name(name)
    check_value(value)
    _check_type("options", options, CookieOptions)
    _check_type("https", https, bool)
    _check_type("now", now, int, float)
    if options.secure and not https:
        message = "a cookie with secure=True cannot be sent over plain HTTP"
        raise ConfigurationError(message)
    options.check_together(name, https=https)
    attributes = options.attributes(https=https, now=now, expire=not value.value)
    return f"{name}={value.value}{attributes}"


def _check_type(argument: str, value: object, *allowed: type) -> None:
    if not isinstance(value, allowed):
        names = " or ".join(each.__name__ for each in allowed)
        message = f"{argument} must be {names}, got {type(value).__name__}"
        raise TypeError(message)


def check_name(name: object) -> None:
    """Refuse a cookie name that a browser would not send back.

    Raises:
        ConfigurationError: says what is allowed. The name is not shown: it may be a cookie.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = (
            "a cookie name must be printable ASCII without ';', '=' or spaces at its ends, "
            f"got {got(name)}"
        )
        raise ConfigurationError(message)


def warn_of_name(name: str) -> None:
    """Warn of a name that RFC 6265 does not allow, although browsers and Node do.

    Warns:
        CookieNameWarning: for a name that is not a token. The name is not shown.
    """
    if not _TOKEN.fullmatch(name):
        warn(
            "the cookie name is not a token of RFC 6265: some servers, such as hapi, answer every "
            "request that has such a cookie with 400; use letters, digits and !#$%&'*+-.^_`|~",
            CookieNameWarning,
        )


def check_value(value: Hidden[Any]) -> None:
    """Refuse a cookie value that a header cannot carry.

    Raises:
        ConfigurationError: says what is allowed. The value is not shown: it may be a session.
    """
    if not _fits(value):
        message = (
            "a cookie value must be text without ';', control characters or characters "
            f"beyond latin-1, got {type(value.value).__name__}"
        )
        raise ConfigurationError(message)


def _fits(value: Hidden[Any]) -> bool:
    if not isinstance(value.value, str):
        return False
    try:
        # Delete every byte that is allowed: several times faster than a regular expression.
        return not value.value.encode("latin-1").translate(None, _VALUE_BYTES)
    except UnicodeEncodeError:
        return False


def as_list(set_cookies: Iterable[str]) -> list[str]:
    """Return the ``Set-Cookie`` values of a response as a list.

    Raises:
        TypeError: for a single value, whose characters would pass for values; and for a value
            that is not text.
    """
    if isinstance(set_cookies, (str, bytes)):
        message = f"the Set-Cookie values must be a list, got {type(set_cookies).__name__}"
        del set_cookies
        raise TypeError(message)
    values = [*set_cookies]
    if not all(isinstance(value, str) for value in values):
        del set_cookies, values
        message = "the Set-Cookie values must be a list of str"
        raise TypeError(message)
    return values


def is_deletion(set_cookie: str) -> bool:
    """Whether a ``Set-Cookie`` value tells the client to drop the cookie."""
    text = set_cookie.lower().replace(" ", "")
    value = text.partition(";")[0].partition("=")[2]
    return value in ("", '""') or _DROPS.search(text) is not None


_DROPS = re.compile(r";max-age=(?:-|0+(?:;|$))|;expires=[^;]*\b(?:0?1-?jan-?)(?:19)?70")
