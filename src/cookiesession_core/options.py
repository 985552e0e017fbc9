"""The attributes of our cookies: checked when they are set, written as Node writes them.

A wrong value raises :class:`ConfigurationError` at the line that sets it, and so does a
combination that every browser would refuse in silence.
"""

from __future__ import annotations

import copy
import math
import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal, NoReturn

import attrs

from .errors import ConfigurationError, CookieLifetimeWarning, warn

SameSite = Literal["lax", "strict", "none"]
Priority = Literal["low", "medium", "high"]

# The stricter grammars of `cookies` 0.9.2, which let no attribute in (CVE-2026-88038).
_PATH = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"\.?{_LABEL}(?:\.{_LABEL})*")
_ATTRIBUTE_LIMIT = 1024
"""Octets; browsers ignore longer attribute values (RFC 6265bis section 5.6)."""
_AGE_LIMIT = 400 * 24 * 3600
"""Seconds; browsers keep no cookie for longer (RFC 6265bis section 5.5)."""

_SHOWN_LIMIT = 80
"""Characters of a wrong value that an error shows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z; a cookie date has four digits for the year."""
_LONG_AGO = "; expires=Thu, 01 Jan 1970 00:00:00 GMT"


def _refuse(option: str, value: object, allowed: str) -> NoReturn:
    shown = repr(value) if value is None or isinstance(value, (bool, int, float, str)) else "one"
    if len(shown) > _SHOWN_LIMIT:
        shown = f"{shown[:_SHOWN_LIMIT]}…"
    message = f"{option} must be {allowed}, got {type(value).__name__}: {shown}"
    raise ConfigurationError(message)


def check_seconds(option: str, value: object, hint: str = "") -> float:
    """Return a duration in seconds.

    Raises:
        ConfigurationError: when it is none, not positive, or beyond the year 9999.
    """
    allowed = f"None or a positive number of seconds (int, float or timedelta){hint}"
    if isinstance(value, bool) or not isinstance(value, (int, float, timedelta)):
        _refuse(option, value, allowed)
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not (math.isfinite(seconds) and 0 < seconds <= _LAST_SECOND):
        _refuse(option, value, allowed)
    return seconds


def _check_max_age(_: object, __: object, value: Any) -> None:
    if value is not None:
        hint = "; leave it out for a browser-session cookie, call destroy() to end a session"
        seconds = check_seconds("max_age", value, hint)
        if seconds > _AGE_LIMIT:
            warn(
                f"max_age is {seconds:.0f} seconds, and browsers keep a cookie for {_AGE_LIMIT} "
                "(400 days) at the most; was it meant in milliseconds, as in Node?",
                CookieLifetimeWarning,
            )


def _check_expires(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, datetime) or value.tzinfo is None:
        _refuse("expires", value, "None or a datetime with a time zone")
    try:
        value.astimezone(timezone.utc)
    except OverflowError:
        _refuse("expires", value, "a datetime within the years 1 to 9999 of UTC")


