"""The common part of the readers: they check their settings, and ``read`` never raises."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from cookiesession_core import ConfigurationError, CookieOptions, Hidden, HoldsKeys, RequestCookies

DAY = 24 * 3600


class LegacyKeys(HoldsKeys):
    """The keys of the old library as bytes. The ``repr`` of this object does not show them.

    The constructor does not raise. So a reader can first delete its own references to the keys,
    and then call :meth:`check`. No frame in the traceback of the error then holds a key.
    """

    __slots__ = ("_problem", "current", "fallbacks")

    def __init__(self, secret_key: object, fallbacks: object = ()) -> None:
        self._problem: str | None = None
        self.fallbacks: list[bytes] = []
        if isinstance(fallbacks, (str, bytes)) or not isinstance(fallbacks, Sequence):
            self._problem = f"fallbacks must be a list of keys, got {type(fallbacks).__name__}"
        else:
            self.fallbacks += map(self._as_bytes, fallbacks)
        self.current: bytes = self._as_bytes(secret_key)

    def are_those_of(self, other: LegacyKeys) -> bool:
        """Whether the other keys are the same, compared in constant time."""
        mine, others = [self.current, *self.fallbacks], [other.current, *other.fallbacks]
        return len(mine) == len(others) and all([*map(compare_digest, mine, others)])

    def check(self) -> None:
        """Raise an error if one of the keys is wrong.

        Raises:
            ConfigurationError: a key is not ``str`` or ``bytes``, or is empty.
        """
        if self._problem is not None:
            raise ConfigurationError(self._problem)

    def _as_bytes(self, key: object) -> bytes:
        if not isinstance(key, (str, bytes)):
            hint = ": is the environment variable set?" if key is None else ""
            self._problem = f"a legacy key must be str or bytes, got {type(key).__name__}{hint}"
            return b""
        if not key:
            self._problem = "a legacy key must not be empty: anyone could sign with it"
            return b""
        if isinstance(key, bytes):
            return key
        try:
            return key.encode()
        except UnicodeEncodeError:
            self._problem = "a legacy key must be text that UTF-8 can encode, or bytes"
            return b""


class SignedReader(HoldsKeys, ABC):
    """Reads a cookie that holds a signed session and the time of its signature."""

    failures: tuple[type[Exception], ...]
    """The exceptions that the old library raises for a cookie that is not valid."""

    def __init__(
        self,
        keys: LegacyKeys,
        name: str,
        max_age: float | timedelta,
        options: CookieOptions | None,
    ) -> None:
        keys.check()
        self._keys = keys
        self.names: tuple[str, ...] = (name,)
        self.options: CookieOptions = CookieOptions() if options is None else options
        self.max_age: int = _seconds(max_age)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._keys.are_those_of(other._keys) and self._settings() == other._settings()

    def __hash__(self) -> int:
        return hash((self.names, self.max_age))

    def _settings(self) -> tuple[object, ...]:
        """Return what distinguishes two readers of this type."""
        return self.names, self.options, self.max_age

    def read(self, cookies: RequestCookies, /) -> dict[str, Any] | None:
        """Return the contents of a cookie that verifies and has not expired, else ``None``."""
        for value in map(Hidden, cookies.candidates(self.names[0])):
            with suppress(*self.failures):
                contents = self._loads(value.value)
                if isinstance(contents, dict):
                    return contents
        return None

    @abstractmethod
    def _loads(self, value: str) -> Any:
        """Return what the old library reads from a cookie. Raises one of ``failures``."""


def _seconds(max_age: object) -> int:
    seconds = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, (int, float))
        or not 1 <= seconds < math.inf
    ):
        # Text is not shown: it may be a key.
        shown = f": {max_age!r}" if isinstance(max_age, (int, float, timedelta)) else ""
        message = (
            "max_age must be a second or more, as a number or a timedelta, "
            f"got {type(max_age).__name__}{shown}"
        )
        raise ConfigurationError(message)
    return int(seconds)
