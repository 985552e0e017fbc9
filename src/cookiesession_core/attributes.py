"""The attributes of our cookies: checked when they are set, written as Node writes them.

A wrong value raises :class:`ConfigurationError` at the line that sets it. A combination that
browsers refuse in silence raises the same error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import wraps
from typing import Any, ClassVar, Literal, NoReturn, TypeVar

import attrs

from .attribute_text import EPOCH, LAST_SECOND, AttributeText
from .errors import ConfigurationError, CookieLifetimeWarning, got, warn, without_frames
from .hidden import Hidden, with_total_repr
from .option_names import unknown_option, unknown_options

SameSite = Literal["lax", "strict", "none"]
Priority = Literal["low", "medium", "high"]

# The stricter grammars of `cookies` 0.9.2, which refuse an injected attribute (CVE-2026-88038).
_PATH = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"\.?{_LABEL}(?:\.{_LABEL})*")
_ATTRIBUTE_LIMIT = 1024
"""Bytes; browsers ignore longer attribute values (RFC 6265bis section 5.6)."""
_AGE_LIMIT = 400 * 24 * 3600
"""Seconds; the longest time that browsers keep a cookie (RFC 6265bis section 5.5)."""
_FOR_EVER = 2**31 - 1
"""Seconds; a usual way to ask for no end, and no slip."""

_SECOND = timedelta(seconds=1)


def _refuse(option: str, value: object, allowed: str) -> NoReturn:
    message = f"{option} must be {allowed}, got {got(value)}"
    raise ConfigurationError(message)


def seconds_of(value: object) -> float | None:
    """Return a duration in seconds; ``None`` if it is not a duration, or not a possible one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, timedelta)):
        return None
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return seconds if 0 < seconds <= LAST_SECOND else None


def check_seconds(option: str, value: object, hint: str = "") -> float:
    """Return a duration in seconds.

    Raises:
        ConfigurationError: when it is not a duration, not positive, or beyond the year 9999.
    """
    seconds = seconds_of(value)
    if seconds is None:
        allowed = f"None or a positive number of seconds (int, float or timedelta){hint}"
        _refuse(option, value, allowed)
    return seconds


_NO_MAX_AGE = "; leave it out for a browser-session cookie, call destroy() to end a session"


def check_max_age(option: str, value: object) -> float:
    """Return the seconds of a session's ``max_age``.

    The date of a cookie has whole seconds. With less than one, a browser would drop the cookie.

    Raises:
        ConfigurationError: when it is not a duration, below a second, or beyond the year 9999.
    """
    seconds = check_seconds(option, value, _NO_MAX_AGE)
    if seconds < 1:
        _refuse(option, value, f"None or at least 1 second{_NO_MAX_AGE}")
    return seconds


def _check_max_age(_: object, __: object, value: Any) -> None:
    if value is not None:
        seconds = check_seconds("max_age", value, _NO_MAX_AGE)
        if seconds > _AGE_LIMIT and seconds != _FOR_EVER:
            warn(
                f"max_age is {seconds:.0f} seconds, and browsers keep a cookie for {_AGE_LIMIT} "
                "(400 days) at most; was it meant in milliseconds, as in Node?",
                CookieLifetimeWarning,
            )


def _check_expires(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, datetime) or value.tzinfo is None:
        _refuse("expires", value, "None or a datetime with a time zone: add tzinfo=timezone.utc")
    try:
        value.astimezone(timezone.utc)
    except OverflowError:
        _refuse("expires", value, "a datetime within the years 1 to 9999 of UTC")


