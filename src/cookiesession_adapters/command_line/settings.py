"""What the command is told: keys and options, as one configuration of the core."""

from __future__ import annotations

import os
import re
import secrets
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
from typing_extensions import Self

from cookiesession_core import CookieSession, Keygrip

KEYS_VARIABLE = "COOKIESESSION_KEYS"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class UsageError(Exception):
    """What was asked for cannot be done; the message is one line."""


@attrs.frozen
class Settings:
    """The keys and options of one call."""

    keys: tuple[bytes, ...] = attrs.field(repr=False)
    """Newest first; perhaps none."""
    name: str
    algorithm: str
    encoding: str
    idle_timeout: float | None
    absolute_timeout: float | None

    @classmethod
    def of(cls, arguments: Namespace, environ: Mapping[str, str]) -> Self:
        """Return what the arguments and the environment say.

        Raises:
            UsageError: when the file with the keys cannot be read, or is without any.
        """
        return cls(
            _keys(arguments.keys_file, environ),
            arguments.name,
            arguments.algorithm,
            arguments.encoding,
            arguments.idle_timeout,
            arguments.absolute_timeout,
        )

    def require_keys(self) -> None:
        """Refuse to go on without keys.

        Raises:
            UsageError: says how to give them.
        """
        if not self.keys:
            message = f"no keys: set {KEYS_VARIABLE}, or give --keys-file FILE"
            raise UsageError(message)

    def sessions(self, clock: Callable[[], float]) -> CookieSession:
        """Return the core's configuration.

        Raises:
            ConfigurationError: for a wrong option.

        Warns:
            WeakKeyWarning: for a weak key.
        """
        # Without keys a throwaway one stands in: the options are checked all the same.
        keys = self.keys or (secrets.token_bytes(64),)
        return CookieSession(
            keys=Keygrip(keys, self.algorithm, self.encoding),
            name=self.name,
            idle_timeout=self.idle_timeout,
            absolute_timeout=self.absolute_timeout,
            clock=clock,
        )


def _keys(file: str | None, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    if file is None:
        words = re.split(r"[,\s]+", environ.get(KEYS_VARIABLE, ""))
        # The octets that the variable really holds, whatever the locale.
        return tuple(os.fsencode(word) for word in words if word)
    try:
        octets = Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"cannot read the keys: {reason}: {file}"
        raise UsageError(message) from None
    lines = re.split(rb"\r?\n", octets.removeprefix(_BYTE_ORDER_MARK))
    keys = tuple(line for line in lines if line.strip())
    if not keys:
        message = f"no keys in the file, one a line is expected: {file}"
        raise UsageError(message)
    return keys
