"""Sessions of the library that an application used before: taken over, and their cookies ended.

Readers are asked only by a touched session that finds no pair of its own, and only what a
reader has verified counts. What it returns goes through our own codec once, so from there on
it is a session like any other: one that could not be saved again is not taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from .cookies import first_value, values_of
from .errors import CookieSessionError
from .options import CookieOptions
from .state import Outcome
from .wire import MOST_CANDIDATES, Reading, Wire, logger

_NO_PAIR = (Outcome.ABSENT, Outcome.UNSIGNED)


class FormerReader(Protocol):
    """Reads the session cookie of another library, by the rules of that library."""

    @property
    def name(self) -> str:
        """The name of the former cookie."""
        ...

    @property
    def options(self) -> CookieOptions:
        """The attributes that it had; path and domain are what its deletion needs."""
        ...

    def read(self, value: str, /) -> Mapping[str, Any] | None:
        """Return the contents of a cookie that verifies and has not expired, else ``None``."""
        ...


def take_over(
    readers: Iterable[FormerReader], reading: Reading, header: str, wire: Wire
) -> Reading:
    """Return what the first reader makes of a request without a pair of ours; never raises.

    Args:
        readers: these are asked in order.
        reading: what our own cookies say, and what remains where no reader knows better.
        header: the request's ``Cookie`` header.
        wire: our own format, which the contents must fit.
    """
    if reading[0] in _NO_PAIR:
        for reader in readers:
            for value in values_of(header, f"{reader.name}=", MOST_CANDIDATES):
                taken = _taken_over(reader, value, wire)
                if taken is not None:
                    return taken
    return reading


def _taken_over(reader: FormerReader, value: str, wire: Wire) -> Reading | None:
    try:
        contents = reader.read(value)
        if not isinstance(contents, Mapping):
            return None
        value = wire.encode_value(contents)
        taken, form = wire.decode(value)
    except Exception as error:  # noqa: BLE001 - no reader, not even a user's, may fail on input
        # Only our own errors are known to hold no contents.
        ours = isinstance(error, CookieSessionError)
        logger.warning(
            "a session was not taken over from the former cookie %r: %s: %s",
            reader.name,
            type(error).__name__,
            error if ours else "from its reader or the codec",
        )
        return None
    return Outcome.LOADED, taken, value, form, None


def expire_lines(
    readers: Iterable[FormerReader], header: str, name: str, options: CookieOptions, *, https: bool
) -> tuple[str, ...]:
    """Return the lines that end the former cookies of a request which is answered with ours.

    They go out before ours: should one of them reach our own cookie, that is set after it.

    Args:
        readers: whose cookies to end.
        header: the request's ``Cookie`` header; what is not in it needs no end.
        name: the name of our cookie; one of the same name and scope is replaced by it.
        options: the attributes of our cookie.
        https: whether the connection is secure.
    """
    ours = name, options.path, options.domain, options.partitioned
    lines: dict[str, None] = {}
    for reader in readers:
        former = reader.options
        identity = reader.name, former.path, former.domain, former.partitioned
        if (
            identity != ours
            and (https or not former.secure)
            and first_value(header, f"{reader.name}=") is not None
        ):
            lines[f"{reader.name}={former.attributes(https=https, now=0, expire=True)}"] = None
    return tuple(lines)