def _check_path(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not _PATH.fullmatch(value) or len(value) > _ATTRIBUTE_LIMIT:
        _refuse("path", value, "None or printable ASCII without ';', at most 1024 bytes")


def _check_domain(_: object, __: object, value: Any) -> None:
    if value is None or value == "":
        return
    if not isinstance(value, str) or not _DOMAIN.fullmatch(value) or len(value) > _ATTRIBUTE_LIMIT:
        _refuse("domain", value, "None or a host name such as 'example.com', without a port")


def _check_bool(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, bool):
        _refuse(attribute.name, value, "True or False")


def _check_secure(_: object, __: object, value: Any) -> None:
    if value is not None and not isinstance(value, bool):
        _refuse("secure", value, "True, False or None (follow the connection)")


def _check_same_site(_: object, __: object, value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if not isinstance(value, str) or value.lower() not in ("", "lax", "strict", "none"):
        _refuse("same_site", value, "None, 'lax', 'strict', 'none' or True (strict)")


def _check_priority(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or value.lower() not in ("", "low", "medium", "high"):
        _refuse("priority", value, "None, 'low', 'medium' or 'high'")


_Options = TypeVar("_Options")


def _hides_values(options: type[_Options]) -> type[_Options]:
    """Refuse unknown options, and let no error that leaves a class of options hold a value.

    The value may be a key.
    """
    names = [field.name for field in attrs.fields(options)]  # type: ignore[arg-type] # by attrs
    make, set_value = options.__init__, options.__setattr__

    @wraps(make)
    def checked_init(self: _Options, *arguments: Any, **named: Any) -> None:
        given = Hidden(((self, *arguments), named))
        del self, arguments, named
        message = unknown_options(given.value[1], "CookieOptions", names)
        if message:
            raise ConfigurationError(message)
        try:
            make(*given.value[0], **given.value[1])
        except ConfigurationError as error:
            raise without_frames(error) from None

    @wraps(set_value)
    def checked_setattr(self: _Options, name: str, value: object) -> None:
        given = Hidden(value)
        del value
        if name not in names:
            raise AttributeError(unknown_option(name, "CookieOptions", names))
        try:
            set_value(self, name, given.value)
        except ConfigurationError as error:
            raise without_frames(error) from None

    options.__init__, options.__setattr__ = checked_init, checked_setattr  # type: ignore[assignment, method-assign]
    return options


@with_total_repr
@_hides_values
@attrs.define(on_setattr=attrs.setters.validate, eq=False)
class CookieOptions:
    """The attributes of a cookie, and whether it overwrites others of its name.

    Each value is checked when it is set. The defaults are those of Node's ``cookie-session``.

    Attributes:
        max_age: lifetime in **seconds**, or a ``timedelta``; sent as an absolute ``expires``
            (Node counts milliseconds). ``None``: until the browser closes. Browsers keep a
            cookie for at most 400 days.
        expires: an aware ``datetime``; ``max_age`` has precedence.
        path: ``None`` or ``""`` leaves the attribute out.
        domain: a host name; ``None`` limits the cookie to this host.
        secure: ``True`` sends the cookie over HTTPS only, ``None`` follows the connection.
        http_only: hide the cookie from scripts.
        same_site: ``"lax"``, ``"strict"`` (also ``True``), ``"none"``; ``None`` or ``False``
            leaves it to the browser; some browsers do not use ``lax`` then.
        partitioned: one cookie jar per embedding site (CHIPS).
        priority: ``"low"``, ``"medium"`` or ``"high"``; Chrome's order of eviction.
        overwrite: drop earlier ``Set-Cookie`` values of the same name from the response.

    Raises:
        ConfigurationError: names the option, the value's type and what is allowed.

    Warns:
        CookieLifetimeWarning: for a ``max_age`` of more than 400 days.
    """

    max_age: float | timedelta | None = attrs.field(default=None, validator=_check_max_age)
    expires: datetime | None = attrs.field(default=None, validator=_check_expires)
    path: str | None = attrs.field(default="/", validator=_check_path)
    domain: str | None = attrs.field(default=None, validator=_check_domain)
    secure: bool | None = attrs.field(default=None, validator=_check_secure)
    http_only: bool = attrs.field(default=True, validator=_check_bool)
    same_site: SameSite | bool | None = attrs.field(default=None, validator=_check_same_site)
    partitioned: bool = attrs.field(default=False, validator=_check_bool)
    priority: Priority | None = attrs.field(default=None, validator=_check_priority)
    overwrite: bool = attrs.field(default=True, validator=_check_bool)

    def check_together(self, name: str, *, https: bool) -> None:
        """Refuse a combination that browsers refuse (RFC 6265bis section 5.7).

        Chromium also enforces the newer prefixes ``__Http-`` and ``__Host-Http-``.

        Raises:
            ConfigurationError: says which option to change.
        """
        secure = self.is_secure(https=https)
        prefix = name[:12].lower()
        problem = None
        if _lower(self.same_site) == "none" and not secure:
            problem = "same_site='none' needs secure=True"
        elif self.partitioned and not secure:
            problem = "partitioned=True needs secure=True"
        elif prefix.startswith("__secure-") and not secure:
            problem = f"the cookie name {name!r} needs secure=True"
        elif prefix.startswith("__host-") and not (secure and self.path == "/" and not self.domain):
            problem = f"the cookie name {name!r} needs secure=True, path='/' and no domain"
        elif prefix.startswith(("__http-", "__host-http-")) and not (secure and self.http_only):
            problem = f"the cookie name {name!r} needs secure=True and http_only=True"
        if problem is not None:
            message = f"{problem}: browsers refuse the cookie otherwise"
            raise ConfigurationError(message)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CookieOptions):
            return NotImplemented
        return self._values() == other._values()

    __hash__: ClassVar[None]  # type: ignore[assignment] # options can be changed

    def __reduce__(self) -> tuple[Any, ...]:
        # Copies and pickles of a subclass are plain options: they belong to no request.
        return _plain_options, (self._values(),)

    def _values(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in attrs.fields(CookieOptions)}

    def text(self) -> AttributeText:
        """Return the text that follows ``name=value``, in Node's order and letter case."""
        same_site = "strict" if self.same_site is True else _lower(self.same_site)
        middle = (
            (f"; domain={self.domain}" if self.domain else "")
            + (f"; priority={_lower(self.priority)}" if self.priority else "")
            + (f"; samesite={same_site}" if same_site else "")
        )
        end = ("; httponly" if self.http_only else "") + (
            "; partitioned" if self.partitioned else ""
        )
        over_http, over_https = (
            f"{middle}{'; secure' if self.is_secure(https=https) else ''}{end}"
            for https in (False, True)
        )
        max_age = self.max_age
        return AttributeText(
            path=f"; path={self.path}" if self.path else "",
            over_http=over_http,
            over_https=over_https,
            max_age=max_age.total_seconds() if isinstance(max_age, timedelta) else max_age,
            expires=None if self.expires is None else (self.expires - EPOCH) // _SECOND,
        )

    def check_end(self, clock: Callable[[], float]) -> None:
        """Refuse an end at which a browser drops the cookie of a session at once.

        Raises:
            ConfigurationError: says what to use instead.
        """
        if self.max_age is not None:
            check_max_age("max_age", self.max_age)
        elif self.has_passed(clock):
            message = (
                f"expires must be in the future, got {self.expires}: browsers drop the cookie. "
                "Use max_age for a lifetime that begins when the cookie is sent, or destroy()"
            )
            raise ConfigurationError(message)

    def has_passed(self, clock: Callable[[], float]) -> bool:
        """Whether ``expires`` has passed. The date of a cookie has whole seconds."""
        return self.expires is not None and (self.expires - EPOCH) // _SECOND <= clock()

    def is_secure(self, *, https: bool) -> bool:
        """Whether the cookie gets the attribute ``secure`` on such a connection."""
        return https if self.secure is None else self.secure

    def attributes(self, *, https: bool, now: float, expire: bool = False) -> str:
        """Return the text that follows ``name=value``; see :meth:`AttributeText.at`."""
        return self.text().at(https=https, now=now, expire=expire)


def _plain_options(values: dict[str, Any]) -> CookieOptions:
    """Return options whose values have passed the checks."""
    options = CookieOptions.__new__(CookieOptions)
    for name, value in values.items():
        object.__setattr__(options, name, value)
    return options


class FixedOptions(CookieOptions):
    """The attributes that all requests share. They refuse every change."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        message = (
            f"{name} cannot be changed for all requests once a CookieSession is made; "
            "change session.options, the attributes of one request"
        )
        del value
        raise ConfigurationError(message)


class RequestOptions(CookieOptions):
    """One request's own attributes. Each change is checked together with all others."""

    __slots__ = ("_check_open", "_clock", "_cookie_name", "_https", "has_own_max_age")

    _check_open: Callable[[], None]
    _clock: Callable[[], float]
    _cookie_name: str
    _https: bool
    has_own_max_age: bool
    """Whether the request has set ``max_age``. It then has precedence over a function."""

    def __init__(
        self,
        options: CookieOptions,
        cookie_name: str,
        *,
        https: bool,
        clock: Callable[[], float],
        check_open: Callable[[], None],
    ) -> None:
        # Set without the checks, because these values have passed them.
        values = options._values()
        values |= {"_check_open": check_open, "_clock": clock, "_cookie_name": cookie_name}
        for name, value in {**values, "_https": https, "has_own_max_age": False}.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        given = Hidden(value)
        del value
        before = getattr(self, name, None)
        self._check_open()
        super().__setattr__(name, given.value)
        try:
            self.check_together(self._cookie_name, https=self._https)
            if name in ("expires", "max_age"):
                self.check_end(self._clock)
        except ConfigurationError:
            object.__setattr__(self, name, before)
            raise
        if name == "max_age":
            object.__setattr__(self, "has_own_max_age", True)


def _lower(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""
