"""Sessions of the library that an application used before: they are migrated to ours.

If a touched session finds no signed cookie of ours, the readers look for legacy cookies that
verify. Our own format encodes and decodes the contents of those cookies once. So contents that
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


class LegacyReader(Protocol):
    """Reads the session cookies of another library, by the rules of that library."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the legacy cookies: one, or several if the library splits a session.

        Whenever the session is sent, those that the request has are expired.
        """
        ...

    @property
    def options(self) -> CookieOptions | None:
        """The attributes of the legacy cookies; their deletion needs path and domain.

        ``None``: the attributes of the session itself.
        """
        ...

    def read(self, cookies: RequestCookies, /) -> Mapping[str, Any] | None:
        """Return the contents of a session that verifies and has not ended, else ``None``.

        Args:
            cookies: all cookies of the request. A client may send several of one name:
                ``cookies.candidates(name)`` has the first four.
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
        reading: what our own cookies hold. It is returned if no reader finds a session.
        cookies: all cookies of the request.
        own: our own format, which must be able to hold the contents.
        clock: returns the time in seconds since the epoch.
        log_once: logs each warning once, because a client sends its cookie again and again.
    """
    if not _may_be_legacy(reading, own):
        return reading
    for reader in readers:
        if any(name in cookies for name in reader.names):
            migrated = _migrated(reader, cookies, own, clock, log_once)
            if migrated is not None:
                return migrated
    for name in (reader.names[0] for reader in readers):
        if any(
            chunk in cookies and all(chunk not in reader.names for reader in readers)
            for chunk in (f"{name}.0", f"{name}-0")
        ):
            log.in_chunks(name)
    return reading


def _may_be_legacy(reading: Reading, own: BoundFormat) -> bool:
    """Whether a request has no cookie that our own format has made.

    A format of one cookie finds a bad signature in a legacy cookie of the same name.
    """
    return reading.outcome in (Outcome.ABSENT, Outcome.UNSIGNED) or (
        reading.outcome is Outcome.BAD_SIGNATURE and len(own.names) == 1
    )


def _migrated(
    reader: LegacyReader,
    cookies: RequestCookies,
    own: BoundFormat,
    clock: Callable[[], float],
    log_once: LogOnce,
) -> Reading | None:
    try:
        contents = Hidden(reader.read(cookies))
        if not isinstance(contents.value, Mapping):
            return None
        sealed = own.seal(own.payload(Contents(dict(contents.value))), None)
        reading = own.read(MappingCookies(dict(zip(own.names, sealed, strict=True))), clock)
    except Exception as error:  # noqa: BLE001 - also a user's reader must not fail on input
        log_once(log.not_migrated, reader.names[0], error)
        return None
    if reading.outcome is not LOADED:
        # Our own codec cannot read what it wrote.
        log_once(log.not_migrated, reader.names[0], ValueError())
        return None
    reading.key_index, reading.is_stale = None, True
    return reading


def legacy_cookies(
    readers: Iterable[LegacyReader], cookies: RequestCookies, own: CookieOptions
) -> Iterator[tuple[str, CookieOptions, bool]]:
    """Yield the name and the attributes of each legacy cookie that a request has.

    The third item says whether its configuration counts every connection as HTTPS.

    Args:
        readers: those of the configuration.
        cookies: all cookies of the request.
        own: the attributes for a reader that has none.
    """
    seen: set[tuple[str, str | None, str | None, bool]] = set()
    for reader in readers:
        options = getattr(reader, "options", None) or own
        assume_https: bool = getattr(reader, "assume_https", False)
        for name in reader.names:
            identity = name, options.path, options.domain, options.partitioned
            if identity not in seen and cookies.first(name) is not None:
                seen.add(identity)
                yield name, options, assume_https
