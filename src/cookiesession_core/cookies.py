"""The syntax of cookies and nothing else: find one, write one, drop one.

Reading is the matching of Node's ``cookies`` 0.9: ``;`` separates and nothing protects it,
only U+0020 is skipped before a name, the first pair of a name wins. It runs in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import ConfigurationError
from .options import CookieOptions

_NAME = re.compile(r"(?! )[\x20-\x3a\x3c\x3e-\x7e]+(?<! )")
_VALUE_OCTETS = bytes({9, *range(0x20, 0x7F), *range(0x80, 0x100)} - {ord(";")})


def find_cookie(header: str | bytes, name: str) -> str | None:
    """Return the first value of cookie ``name`` in a ``Cookie`` header, or ``None``.

    The value is not trimmed and not decoded. If it begins with ``"``, its first and its last
    character are dropped, as Node does. ``bytes`` are read as latin-1.
    """
    text = header if isinstance(header, str) else header.decode("latin-1")
    return first_value(text, f"{name}=")


def first_value(header: str, start_of_pair: str) -> str | None:
    """Return the value of the first pair that begins with ``"name="``, or ``None``."""
    # Node matches (?:^|;) *name=([^;]*). str.partition jumps to the name; an expression that
    # begins with an alternative would walk there one character at a time.
    before, found, rest = header.partition(start_of_pair)
    if not found:
        return None
    if before and before[-2:] != "; ":
        values = values_of(header, start_of_pair, 1)
        return values[0] if values else None
    value = rest.partition(";")[0]
    return value[1:-1] if '"' in value and value[0] == '"' else value


def values_of(header: str, start_of_pair: str, most: int) -> list[str]:
    """Return the values of the pairs that begin with ``"name="``, ``most`` of them at the most."""
    values: list[str] = []
    checked = 0
    start = header.find(start_of_pair)
    while start >= 0 and len(values) < most:
        value_start = start + len(start_of_pair)
        if start == 0 or _begins_a_pair(header, checked, start):
            end = header.find(";", value_start)
            value = header[value_start:] if end < 0 else header[value_start:end]
            values.append(value[1:-1] if value[:1] == '"' else value)
        checked = value_start
        start = header.find(start_of_pair, value_start)
    return values


def _begins_a_pair(header: str, checked: int, start: int) -> bool:
    # No separator lies before `checked` that has not been looked at: this keeps it linear.
    separator = header.rfind(";", checked, start)
    if separator < 0 and checked > 0:
        return False
    return not header[separator + 1 : start].strip(" ")


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
    """
    check_name(name)
    value = value if value is not None else ""
    check_value(value)
    if options.secure and not https:
        message = "a cookie with secure=True cannot be sent over plain HTTP"
        raise ConfigurationError(message)
    options.check_together(name, https=https)
    return f"{name}={value}{options.attributes(https=https, now=now, expire=not value)}"


def check_name(name: object) -> None:
    """Refuse a cookie name that would not survive the way to the browser and back.

    Raises:
        ConfigurationError: says what is allowed.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = (
            "a cookie name must be printable ASCII without ';', '=' and spaces at its ends, "
            f"got {type(name).__name__}: {name!r}"
        )
        raise ConfigurationError(message)


def check_value(value: object) -> None:
    """Refuse a cookie value that a header cannot carry.

    Raises:
        ConfigurationError: without the value, which may be a session.
    """
    try:
        # What remains without all that is allowed: several times faster than an expression.
        fits = isinstance(value, str) and not value.encode("latin-1").translate(None, _VALUE_OCTETS)
    except UnicodeEncodeError:
        fits = False
    if not fits:
        message = (
            "a cookie value must be text without ';', control characters and characters "
            f"beyond latin-1, got {type(value).__name__}"
        )
        raise ConfigurationError(message)


def drop_set_cookie(values: Iterable[str], *names: str) -> list[str]:
    """Return the ``Set-Cookie`` values that set none of the cookies ``names``."""
    starts = tuple(f"{name}=" for name in names)
    return [value for value in values if not value.startswith(starts)]
