"""The cookies of a session: as a client sends them, and as a server sets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cookiesession_core import CookieSession, Keygrip
from tests.support.keys import KEYS, NEWEST

GONE = "expires=Thu, 01 Jan 1970 00:00:00 GMT"
"""The attribute that makes a browser drop a cookie."""


def cookie_header(cookies: Mapping[str, str]) -> str:
    """Return the Cookie header by which a client sends ``cookies``."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def header(contents: Mapping[str, Any], *keys: str | bytes, **options: Any) -> str:
    """Return the Cookie header of a client with these contents, signed by ``keys``."""
    return cookie_header(CookieSession(keys=keys or KEYS, **options).encode(contents))


def signed_pair(value: str, key: str = NEWEST, name: str = "session") -> dict[str, str]:
    """Return the two cookies of a client whose value verifies, whatever it holds."""
    return {name: value, f"{name}.sig": Keygrip([key]).sign(f"{name}={value}")}


def signed(value: str, key: str = NEWEST, name: str = "session") -> str:
    """Return the Cookie header of a client whose value verifies, whatever it holds."""
    return cookie_header(signed_pair(value, key, name))


def set_cookies(contents: Mapping[str, Any], attributes: str = "; path=/; httponly") -> list[str]:
    """Return the Set-Cookie values by which a server saves these contents."""
    cookies = CookieSession(keys=KEYS).encode(contents)
    return [f"{name}={value}{attributes}" for name, value in cookies.items()]


def sent_back(values: Iterable[str]) -> str:
    """Return the Cookie header of a client that got these Set-Cookie values."""
    return "; ".join(value.partition(";")[0] for value in values)
