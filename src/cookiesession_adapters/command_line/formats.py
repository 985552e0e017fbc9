"""The formats of cookies that the command knows, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from cookiesession_core import (
    BoundFormat,
    ConfigurationError,
    Contents,
    CookieFormat,
    Hidden,
    HoldsKeys,
    JSONFormat,
    Keygrip,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    SignedPair,
    Timestamps,
)

COOKIE_SESSION, IRON_SESSION, REACT_ROUTER = "cookie-session", "iron-session", "react-router"
FORMATS = (COOKIE_SESSION, IRON_SESSION, REACT_ROUTER)
SEAL = "Fe26.2*"
"""How a seal of iron-session begins."""

_FORMATS = "cookiesession_adapters.formats"
_ID = re.compile(r"Fe26\.2\*(0|[1-9][0-9]{0,15})\*")


def cookie_format(
    name: str, keys: Hidden[tuple[bytes, ...]], algorithm: str, encoding: str
) -> CookieFormat:
    """Return the format of this name. Its package is imported only now.

    Args:
        name: one of ``FORMATS``.
        keys: newest first; for iron-session its passwords.
        algorithm: the hash that signs, where the format has a choice.
        encoding: that of the signature, where the format has a choice.

    Raises:
        ConfigurationError: for wrong keys, or a wrong algorithm or encoding.
        ModuleNotFoundError: says which extra is missing.
    """
    if name == IRON_SESSION:
        return AnyPassword(keys)
    if name == REACT_ROUTER:
        made: CookieFormat = import_module(f"{_FORMATS}.react_router").ReactRouter([*keys.value])
        return made
    return SignedPair(Keygrip(keys.value, algorithm, encoding))


class AnyPassword(HoldsKeys):
    """The format of iron-session for passwords whose ids are not known.

    A seal names the id of its password. So each password is tried under that id.

    Args:
        keys: the passwords, newest first.
    """

    def __init__(self, keys: Hidden[tuple[bytes, ...]]) -> None:
        self._iron_session = import_module(f"{_FORMATS}.iron_session").IronSession
        texts = [key.decode("utf-8", "surrogateescape") for key in keys.value]
        self._passwords = Hidden(texts)
        del texts
        self._seals: Any = self._iron_session(
            {len(keys.value) - index: each for index, each in enumerate(self._passwords.value)}
        )

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The attributes of the cookie in iron-session."""
        defaults: Mapping[str, Any] = self._seals.defaults
        return defaults

    @property
    def ttl(self) -> float | None:
        """The seconds from a save to the end of the session."""
        ttl: float | None = self._seals.ttl
        return ttl

    def with_idle_timeout(self, seconds: float, /) -> CookieFormat:
        """Return the same format with another ttl."""
        self._seals = self._seals.with_idle_timeout(seconds)
        return self

    def bound(self, name: str, /) -> BoundFormat:
        """Return the format for the cookie ``name`` and its chunks."""
        return _BoundToAny(name, self._seals.bound(name), self._opening)

    def _opening(
        self, cookies: RequestCookies, names: tuple[str, ...]
    ) -> Iterator[tuple[int, BoundFormat]]:
        """Return a format for each password, under the ids in the seals of these cookies."""
        values = [each for name in names for each in cookies.candidates(name)]
        ids = [match[1] for match in map(_ID.match, values) if match] or ["1"]
        for index, password in enumerate(map(Hidden, self._passwords.value)):
            with suppress(ConfigurationError):  # it is too short to open anything
                yield index, self._iron_session(dict.fromkeys(ids, password.value)).bound(names[0])


class _BoundToAny(JSONFormat):
    """The sealed cookie of one name."""

    keeps_end = True

    def __init__(
        self,
        name: str,
        seals: BoundFormat,
        opening: Callable[[RequestCookies, tuple[str, ...]], Iterator[tuple[int, BoundFormat]]],
    ) -> None:
        super().__init__(name)
        self._seals, self._opening = seals, opening
        self.leftovers = seals.leftovers

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Open a seal by the first password that made it."""
        for index, each in self._opening(cookies, self.names + self.leftovers):
            reading = each.read(cookies, clock)
            if reading.outcome is Outcome.ABSENT:
                break
            if reading.outcome is not Outcome.BAD_SIGNATURE:
                reading.key_index = index
                return reading
        return self._seals.read(cookies, clock)

    def payload(self, contents: Contents, /) -> Payload:
        """Serialise contents as JSON."""
        return self._seals.payload(contents)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return a seal by the newest password."""
        return self._seals.seal(payload, timestamps)