def _check_path(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not _PATH.fullmatch(value) or len(value) > _ATTRIBUTE_LIMIT:
        _refuse("path", value, "None or printable ASCII without ';', 1024 octets at most")


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


def _check_together(options: CookieOptions, attribute: attrs.Attribute[Any], value: Any) -> Any:
    """Refuse a change after which browsers would no longer take the cookie."""
    if options._is_fixed:  # noqa: SLF001 - our own class
        message = (
            f"{attribute.name} cannot be changed for all requests once a CookieSession is made; "
            "session.options are one request's own"
        )
        raise ConfigurationError(message)
    if options._name is not None:  # noqa: SLF001
        candidate = copy.copy(options)
        object.__setattr__(candidate, attribute.name, value)
        candidate.check_together(options._name, https=options._https)  # noqa: SLF001
    object.__setattr__(options, "_texts", None)
    return value


@attrs.define(on_setattr=[attrs.setters.validate, _check_together])
class CookieOptions:
    """The attributes of a cookie, and whether it overwrites others of its name.

    Each is checked when it is set. The defaults are those of Node's ``cookie-session``.

    Attributes:
        max_age: lifetime in **seconds**, or a ``timedelta``; sent as an absolute ``expires``
            (Node counts milliseconds). ``None``: until the browser closes. Browsers keep a
            cookie for 400 days at the most.
        expires: an aware ``datetime``; ``max_age`` has precedence.
        path: ``None`` or ``""`` leaves the attribute out.
        domain: a host name; ``None`` keeps the cookie to this very host.
        secure: ``True`` sends the cookie over HTTPS only, ``None`` follows the connection.
        http_only: hide the cookie from scripts.
        same_site: ``"lax"``, ``"strict"`` (also ``True``), ``"none"``; ``None`` or ``False``
            leaves it to the browser; not every one takes ``lax`` then.
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

    _name: str | None = attrs.field(default=None, init=False, repr=False, eq=False)
    _https: bool = attrs.field(default=False, init=False, repr=False, eq=False)
    _is_fixed: bool = attrs.field(default=False, init=False, repr=False, eq=False)
    _texts: tuple[str, str, str] | None = attrs.field(
        default=None, init=False, repr=False, eq=False, on_setattr=attrs.setters.NO_OP
    )

    def fix(self) -> None:
        """Refuse all further changes."""
        object.__setattr__(self, "_is_fixed", True)

    def for_request(self, name: str, *, https: bool) -> CookieOptions:
        """Return a copy for one request's cookie ``name``, checked as a whole on each change."""
        own = copy.copy(self)
        object.__setattr__(own, "_is_fixed", False)
        object.__setattr__(own, "_https", https)
        object.__setattr__(own, "_name", name)
        return own

    def for_repair(self) -> CookieOptions:
        """Return what an expired signature cookie needs to meet the one in the browser.

        Node's attributes in the configured scope: where they are the same, so are the octets.
        """
        return CookieOptions(
            path=self.path,
            domain=self.domain,
            same_site="none" if _lower(self.same_site) == "none" else None,
            partitioned=self.partitioned,
        )

    def check_together(self, name: str, *, https: bool) -> None:
        """Refuse a combination that browsers refuse (RFC 6265bis section 5.7).

        The prefixes ``__Http-`` and ``__Host-Http-`` are younger than that text; Chromium
        enforces them.

        Raises:
            ConfigurationError: says which option to change.
        """
        secure = self.secure or (self.secure is None and https)
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

    def attributes(self, *, https: bool, now: float, expire: bool = False) -> str:
        """Return the text behind ``name=value``, in Node's order and letter case.

        Args:
            https: whether the connection is secure; decides where ``secure`` is ``None``.
            now: the time in seconds since the epoch.
            expire: write a date in 1970, so that the browser drops the cookie.
        """
        path, middle, end = self._texts or self._write_texts()
        secure = "; secure" if self.secure or (https and self.secure is None) else ""
        return f"{path}{_LONG_AGO if expire else self._expires_text(now)}{middle}{secure}{end}"

    def _expires_text(self, now: float) -> str:
        if self.max_age is not None:
            age = self.max_age
            seconds = age.total_seconds() if isinstance(age, timedelta) else age
            # Node floors whole milliseconds to the second. Rounding to a tenth of one first
            # keeps binary fractions from costing a second.
            return _expires_at(int(round((now + seconds) * 1000, 1) // 1000))
        if self.expires is not None:
            return _expires_at((self.expires - _EPOCH) // timedelta(seconds=1))
        return ""

    def _write_texts(self) -> tuple[str, str, str]:
        same_site = "strict" if self.same_site is True else _lower(self.same_site)
        texts = (
            f"; path={self.path}" if self.path else "",
            (f"; domain={self.domain}" if self.domain else "")
            + (f"; priority={_lower(self.priority)}" if self.priority else "")
            + (f"; samesite={same_site}" if same_site else ""),
            ("; httponly" if self.http_only else "")
            + ("; partitioned" if self.partitioned else ""),
        )
        object.__setattr__(self, "_texts", texts)
        return texts


def _lower(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


@lru_cache(maxsize=256)
def _expires_at(second: int) -> str:
    # By hand: strftime follows the locale and does not pad years on every platform.
    moment = _EPOCH + timedelta(seconds=min(second, _LAST_SECOND))
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return (
        f"; expires={day}, {moment.day:02} {months[moment.month - 1]} {moment.year:04} "
        f"{moment.hour:02}:{moment.minute:02}:{moment.second:02} GMT"
    )
