"""What an application asks of its sessions beyond their signature, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from types import MappingProxyType
from typing import Any

import attrs

from .errors import ConfigurationError
from .expiry import UNSTAMPED, Lifetime, Stamp, unstamped
from .former import FormerReader, expire_lines
from .keygrip import Keygrip
from .options import CookieOptions
from .state import Outcome
from .wire import Lines, Wire


@attrs.frozen
class Policy:
    """What is asked of a session beyond its signature, and how it is written.

    Shared by all requests, changed by none.
    """

    wire: Wire
    options: CookieOptions
    most_octets: int
    """Of one ``Set-Cookie`` value."""
    clock: Callable[[], float]
    """Seconds since the epoch."""
    lifetime: Lifetime | None
    validate: Callable[[Mapping[str, Any]], object] | None
    former: tuple[FormerReader, ...]
    """Who may know a client that has no session of ours."""
    asks: bool = attrs.field(init=False)
    """Whether there is anything to ask beyond the signature."""
    attributes: tuple[str | None, str | None] = attrs.field(init=False)
    """The text behind ``name=value`` over HTTP and over HTTPS.

    ``None`` where that is not all: where the time has to be known, the cookie cannot be sent,
    other lines go with it, or the line of the signature may be too long.
    """
    repair: tuple[str, str] = attrs.field(init=False)
    """The text behind the name of a signature cookie that is expired, over HTTP and over HTTPS."""

    def __attrs_post_init__(self) -> None:
        options = self.options
        attributes = tuple(self._plain_attributes(https=https) for https in (False, True))
        repair = tuple(_repair_attributes(options, https=https) for https in (False, True))
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

    # --- how it is written -------------------------------------------------------------------

    def expired_lines(self, options: CookieOptions, *, https: bool) -> Lines:
        """Return the lines that end a session."""
        attributes = options.attributes(https=https, now=0, expire=True)
        return self.wire.lines_of_value("", attributes)

    def repair_line(self, options: CookieOptions, *, https: bool) -> str:
        """Return the line that ends a signature cookie."""
        attributes = (
            self.repair[https]
            if options is self.options
            else _repair_attributes(options, https=https)
        )
        return f"{self.wire.signature_name}={attributes}"

    def former_lines(self, header: str, options: CookieOptions, *, https: bool) -> Lines:
        """Return the lines that end the former cookies of a request, where we answer with ours."""
        return expire_lines(self.former, header, self.wire.name, options, https=https)

    def _plain_attributes(self, *, https: bool) -> str | None:
        options, wire = self.options, self.wire
        if (
            options.max_age is None
            and self.lifetime is None
            and not self.former
            and options.overwrite
            and (https or not options.secure)
            # Our own signatures are all of one length.
            and (wire.signer is None or type(wire.signer) is Keygrip)
        ):
            attributes = options.attributes(https=https, now=0)
            if len(wire.lines_of_value("", attributes)[-1]) <= self.most_octets:
                return attributes
        return None


def _repair_attributes(options: CookieOptions, *, https: bool) -> str:
    return options.for_repair().attributes(https=https, now=0, expire=True)
