"""Every error and warning of the library, by whose fault it is.

The developer's mistakes raise: a wrong configuration, data that cannot be stored, a write
that comes too late. What a client sends never raises; it yields a new session and an
:class:`~cookiesession_core.Outcome`. No text in here ever holds a payload, a signature or a
key.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from types import FrameType


class CookieSessionError(Exception):
    """Root of all errors of this library."""


class ConfigurationError(CookieSessionError, ValueError):
    """An option has a value that cannot work; raised where the option is set."""


class SessionEncodeError(CookieSessionError):
    """The session holds something that the codec cannot write.

    Attributes:
        path: where it is, as Python would write it: ``session['cart'][2]['price']``.
        type_name: the type of the offending value, such as ``Decimal``.
    """

    def __init__(self, path: str, type_name: str, reason: str) -> None:
        super().__init__(f"{path}: {type_name} {reason}")
        self.path = path
        self.type_name = type_name


class CookieTooLargeError(CookieSessionError):
    """A ``Set-Cookie`` value is larger than ``max_cookie_size``; browsers would drop it.

    Attributes:
        size: octets of the whole ``Set-Cookie`` value: name, value and attributes.
        limit: the configured ``max_cookie_size``, in octets.
        sizes: the largest top-level keys and the octets that each takes, largest first.
    """

    def __init__(self, size: int, limit: int, sizes: Mapping[str, int]) -> None:
        largest = ", ".join(f"{key!r} {octets}" for key, octets in sizes.items())
        super().__init__(
            f"the session cookie would take {size} octets, {limit} are allowed "
            f"(octets of the largest keys: {largest}). "
            "Keep an id in the session and the data on the server, or drop keys; "
            "the browser still has the previous session."
        )
        self.size = size
        self.limit = limit
        self.sizes: dict[str, int] = dict(sizes)


class SessionCommittedError(CookieSessionError):
    """The session was written to after the response headers had gone out."""

    def __init__(self) -> None:
        super().__init__(
            "the response headers, and the session cookie with them, have already been sent: "
            "this write cannot reach the client. Write to the session before the response "
            "(or its first chunk) is sent."
        )


class CookieLifetimeWarning(UserWarning):
    """A ``max_age`` is longer than browsers keep any cookie; often it was meant in milliseconds."""


class WeakKeyWarning(UserWarning):
    """A signing key is shorter than the hash, or is one of the published example keys."""


_FOLDER = __file__.rpartition("cookiesession_core")[0]
_OUR_FILES = (
    f"{_FOLDER}cookiesession_core",
    f"{_FOLDER}cookiesession_adapters",
    "<attrs generated",
)
"""How the names of our files begin, and of those that attrs makes up for the methods it writes."""


def warn(message: str, category: type[UserWarning]) -> None:
    """Warn of the line that has led here, whichever of our classes and adapters it used."""
    level = 1
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - as the module `warnings` does
    while frame is not None and frame.f_code.co_filename.startswith(_OUR_FILES):
        level += 1
        frame = frame.f_back
    warnings.warn(message, category, stacklevel=level)
