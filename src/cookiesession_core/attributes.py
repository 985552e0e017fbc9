"""The attributes of our cookies: checked when they are set, written as Node writes them.

A wrong value raises :class:`ConfigurationError` at the line that sets it. A combination that
browsers refuse in silence raises the same error.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ClassVar, Literal, TypeVar

import attrs

from .attribute_text import EPOCH, AttributeText
from .checks import (
    check_bool,
    check_cookie_age,
    check_domain,
    check_expires,
    check_max_age,
    check_path,
    check_priority,
    check_same_site,
    check_secure,
)
from .errors import ConfigurationError, ConfigurationWarning, without_frames
from .hidden import Hidden, with_total_repr
from .option_names import unknown_option, unknown_options

SameSite = Literal["lax", "strict", "none"]
Priority = Literal["low", "medium", "high"]

_SECOND = timedelta(seconds=1)

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
        except (ConfigurationError, ConfigurationWarning) as error:
            raise without_frames(error) from None

    @wraps(set_value)
    def checked_setattr(self: _Options, name: str, value: object) -> None:
        given = Hidden(value)
        del value
        if name not in names:
            raise AttributeError(unknown_option(name, "CookieOptions", names))
        try:
            set_value(self, name, given.value)
        except (ConfigurationError, ConfigurationWarning) as error:
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
        ConfigurationWarning: for a ``path`` that does not begin with ``/``.
        CookieLifetimeWarning: for a ``max_age`` of more than 400 days.
    """

    max_age: float | timedelta | None = attrs.field(default=None, validator=check_cookie_age)
    expires: datetime | None = attrs.field(default=None, validator=check_expires)
    path: str | None = attrs.field(default="/", validator=check_path)
    domain: str | None = attrs.field(default=None, validator=check_domain)
    secure: bool | None = attrs.field(default=None, validator=check_secure)
    http_only: bool = attrs.field(default=True, validator=check_bool)
    same_site: SameSite | bool | None = attrs.field(default=None, validator=check_same_site)
    partitioned: bool = attrs.field(default=False, validator=check_bool)
    priority: Priority | None = attrs.field(default=None, validator=check_priority)
    overwrite: bool = attrs.field(default=True, validator=check_bool)

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
