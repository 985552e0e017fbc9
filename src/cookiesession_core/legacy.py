"""Sessions of the library that an application used before: they are migrated to ours.

If a touched session finds no signed cookie of ours, the readers look for a legacy cookie that
verifies. Our own format encodes and decodes the contents of that cookie once. So contents that
could not be saved again are not migrated, and a migrated session is like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from . import log
from .attributes import CookieOptions
from .cookies import MappingCookies, RequestCookies
from .format import BoundFormat, Contents, Reading
from .hidden import Hidden
from .state import LOADED, Outcome

_NO_PAIR = (Outcome.ABSENT, Outcome.UNSIGNED)


class LegacyReader(Protocol):
    """Reads the session cookie of another library, by the rules of that library."""

    @property
    def name(self) -> str:
        """The name of the legacy cookie."""
        ...

    @property
    def options(self) -> CookieOptions:
        """The attributes of the legacy cookie; its deletion needs path and domain."""
        ...

    def read(self, value: str, /) -> Mapping[str, Any] | None:
        """Return the contents of a cookie that verifies and has not expired, else ``None``."""
        ...


def migrate(
    readers: Iterable[LegacyReader],
    reading: Reading,
    cookies: RequestCookies,
    own: BoundFormat,
    clock: Callable[[], float],
) -> Reading:
    """Return the first legacy session if a request has no signed cookie of ours; never raises.

    Args:
        readers: asked in order.
        reading: what our own cookies hold. It is returned if no reader verifies a cookie.
        cookies: all cookies of the request.
        own: our own format, which must be able to hold the contents.
        clock: returns the time in seconds since the epoch.
    """
    if reading.outcome in _NO_PAIR:
        for reader in readers:
            for value in map(Hidden, cookies.candidates(reader.name)):
                migrated = _migrated(reader, value, own, clock)
                if migrated is not None:
                    return migrated
    return reading


def _migrated(
    reader: LegacyReader, value: Hidden[str], own: BoundFormat, clock: Callable[[], float]
) -> Reading | None:
    try:
        contents = Hidden(reader.read(value.value))
        if not isinstance(contents.value, Mapping):
            return None
        sealed = own.seal(own.payload(Contents(dict(contents.value))), None)
        reading = own.read(MappingCookies(dict(zip(own.names, sealed, strict=True))), clock)
    except Exception as error:  # noqa: BLE001 - also a user's reader must not fail on input
        log.not_migrated(reader.name, error)
        return None
    if reading.outcome is not LOADED:
        log.not_migrated(reader.name, ValueError())  # our own codec cannot read what it wrote
        return None
    reading.key_index, reading.is_stale = None, True
    return reading


def legacy_cookies(
    readers: Iterable[LegacyReader], cookies: RequestCookies
) -> Iterator[tuple[str, CookieOptions]]:
    """Yield the name and the attributes of each legacy cookie that a request has."""
    seen: set[tuple[str, str | None, str | None, bool]] = set()
    for reader in readers:
        name, options = reader.name, reader.options
        identity = name, options.path, options.domain, options.partitioned
        if identity not in seen and cookies.first(name) is not None:
            seen.add(identity)
            yield name, options
