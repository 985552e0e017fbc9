"""The sessions of iron-session 8 and 9. This module needs ``cookiesession[iron-session]``.

sessions = CookieSession(format=IronSession("a password of 32 characters or more"), name="sid")

**One password for one purpose**: a seal is not bound to the name of its cookie. Whatever else is
sealed with this password, such as the token of a link, is a session as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import Any

from cookiesession_core import (
    ConfigurationError,
    Contents,
    Hidden,
    HoldsKeys,
    JSONFormat,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    SessionEncodeError,
    Timestamps,
)

from .iron_seal import TOLERANCE, Passwords, Ring
from .javascript import percent_decoded

DEFAULT_TTL = 14 * 24 * 3600
"""Seconds from a save to the end of a session."""
BROWSERS_FOR_EVER = 2**31 - 1
"""The ``max_age`` of a session without an end, in seconds."""
CHUNKS = 4
"""The cookies that version 9 splits a large session into, at most."""
RESERVED = frozenset({"save", "destroy", "updateConfig"})
"""Keys that would take the place of the methods of a session in Node."""
_LAST = 253_402_300_799
"""Seconds since the epoch: the end of the year 9999."""


class IronSession(HoldsKeys):
    """The format of iron-session: ``CookieSession(format=IronSession(password), name="sid")``.

    Attributes that are not given are those of iron-session: ``secure``, ``same_site="lax"``, and a
    ``max_age`` that is 60 seconds shorter than ``ttl``.

    Args:
        password: at least 32 characters. Or several by their ids, as in ``{2: new, 1: old}``: the
            greatest id seals, and each opens what it has sealed.
        ttl: **seconds** (or a ``timedelta``) from a save to the end of the session, by default 14
            days; 0: no end. Reading does not prolong a session, but ``idle_timeout`` does: that
            time then takes the place of ``ttl``.

    Raises:
        ConfigurationError: for a wrong password, id or ttl. No password is shown.

    Warns:
        WeakKeyWarning: for an older password that is too short to open anything.
    """

    __slots__ = ("_has_own_ttl", "_ring", "ttl")

    def __init__(self, password: Passwords, *, ttl: float | timedelta | None = None) -> None:
        given, given_ttl = Hidden(password), Hidden(ttl)
        del password, ttl
        self._ring = Ring(given)
        self._has_own_ttl = given_ttl.value is not None
        self.ttl: float | None = _seconds(given_ttl)

    def __repr__(self) -> str:
        return f"<IronSession, ttl={getattr(self, 'ttl', None)}>"

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The attributes of the cookie in iron-session."""
        if self.ttl is None:
            max_age: float = BROWSERS_FOR_EVER
        else:
            max_age = self.ttl - TOLERANCE if self.ttl > TOLERANCE else max(self.ttl, 1)
        return {"secure": True, "assume_https": True, "same_site": "lax", "max_age": max_age}

    def with_idle_timeout(self, seconds: float, /) -> IronSession:
        """Return the same format with another ttl.

        Raises:
            ConfigurationError: when this format was given another ttl.
        """
        if self._has_own_ttl and self.ttl != seconds:
            message = (
                f"IronSession has a ttl of {self.ttl or 0} seconds and idle_timeout is {seconds}: "
                "give one of them"
            )
            raise ConfigurationError(message)
        other = object.__new__(IronSession)
        other._ring, other._has_own_ttl, other.ttl = self._ring, True, seconds
        return other

    def bound(self, name: str, /) -> BoundIronSession:
        """Return the format for the cookie ``name`` and its chunks."""
        return BoundIronSession(name, self._ring)


