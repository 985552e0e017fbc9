"""Every error and warning of the library.

Mistakes of the developer raise: a wrong configuration, data that cannot be stored, a write that
comes too late. A client's cookie never raises: if it is wrong, the session is new, and its
:class:`~cookiesession_core.Outcome` says why. No message holds a payload, a signature or a key.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from datetime import datetime
from types import FrameType
from typing import Any, TypeVar


class CookieSessionError(Exception):
    """Root of all errors of this library."""


class ConfigurationError(CookieSessionError, ValueError):
    """An option has a value that cannot work; raised where the option is set."""


class SessionEncodeError(CookieSessionError):
    """The session holds something that the codec cannot write.

    Attributes:
        path: the place of the value, as Python would write it: ``session['cart'][2]['price']``.
        type_name: the type of the wrong value, such as ``Decimal``.
        reason: what is wrong with the value.
    """

    def __init__(self, path: str, type_name: str, reason: str) -> None:
        super().__init__(f"{path}: {type_name} {reason}")
        self.path = path
        self.type_name = type_name
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.type_name, self.reason)


class CookieTooLargeError(CookieSessionError):
    """A ``Set-Cookie`` value is larger than ``max_cookie_size``; browsers would drop it.

    Attributes:
        size: bytes of the whole ``Set-Cookie`` value: name, value and attributes.
        limit: the configured ``max_cookie_size``, in bytes.
        sizes: the largest top-level keys and the bytes that each adds to the cookie, largest
            first.
    """

    def __init__(self, size: int, limit: int, sizes: Mapping[str, int]) -> None:
        largest = ", ".join(f"{key!r} {added}" for key, added in sizes.items())
        detail = f" (bytes of the largest keys: {largest})" if largest else ""
        super().__init__(
            f"the session cookie would take {size} bytes, {limit} are allowed{detail}. "
            "Keep an id in the session and the data on the server, or drop keys; "
            "the browser still has the previous session."
        )
        self.size = size
        self.limit = limit
        self.sizes: dict[str, int] = dict(sizes)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.size, self.limit, self.sizes)


class SessionCommittedError(CookieSessionError):
    """The session was written to after the response headers were sent."""

    def __init__(self) -> None:
        super().__init__(
            "the response headers, and the session cookie with them, have already been sent: "
            "this write cannot reach the client. Write to the session before the response "
            "(or its first chunk) is sent."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


class ConfigurationWarning(UserWarning):
    """An option is accepted, as in Node, but has no effect."""


class CookieLifetimeWarning(UserWarning):
    """Browsers do not keep a cookie for the whole ``max_age``. Was it meant in milliseconds?"""


class WeakKeyWarning(UserWarning):
    """A signing key is shorter than the hash, or is one of the published example keys."""


class CookieNameWarning(UserWarning):
    """The cookie's name is not a token of RFC 6265; some servers then refuse the whole request."""


_FOLDER = __file__.rpartition("cookiesession_core")[0]
_OUR_FILES = (
    f"{_FOLDER}cookiesession_core",
    f"{_FOLDER}cookiesession_adapters",
    "<attrs generated",
)
"""Path prefixes of the library's frames, and of the methods that attrs generates."""


def warn(message: str, category: type[UserWarning]) -> None:
    """Warn at the first frame outside the library."""
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_OUR_FILES):
        level += 1
        frame = frame.f_back
    warnings.warn(message, category, stacklevel=level)


_Error = TypeVar("_Error", bound=BaseException)


def without_frames(error: _Error) -> _Error:
    """Return an error of ours without the frames that it has passed.

    The locals of these frames may hold contents or keys, and error reporters collect them.
    Raise the result ``from None``.
    """
    error.__traceback__ = error.__context__ = None
    return error


_SHOWN_BITS = 256
"""Bits of the longest integer that an error shows."""


def got(value: object) -> str:
    """Return what an error says of a wrong value: its type, and of a number or a date the value.

    Text is not shown: it may be a key in the wrong place.
    """
    kind = type(value).__name__
    if isinstance(value, str):
        return f"{kind} that is something else"
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return kind
    return f"{kind}: {value}" if isinstance(value, (int, float, datetime)) else kind


def got_secret(kind: type) -> str:
    """Return what an error says of the type of a value in the place of a key."""
    if kind is type(None):
        return "NoneType: is the environment variable set?"
    if hasattr(kind, "get_secret_value"):  # pydantic
        return f"{kind.__name__}: give what its method get_secret_value() returns"
    return kind.__name__


def check_methods(option: str, value: object, *methods: str, otherwise: str = "") -> None:
    """Refuse an object that lacks a method, and a class in the place of an object.

    Args:
        option: the option, for the error.
        value: the object.
        methods: the methods that it needs; ``__call__`` alone: a function.
        otherwise: what the option may also be, for the error.

    Raises:
        ConfigurationError: names the option and the methods.
    """
    is_function = methods == ("__call__",)
    given = type(value).__name__
    if isinstance(value, type) and not is_function:
        given = f"the class {value.__name__}: make an object of it"
    elif all(callable(getattr(value, method, None)) for method in methods):
        return
    needed = "a function"
    if not is_function:
        needed = f"an object with {' and '.join(f'{method}()' for method in methods)}"
    message = f"{option} must be {otherwise}{needed}, got {given}"
    del value  # it may be a key that is not in a list
    raise ConfigurationError(message)
