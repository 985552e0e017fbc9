"""The contents of a request's session: read from its cookies on the first touch."""

from __future__ import annotations

from typing import Any

from . import log
from .cookies import CookieHeader, RequestCookies, request_cookies
from .errors import ConfigurationError
from .format import Reading
from .lifetime import Timestamps
from .mapping import LazyMapping
from .settings import Settings
from .state import ABSENT, LOADED, READ, Outcome, State

_BEING_READ: Any = object()
"""Stands in the place of the header while the cookies are read and checked."""


class LoadingMapping(LazyMapping):
    """A session's contents, and what is known about the cookies that they come from."""

    __slots__ = ("_header", "_reading", "_settings", "_state")

    _settings: Settings
    _header: CookieHeader | RequestCookies
    """The request's cookies; in the server's form until :meth:`_cookies` is called."""
    _state: State
    _reading: Reading | None
    """What the request's cookies hold, once they have been read."""

    @property
    def accessed(self) -> bool:
        """Whether this request touched its session: the response then varies on ``Cookie``."""
        return self._data is not None

    @property
    def outcome(self) -> Outcome:
        """The result of reading the request's cookies; touches the session."""
        return self._read().outcome

    @property
    def key_index(self) -> int | None:
        """The index of the key that verified the cookie; touches the session."""
        return self._read().key_index

    @property
    def is_new(self) -> bool:
        """Whether the contents did not come from the client; touches the session."""
        self._contents()
        return self._loaded() is None

    @property
    def is_populated(self) -> bool:
        """Whether the session holds anything; touches the session."""
        return bool(self._contents())

    def _read(self) -> Reading:
        """Read the request's cookies, once."""
        if self._reading is None:
            self._load()
        return self._reading  # type: ignore[return-value] # read

    def _load(self) -> dict[str, Any]:
        """Read the request's cookies and take their contents.

        If the application has replaced the contents before, its own contents stay. If ``validate``
        raises, its error is raised once, and the session is refused.

        Raises:
            ConfigurationError: when ``validate`` is asynchronous, or uses this session.
        """
        if self._header is _BEING_READ:
            message = "validate must not use the session that it checks: it gets the contents"
            raise ConfigurationError(message)
        cookies = self._cookies()
        self._header = _BEING_READ
        reading: Reading | None = None
        try:
            reading = self._settings.read(cookies)
        finally:
            if reading is None:  # it raised
                reading = Reading(Outcome.REFUSED)
            self._header, self._reading = cookies, reading
            self._state = self._state.after_read()
            if self._data is None:
                self._data = reading.contents
        if reading.outcome is not LOADED and reading.outcome is not ABSENT:
            log.not_loaded(self._settings.name, reading.outcome, reading.reason)
        return self._data

    def _loaded(self) -> Reading | None:
        """Return the reading that this session was loaded from, unless it was replaced.

        The ``contents`` of the reading are ``_data`` itself, so they show every change.
        """
        reading = self._reading
        if self._state is READ and reading is not None and reading.outcome is LOADED:
            return reading
        return None

    def _timestamps(self) -> Timestamps | None:
        """Return the timestamps of the loaded session, unless it was replaced."""
        loaded = self._loaded()
        return None if loaded is None else loaded.timestamps

    def _cookies(self) -> RequestCookies:
        """Return the request's cookies. The header is read once: it may be an iterator."""
        self._header = cookies = request_cookies(self._header)
        return cookies

    def _was_sent(self) -> bool:
        """Whether the request has a cookie of ours, valid or not."""
        cookies = self._cookies()
        starts = self._settings.all_starts(cookies)
        return any(cookies.first(start[:-1]) is not None for start in starts)