class BoundIronSession(JSONFormat):
    """The sealed cookie of one name."""

    keeps_end: bool = True

    def __init__(self, name: str, ring: Ring) -> None:
        super().__init__(name)
        self._ring = ring
        self.leftovers: tuple[str, ...] = tuple(f"{name}.{n}" for n in range(CHUNKS))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BoundIronSession):
            return NotImplemented
        return self.names == other.names and self._ring == other._ring

    def __hash__(self) -> int:
        return hash(self.names)

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Open the first seal whose MAC is right. Chunks count if there is no whole cookie."""
        now = clock()
        reading = Reading(Outcome.ABSENT)
        for value in cookies.candidates(self.names[0]) or self._joined(cookies):
            reading = self._opened(_decoded(value), now)
            if reading.outcome is not Outcome.BAD_SIGNATURE:
                break
        return reading

    def _joined(self, cookies: RequestCookies) -> list[str]:
        # As in Node, a gap ends the session: what follows is from a larger session before.
        seal = "".join(takewhile(bool, map(cookies.get, self.leftovers)))
        return [seal] if seal else []

    def _opened(self, seal: str, now: float) -> Reading:
        unsealed = self._ring.unsealed(seal, now)
        if unsealed.outcome is not Outcome.LOADED:
            return Reading(unsealed.outcome, unsealed.reason, key_index=unsealed.key_index)
        reading = self.loaded(unsealed.text, unsealed.key_index)
        if reading.timestamps is not None:
            reading.timestamps.end = unsealed.end
        return reading

    def payload(self, contents: Contents, /) -> Payload:
        """Serialise contents as JSON.

        Raises:
            SessionEncodeError: when JSON cannot hold them, or Node could not use the session.
        """
        if not RESERVED.isdisjoint(contents.contents):
            key = min(RESERVED.intersection(contents.contents))
            path, type_name = f"session[{key!r}]", type(contents.contents[key]).__name__
            reason = "has a key that is a method of the session in iron-session"
            raise SessionEncodeError(path, type_name, reason)
        return super().payload(contents)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return a seal by the newest password. No two seals are equal.

        Raises:
            SessionEncodeError: when the contents use the key ``$start``.
        """
        end = None if timestamps is None else timestamps.end
        return (self._ring.sealed(Hidden(self.with_timestamps(payload, timestamps)), end),)


def seal_data(
    data: Mapping[str, Any],
    password: Passwords,
    *,
    ttl: float | timedelta | None = None,
    clock: Callable[[], float] = time.time,
) -> str:
    """Return a seal as ``sealData`` of iron-session does, for a link or another place.

    Args:
        data: what the seal holds.
        password: as for :class:`IronSession`. **Never that of a session**: every seal of a
            session's password is a session.
        ttl: **seconds** (or a ``timedelta``) until its end, by default 14 days; 0: no end.
        clock: returns the time in seconds since the epoch.

    Raises:
        ConfigurationError: for a wrong password or ttl.
        SessionEncodeError: when JSON cannot hold the data.
        TypeError: when the data are not a mapping.
    """
    given: Hidden[Any] = Hidden(data)
    given_password, given_ttl = Hidden(password), Hidden(ttl)
    del data, password, ttl
    ring, seconds = Ring(given_password), _seconds(given_ttl)
    is_mapping = isinstance(given.value, Mapping)
    if not is_mapping:
        message = f"the data of a seal must be a mapping, got {type(given.value).__name__}"
        raise TypeError(message)
    payload: Any = JSONFormat("").payload(Contents(dict(given.value)))
    end = None if seconds is None else (clock() + seconds) * 1000
    return ring.sealed(Hidden(payload.text), end)


def unseal_data(
    seal: str, password: Passwords, *, clock: Callable[[], float] = time.time
) -> dict[str, Any] | None:
    """Return what a seal of ``sealData`` holds; ``None`` if it does not verify or has ended.

    Args:
        seal: text from anywhere. It does not make this function raise.
        password: as for :class:`IronSession`.
        clock: returns the time in seconds since the epoch.

    Raises:
        ConfigurationError: for a wrong password.
        TypeError: when the seal is not text.
    """
    given, given_password = Hidden(seal), Hidden(password)
    del seal, password
    if not isinstance(given.value, str):
        message = f"a seal must be str, got {type(given.value).__name__}"
        raise TypeError(message)
    unsealed = Ring(given_password).unsealed(given.value, clock())
    reading = JSONFormat("").loaded(unsealed.text, None)  # with every key: this is not a session
    is_good = unsealed.outcome is reading.outcome is Outcome.LOADED
    return reading.contents if is_good else None


def _seconds(ttl: Hidden[Any]) -> float | None:
    """Return a ttl in seconds; ``None``: sessions have no end."""
    value = DEFAULT_TTL if ttl.value is None else ttl.value
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if is_number and 0 <= seconds <= _LAST:
        return seconds or None
    del value, seconds  # a password in the wrong place
    message = (
        "ttl must be 0 or a positive number of seconds (int, float or timedelta), "
        f"got {type(ttl.value).__name__}"
    )
    raise ConfigurationError(message)


def _decoded(value: str) -> str:
    """Return a cookie value as Node's cookie parser does."""
    return percent_decoded(value.strip(" \t"))
