"""Sessions of the library that an application used before: they are migrated to ours.

If a touched session finds no signed cookie of ours, the readers look for a legacy cookie that
verifies. Our own format encodes and decodes the contents of that cookie once. So contents that
could not be saved again are not migrated, and a migrated session is like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


class ChunkedReader(LegacyReader, Protocol):
    """Reads the session of a library that splits it into several cookies if it is large."""

    def chunks(self, cookies: RequestCookies, /) -> Sequence[str]:
        """Return the names of the cookies that hold one session together, in order.

        :meth:`read` gets their values, joined. All of them are deleted with the legacy cookie.
        """
        ...


LogOnce = Callable[..., None]
"""Logs a line about a cookie and an error, unless a request has logged its like before."""


def migrate(
    readers: Sequence[LegacyReader],
    reading: Reading,
    cookies: RequestCookies,
    own: BoundFormat,
    clock: Callable[[], float],
    *,
    log_once: LogOnce,
) -> Reading:
    """Return the first legacy session if a request has no signed cookie of ours; never raises.

    Args:
        readers: asked in order.
        reading: what our own cookies hold. It is returned if no reader verifies a cookie.
        cookies: all cookies of the request.
        own: our own format, which must be able to hold the contents.
        clock: returns the time in seconds since the epoch.
        log_once: logs each warning once, because a client sends its cookie again and again.
    """
    if reading.outcome not in _NO_PAIR:
        return reading
    for reader in readers:
        for value in _values(reader, cookies, log_once):
            migrated = _migrated(reader, value, own, clock, log_once)
            if migrated is not None:
                return migrated
    for reader in readers:
        if not hasattr(reader, "chunks") and any(
            cookies.first(f"{reader.name}{separator}0") is not None for separator in _SEPARATORS
        ):
            log.in_chunks(reader.name)
    return reading


_SEPARATORS = ".-"
"""The names of chunks: Auth.js and iron-session count ``name.0``, Litestar ``name-0``."""


def _values(
    reader: LegacyReader, cookies: RequestCookies, log_once: LogOnce
) -> Iterator[Hidden[str]]:
    """Yield the values to try: each cookie of the legacy name, then the chunks together."""
    yield from map(Hidden, cookies.candidates(reader.name))
    chunks = _chunks(reader, cookies, log_once)
    if chunks:
        yield Hidden("".join(cookies.first(name) or "" for name in chunks))


def _chunks(reader: LegacyReader, cookies: RequestCookies, log_once: LogOnce) -> list[str]:
    find: Callable[[RequestCookies], Sequence[str]] | None = getattr(reader, "chunks", None)
    if find is None:
        return []
    try:
        return list(find(cookies))
    except Exception as error:  # noqa: BLE001 - a user's reader must not fail on input
        log_once(log.not_migrated, reader.name, error)
        return []


def _migrated(
    reader: LegacyReader,
    value: Hidden[str],
    own: BoundFormat,
    clock: Callable[[], float],
    log_once: LogOnce,
) -> Reading | None:
    try:
        contents = Hidden(reader.read(value.value))
        if not isinstance(contents.value, Mapping):
            return None
        sealed = own.seal(own.payload(Contents(dict(contents.value))), None)
        reading = own.read(MappingCookies(dict(zip(own.names, sealed, strict=True))), clock)
    except Exception as error:  # noqa: BLE001 - also a user's reader must not fail on input
        log_once(log.not_migrated, reader.name, error)
        return None
    if reading.outcome is not LOADED:
        # Our own codec cannot read what it wrote.
        log_once(log.not_migrated, reader.name, ValueError())
        return None
    reading.key_index, reading.is_stale = None, True
    return reading


def legacy_cookies(
    readers: Iterable[LegacyReader], cookies: RequestCookies, log_once: LogOnce
) -> Iterator[tuple[str, CookieOptions]]:
    """Yield the name and the attributes of each legacy cookie, or chunk, that a request has."""
    seen: set[tuple[str, str | None, str | None, bool]] = set()
    for reader in readers:
        options = reader.options
        for name in (reader.name, *_chunks(reader, cookies, log_once)):
            identity = name, options.path, options.domain, options.partitioned
            if identity not in seen and cookies.first(name) is not None:
                seen.add(identity)
                yield name, options
