"""What the readers have in common: how they are configured, and that they never raise."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cookiesession_core import ConfigurationError, CookieOptions

DAY = 24 * 3600


class SignedReader(ABC):
    """Reads a cookie that holds a signed session and the time of its signature."""

    failures: tuple[type[Exception], ...]
    """What the former library raises for a cookie that is not valid."""

    def __init__(
        self, name: str, max_age: float | timedelta, options: CookieOptions | None
    ) -> None:
        self.name: str = name
        self.options: CookieOptions = CookieOptions() if options is None else options
        self.max_age: int = _seconds(max_age)

    def read(self, value: str, /) -> dict[str, Any] | None:
        """Return the contents of a cookie that verifies and has not expired, else ``None``."""
        try:
            contents = self._loads(value)
        except self.failures:
            return None
        return contents if isinstance(contents, dict) else None

    @abstractmethod
    def _loads(self, value: str) -> Any:
        """Return what the former library makes of a cookie; raises ``failures``."""


def keys_of(*keys: object) -> list[bytes]:
    """Return the octets of some keys.

    Raises:
        ConfigurationError: for one that is none, or empty.
    """
    octets: list[bytes] = []
    for key in keys:
        if not isinstance(key, (str, bytes)):
            message = f"a former key must be str or bytes, got {type(key).__name__}"
            raise ConfigurationError(message)
        if not key:
            message = "a former key must not be empty: anyone could sign with it"
            raise ConfigurationError(message)
        octets.append(key.encode() if isinstance(key, str) else key)
    return octets


def fallbacks_of(fallbacks: Sequence[str | bytes]) -> list[bytes]:
    """Return the octets of the keys that signed before.

    Raises:
        ConfigurationError: when this is itself a key, or one of them is none, or empty.
    """
    if isinstance(fallbacks, (str, bytes)):
        message = f"fallbacks must be a list of keys, got {type(fallbacks).__name__}"
        raise ConfigurationError(message)
    return keys_of(*fallbacks)


def _seconds(max_age: object) -> int:
    seconds = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, (int, float))
        or not 1 <= seconds < math.inf
    ):
        message = (
            "max_age must be a second or more, as a number or a timedelta, "
            f"got {type(max_age).__name__}: {max_age!r}"
        )
        raise ConfigurationError(message)
    return int(seconds)
