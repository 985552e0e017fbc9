"""The settings of all sessions of one name. They read a session, and write its cookies.

Reading: the format finds, verifies and decodes; a legacy session is migrated; the lifetime and
``validate`` are checked. Writing: the format seals, and the attributes are appended.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from inspect import isawaitable
from types import MappingProxyType
from typing import Any, Literal

import attrs

from . import log
from .attribute_text import AttributeText
from .attributes import CookieOptions, RequestOptions
from .checks import seconds_of
from .cookies import MappingCookies, RequestCookies
from .ecma_json import same_contents
from .errors import ConfigurationError, CookieTooLargeError
from .format import BoundFormat, Contents, Payload, Reading
from .hidden import with_total_repr
from .legacy import LegacyReader, legacy_cookies, migrate
from .lifetime import Lifetime, Timestamps, misused_key, split_timestamps
from .mapping import copied
from .state import LOADED, Outcome

LateWrites = Literal["raise", "log"]


@with_total_repr
@attrs.frozen(eq=False, repr=False)
class Settings:
    """The settings of all sessions of one name. Requests share them and do not change them."""

    name: str
    format: BoundFormat
    options: CookieOptions
    assume_https: bool
    max_cookie_size: int
    """Bytes of one ``Set-Cookie`` value."""
    clock: Callable[[], float]
    """Returns seconds since the epoch."""
    lifetime: Lifetime | None
    validate: Callable[[Mapping[str, Any]], object] | None
    max_age_of: Callable[[Mapping[str, Any]], float | timedelta | None] | None
    """Returns the ``max_age`` for the contents of a session, where it is not the same for all."""
    late_writes: LateWrites
    """What a write after the response headers does."""
    observe: Callable[[Any], object] | None
    """Called at the end of each request that touched its session."""
    legacy: tuple[LegacyReader, ...]
    """Readers of the session cookies of libraries that were used before."""
    starts: tuple[str, ...] = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: tuple(f"{name}=" for name in self.format.names), takes_self=True
        ),
    )
    """How a ``Set-Cookie`` value begins, for each name of the format."""
    raw_starts: tuple[bytes, ...] = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: tuple(start.encode() for start in self.starts), takes_self=True
        ),
    )
    """``starts``, as header fields of bytes have them."""
    has_leftovers: bool = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: bool(self.legacy or self.format.leftovers), takes_self=True
        ),
    )
    """Whether a request may have other cookies, to expire when a session is sent."""
    has_checks: bool = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: self.lifetime is not None or self.validate is not None, takes_self=True
        ),
    )
    """Whether :meth:`check` has anything to check."""
    attribute_text: AttributeText = attrs.field(
        init=False, default=attrs.Factory(lambda self: self.options.text(), takes_self=True)
    )
    """The text of ``options``."""
    dateless: tuple[str | None, str | None] = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: (None, None) if self.max_age_of else self.attribute_text.dateless(),
            takes_self=True,
        ),
    )
    """The text of ``options`` over HTTP and over HTTPS; ``None`` if it depends on the time."""
    logged: set[tuple[Callable[..., None], str, type]] = attrs.field(init=False, factory=set)
    """The log lines that are written once for all requests, and have been written."""

    def __repr__(self) -> str:
        # Objects of the application, such as its readers, may show what they hold.
        return f"<settings of {self.name!r}>"

    # --- reading -----------------------------------------------------------------------------

    def read(self, cookies: RequestCookies) -> Reading:
        """Return the session that the cookies of a request hold. No cookie makes this raise.

        Raises:
            ConfigurationError: when ``validate`` is asynchronous.
        """
        reading = self.format.read(cookies, self.clock)
        if self.legacy:
            reading = migrate(
                self.legacy, reading, cookies, self.format, self.clock, log_once=self.log_once
            )
        if self.has_checks and reading.outcome is LOADED:
            self.check(reading)
        return reading

    def decoded(self, cookies: RequestCookies) -> dict[str, Any] | None:
        """Return the contents of a session in our own format that passes all checks, or ``None``.

        Raises:
            ConfigurationError: when ``validate`` is asynchronous.
        """
        reading = self.format.read(cookies, self.clock)
        if self.has_checks and reading.outcome is LOADED:
            self.check(reading, can_renew=False)
        return reading.contents if reading.outcome is LOADED else None

    def check(self, reading: Reading, *, can_renew: bool = True) -> None:
        """Take the timestamps out of the contents, check the lifetime, and ask ``validate``.

        Args:
            reading: a session that verified. It is refused if a check fails.
            can_renew: whether timestamps from the future can be written anew.

        Raises:
            ConfigurationError: when ``validate`` is asynchronous.
        """
        lifetime = self.lifetime
        if lifetime is not None:
            if not self.format.keeps_end:
                self._split(reading)
            now = self.milliseconds()
            if lifetime.is_over(reading.timestamps, now):
                reading.refuse(Outcome.EXPIRED)
                return
            if reading.timestamps is not None and lifetime.is_ahead(reading.timestamps, now):
                if not can_renew:
                    reading.refuse(Outcome.EXPIRED)
                    return
                reading.timestamps = lifetime.brought_back(reading.timestamps, now)
        if self.validate is not None:
            # A copy, so that the check cannot change a list inside the contents.
            answer = self.validate(MappingProxyType(copied(reading.contents)))
            if isawaitable(answer):
                message = "validate must be synchronous; await the check, then session.destroy()"
                raise ConfigurationError(message)
            if not answer:
                reading.refuse(Outcome.REFUSED)

    def _split(self, reading: Reading) -> None:
        """Take the timestamps out of the contents. Log, once, another value under their keys."""
        contents = reading.contents
        reading.contents, reading.timestamps = split_timestamps(contents)
        key = misused_key(contents, reading.timestamps)
        del contents
        if key is not None:
            message = (
                f"idle_timeout and absolute_timeout need the key {key!r}, and its value is not a "
                "timestamp. Turn them off, rename the key in the application, then turn them on."
            )
            self.log_once(log.dropped, self.name, ConfigurationError(message))

    # --- writing -----------------------------------------------------------------------------

    def sealed(
        self,
        payload: Payload,
        timestamps: Timestamps | None,
        options: RequestOptions | None,
        https: bool,  # noqa: FBT001 - a keyword takes longer
    ) -> list[str]:
        """Return the ``Set-Cookie`` values of a session.

        Args:
            payload: its contents, serialised.
            timestamps: when it began and ends.
            options: the request's own attributes, if it has any.
            https: whether the connection is secure.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
            CookieTooLargeError: when a value exceeds ``max_cookie_size``.
            ConfigurationError: when the function ``max_age`` fails, or the format returns too few
                or too many values.
        """
        attributes = self.dateless[https] if options is None else None
        if attributes is None:
            text = self.attribute_text if options is None else options.text()
            if self.max_age_of is not None:
                max_age = self.max_age(Contents(payload.contents), options)
                text = attrs.evolve(text, max_age=max_age)
            attributes = text.at(https=https, now=self.clock())
        set_cookies: list[str] = []
        values = self.seal(payload, timestamps)
        for start, value in zip(self.starts, values):  # noqa: B905 - a keyword takes longer
            set_cookie = f"{start}{value}{attributes}"
            if len(set_cookie) > self.max_cookie_size:
                size = len(set_cookie)
                del values, value, set_cookie, set_cookies
                raise self._too_large(size, payload)
            set_cookies.append(set_cookie)
        return set_cookies

    def seal(self, payload: Payload, timestamps: Timestamps | None) -> tuple[str, ...]:
        """Return the values of a session's cookies, one for each name of the format.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
            ConfigurationError: when the format returns too few or too many values.
        """
        values = self.format.seal(payload, timestamps)
        if len(values) != len(self.starts):
            count = len(values)
            del values
            raise self._wrong_number(count, "seal")
        return values

    def _wrong_number(self, count: int, method: str) -> ConfigurationError:
        message = (
            f"the format's method {method} must return a value for each of its names: "
            f"{len(self.starts)} are expected, got {count}"
        )
        return ConfigurationError(message)

    def max_age(self, contents: Contents, options: RequestOptions | None) -> float | None:
        """Return the seconds that a browser keeps a cookie with these contents.

        Args:
            contents: those of the session.
            options: the request's own attributes, if it has any. Its ``max_age`` has precedence.

        Raises:
            ConfigurationError: when the function ``max_age`` raises, or returns no duration.
        """
        if options is not None and options.has_own_max_age:
            return options.text().max_age
        if self.max_age_of is None:
            return self.attribute_text.max_age
        try:
            answer = self.max_age_of(MappingProxyType(copied(contents.contents)))
        except Exception as error:  # noqa: BLE001 - whatever it raises, the cookie has no lifetime
            message = f"the function max_age raised {type(error).__name__}"
            raise ConfigurationError(message) from None
        seconds = seconds_of(answer)
        if answer is None or (seconds is not None and seconds >= 1):
            return seconds
        # The answer is not shown: it may be a part of the contents.
        message = (
            "the function max_age must return None, or at least 1 second as int, float or "
            f"timedelta, got {type(answer).__name__}"
        )
        del answer, seconds
        raise ConfigurationError(message)

    def expired(self, options: CookieOptions | None, https: bool) -> list[str]:  # noqa: FBT001
        """Return the ``Set-Cookie`` values that end a session."""
        attributes = (options or self.options).attributes(https=https, now=0, expire=True)
        values = self.format.expired()
        if len(values) != len(self.starts):
            raise self._wrong_number(len(values), "expired")
        return [
            start + value + attributes for start, value in zip(self.starts, values, strict=True)
        ]

    def expired_leftovers(
        self,
        cookies: RequestCookies,
        options: CookieOptions | None,
        https: bool,  # noqa: FBT001
    ) -> list[str]:
        """Return the ``Set-Cookie`` values that end other cookies of the request.

        They are sent before ours: if one happens to match our cookie, ours comes last and wins.
        """
        own = options or self.options
        return [
            f"{name}={each.attributes(https=https or assume_https, now=0, expire=True)}"
            for name, each, assume_https in self._leftovers(cookies, own)
            if (https or assume_https or not each.secure)
            and not (
                name in self.format.names
                and (each.path, each.domain, each.partitioned)
                == (own.path, own.domain, own.partitioned)
            )
        ]

    def all_starts(self, cookies: RequestCookies) -> tuple[str, ...]:
        """Return ``starts``, and the starts for the other cookies of the request to expire."""
        leftovers = self._leftovers(cookies, self.options)
        return (*self.starts, *(f"{name}=" for name, _, _ in leftovers))

    def _leftovers(
        self, cookies: RequestCookies, own: CookieOptions
    ) -> Iterator[tuple[str, CookieOptions, bool]]:
        for name in self.format.leftovers:
            if cookies.first(name) is not None:
                yield name, own, False
        yield from legacy_cookies(self.legacy, cookies, own)

    def _too_large(self, size: int, payload: Payload) -> CookieTooLargeError:
        sizes: dict[str, int] = {}
        # A user's codec may refuse a part of the contents. Then the sizes stay unknown.
        with suppress(Exception):
            empty = self._size(Contents({}))
            sizes = {
                key: self._size(Contents({key: payload.contents[key]})) - empty
                for key in payload.contents
            }
        largest = dict(sorted(sizes.items(), key=lambda item: -item[1])[:3])
        return CookieTooLargeError(size, self.max_cookie_size, largest)

    def _size(self, contents: Contents) -> int:
        # The seal tells less: a cipher pads it to whole blocks.
        text = self.format.payload(contents).text
        return len(text) if isinstance(text, str) else len(b2a_base64(text, newline=False))

    def changed_keys(self, payload: Payload, contents: Contents) -> list[str]:
        """Return the keys whose values have changed since a payload was made of the contents."""
        now = None
        with suppress(Exception):  # the contents can no longer be written
            now = self.format.payload(contents)
            if now.text == payload.text:
                return []
        # A codec that encrypts writes equal contents differently.
        before = self._opened(payload)
        after = contents if now is None else self._opened(now)
        return [
            key
            for key in contents.contents
            if not same_contents(before.contents.get(key), after.contents.get(key))
        ]

    def _opened(self, payload: Payload) -> Contents:
        pairs = zip(self.format.names, self.seal(payload, None), strict=True)
        return Contents(self.format.read(MappingCookies(dict(pairs)), self.clock).contents)

    def log_once(
        self, line: Callable[..., None], about: str, error: Exception | None = None
    ) -> None:
        """Log a line if no request has logged it before, with an error of this type if any."""
        kind = line, about, type(error)
        if kind not in self.logged:
            self.logged.add(kind)
            line(*([about] if error is None else [about, error]))

    def milliseconds(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return int(self.clock() * 1000)


class SessionsReader:
    """A legacy reader of the sessions of another configuration: other keys, another format."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.names: tuple[str, ...] = settings.format.names + settings.format.leftovers
        self.options: CookieOptions = settings.options
        self.assume_https: bool = settings.assume_https

    def read(self, cookies: RequestCookies, /) -> dict[str, Any] | None:
        """Return the contents of a session that passes all checks of its configuration."""
        return self._settings.decoded(cookies)
