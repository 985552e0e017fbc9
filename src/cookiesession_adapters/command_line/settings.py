"""The keys and options of one call, as one configuration of the core."""

from __future__ import annotations

import os
import secrets
import warnings
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import attrs
from typing_extensions import Self

from cookiesession_core import (
    BoundFormat,
    ConfigurationError,
    ConfigurationWarning,
    CookieFormat,
    CookieNameWarning,
    CookieSession,
    Hidden,
    RequestCookies,
    WeakKeyWarning,
    parse_keys,
)

from .encodings import as_utf_8
from .foreign import format_of
from .formats import COOKIE_SESSION, IRON_SESSION, SEAL, cookie_format

KEYS_VARIABLE = "COOKIESESSION_KEYS"

Environ = Hidden[Mapping[str, str]]
"""The environment; it holds the keys."""


class UsageError(Exception):
    """The command cannot do what it was asked. The message is one line, without any value."""


@attrs.frozen
class Settings:
    """The keys and options of one call."""

    keys: tuple[bytes, ...] = attrs.field(repr=False)
    """Newest first; perhaps none."""
    format_name: str | None
    """That of the cookies; ``None``: their look tells."""
    name: str
    algorithm: str
    encoding: str
    idle_timeout: float | None
    absolute_timeout: float | None

    @classmethod
    def of(cls, arguments: Namespace, environ: Environ) -> Self:
        """Return the settings that the arguments and the environment give.

        Raises:
            ConfigurationError: for an empty key.
            UsageError: when the file with the keys cannot be read, or has none.
        """
        is_pair = arguments.format in (None, COOKIE_SESSION)
        if not is_pair and (arguments.algorithm, arguments.encoding) != ("sha1", "base64"):
            message = "--algorithm and --encoding belong to --format cookie-session"
            raise UsageError(message)
        return cls(
            _file_keys(arguments) if arguments.keys_file is not None else _variable_keys(environ),
            arguments.format,
            arguments.name,
            arguments.algorithm,
            arguments.encoding,
            arguments.idle_timeout,
            arguments.absolute_timeout,
        )

    def for_cookies(self, cookies: RequestCookies) -> Self:
        """Return the settings with the format of these cookies.

        Another format than ours is taken only if the keys suit it and its package is installed.
        """
        if self.format_name is not None:
            return self
        values = cookies.candidates(self.name) + cookies.candidates(f"{self.name}.0")
        looks = [IRON_SESSION if each.startswith(SEAL) else format_of(each) for each in values]
        for name in filter(None, looks):
            other = attrs.evolve(self, format_name=name)
            with suppress(ConfigurationError, UsageError):
                other.format()
                return other
        return attrs.evolve(self, format_name=COOKIE_SESSION)

    def require_keys(self) -> None:
        """Refuse to go on without keys.

        Raises:
            UsageError: says how to give them.
        """
        if not self.keys:
            message = f"no keys: set {KEYS_VARIABLE}, or give --keys-file FILE"
            raise UsageError(message)

    def sessions(self, clock: Callable[[], float]) -> CookieSession:
        """Return the configuration of a server with these settings.

        Raises:
            ConfigurationError: for a wrong option.

        Warns:
            WeakKeyWarning: for a weak key.
            CookieNameWarning: for a name that is not a token.
        """
        return CookieSession(
            format=self._format(),
            name=self.name,
            secure=True,  # the prefixes of some names need it
            idle_timeout=self.idle_timeout,
            absolute_timeout=self.absolute_timeout,
            clock=clock,
        )

    def sessions_at(self, now: float) -> CookieSession:
        """Return the same at a fixed time, without a warning."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakKeyWarning)
            warnings.simplefilter("ignore", ConfigurationWarning)
            warnings.simplefilter("ignore", CookieNameWarning)
            return self.sessions(lambda: now)

    def format(self) -> BoundFormat:
        """Return the format that reads the cookies of this name, without a warning."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakKeyWarning)
            return self._format().bound(self.name)

    def _format(self) -> CookieFormat:
        # Without keys, a random key takes their place, so that the options are checked.
        keys = Hidden(self.keys or (secrets.token_hex(64).encode(),))
        name = self.format_name or COOKIE_SESSION
        try:
            return cookie_format(name, keys, self.algorithm, self.encoding)
        except ModuleNotFoundError as error:
            message = str(error)
        raise UsageError(message)


def _variable_keys(environ: Environ) -> tuple[bytes, ...]:
    # The bytes that the variable really holds, whatever the locale.
    return _parsed(Hidden(os.fsencode(environ.value.get(KEYS_VARIABLE, ""))))


def _file_keys(arguments: Namespace) -> tuple[bytes, ...]:
    # The errors do not show the name of the file: somebody may give a key in its place.
    try:
        text = Hidden(as_utf_8(Path(arguments.keys_file).read_bytes()))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"cannot read the file of --keys-file: {reason}"
        raise UsageError(message) from None
    keys = _parsed(text)
    if not keys:
        message = "no keys in the file of --keys-file: one a line is expected"
        raise UsageError(message)
    return keys


def _parsed(text: Hidden[bytes]) -> tuple[bytes, ...]:
    """Return the keys that the core reads; none if the text is empty."""
    # A key need not be UTF-8.
    readable = Hidden(text.value.decode("utf-8", "surrogateescape"))
    if not readable.value.strip():
        return ()
    return tuple(key.encode("utf-8", "surrogateescape") for key in parse_keys(readable.value))
