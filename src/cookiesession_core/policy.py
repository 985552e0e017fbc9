"""What an application asks of its sessions beyond their signature, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from types import MappingProxyType
from typing import Any

import attrs

from .errors import ConfigurationError
from .expiry import UNSTAMPED, Lifetime, Stamp, unstamped
from .former import FormerReader
from .options import CookieOptions
from .state import Outcome


@attrs.frozen
class Policy:
    """What is asked of a session beyond its signature, and how it is written.

    Shared by all requests, changed by none.
    """

    options: CookieOptions
    max_cookie_size: int | None
    clock: Callable[[], float]
    """Seconds since the epoch."""
    lifetime: Lifetime | None
    validate: Callable[[Mapping[str, Any]], object] | None
    former: tuple[FormerReader, ...]
    """Who may know a client that has no session of ours."""
    asks: bool = attrs.field(init=False)
    """Whether there is anything to ask beyond the signature."""
    attributes: tuple[str, str] | None = attrs.field(init=False)
    """The text behind ``name=value`` over HTTP and over HTTPS, where time does not alter it."""
    repair: tuple[str, str] = attrs.field(init=False)
    """The same for an expired signature cookie."""

    def __attrs_post_init__(self) -> None:
        options, attributes = self.options, None
        repair = tuple(repair_attributes(options, https=https) for https in (False, True))
        if options.max_age is None:
            http, https = (options.attributes(https=https, now=0) for https in (False, True))
            attributes = (http, https)
        asks = self.lifetime is not None or self.validate is not None
        object.__setattr__(self, "attributes", attributes)
        object.__setattr__(self, "repair", repair)
        object.__setattr__(self, "asks", asks)

    def now(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return int(self.clock() * 1000)

    def admit(self, contents: dict[str, Any]) -> tuple[Outcome, dict[str, Any], Stamp]:
        """Return verified contents as the application sees them, or why it does not see them.

        Raises:
            ConfigurationError: when ``validate`` is asynchronous.
        """
        stamp = UNSTAMPED
        if self.lifetime is not None:
            contents, stamp = unstamped(contents)
            if self.lifetime.is_over(stamp, self.now()):
                return Outcome.EXPIRED, {}, stamp
        if self.validate is not None:
            answer = self.validate(MappingProxyType(contents))
            if isawaitable(answer):
                message = "validate must be synchronous; await the check, then session.destroy()"
                raise ConfigurationError(message)
            if not answer:
                return Outcome.REFUSED, {}, stamp
        return Outcome.LOADED, contents, stamp


def repair_attributes(options: CookieOptions, *, https: bool) -> str:
    """Return the text behind the name of a signature cookie that is expired."""
    return options.for_repair().attributes(https=https, now=0, expire=True)
