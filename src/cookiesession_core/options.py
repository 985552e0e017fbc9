"""The options of a :class:`CookieSession`, checked once.

The keys go into an object that hides them before anything can raise.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from inspect import iscoroutinefunction
from typing import Any, Protocol, cast, get_args

import attrs
from typing_extensions import TypedDict

from .attributes import CookieOptions, FixedOptions, Priority, SameSite
from .checks import check_seconds
from .codec import Codec
from .errors import (
    ConfigurationError,
    ConfigurationWarning,
    CookieLifetimeWarning,
    CookieNameWarning,
    WeakKeyWarning,
    check_methods,
    got,
    got_secret,
    warn,
    without_frames,
)
from .format import BoundFormat, CookieFormat
from .hidden import Hidden
from .keygrip import Keygrip, Signer
from .legacy import LegacyReader
from .lifetime import Lifetime
from .option_names import unknown_options
from .session import Session
from .set_cookie import check_name, warn_of_name
from .settings import LateWrites, SessionsReader, Settings
from .signed_pair import SignedPair

MAX_COOKIE_SIZE = 4093
"""Bytes of one ``Set-Cookie`` value that every browser takes."""


class _Configuration(Protocol):
    """A whole ``CookieSession``: that class is in a file above this one."""

    @property
    def _settings(self) -> Settings: ...


class CookieSessionOptions(TypedDict, total=False):
    """The keywords of :class:`CookieSession`, for adapters that pass them on."""

    keys: Sequence[str | bytes] | Signer | None
    secret: str | bytes | None
    format: CookieFormat | None
    name: str
    signed: bool
    codec: Codec | None
    max_age: float | timedelta | Callable[[Mapping[str, Any]], float | timedelta | None] | None
    expires: datetime | None
    path: str | None
    domain: str | None
    secure: bool | None
    http_only: bool
    same_site: SameSite | bool | None
    partitioned: bool
    priority: Priority | None
    overwrite: bool
    idle_timeout: float | timedelta | None
    absolute_timeout: float | timedelta | None
    validate: Callable[[Mapping[str, Any]], bool] | None
    legacy: Sequence[LegacyReader | _Configuration]
    max_cookie_size: int | None
    assume_https: bool
    late_writes: LateWrites
    observe: Callable[[Session], object] | None
    clock: Callable[[], float]


def with_defaults(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, and defaults for the others.

    A default of ``assume_https`` belongs to a default of ``secure``: where ``secure`` was given,
    it follows the connection.
    """
    return {
        name: value
        for name, value in {**defaults, **given}.items()
        if name != "assume_https" or name in given or "secure" not in given
    }


_not_given: Any = object()


def _system_clock() -> float:
    # Looked up at each call, so that tests can replace time.time.
    return time.time()


def settings_of(options: CookieSessionOptions) -> Settings:
    """Return the settings for the options of a ``CookieSession``, and empty ``options``.

    Raises:
        ConfigurationError: names the option, the value's type and what is allowed.
    """
    given = cast("dict[str, Any]", options)
    # The options go into an object that hides them: from here on, anything may raise.
    hidden = Hidden(dict(given))
    given.clear()
    try:
        return _settings_of(hidden)
    except _OURS as error:
        raise without_frames(error) from None  # any option may hold a key in the wrong place


_OURS = (
    ConfigurationError,
    ConfigurationWarning,
    CookieLifetimeWarning,
    CookieNameWarning,
    WeakKeyWarning,
)
"""What we raise for wrong options, also where warnings are errors."""


def _settings_of(hidden: Hidden[dict[str, Any]]) -> Settings:
    _check_known([*hidden.value])
    secrets = Hidden({name: hidden.value.pop(name, None) for name in ("keys", "secret")})
    others = hidden.value
    signed = others.pop("signed", _not_given)
    own_format = _format_of(secrets, signed, others.pop("codec", None), others.pop("format", None))
    with_idle_timeout = getattr(own_format, "with_idle_timeout", None)
    if others.get("idle_timeout") is not None and with_idle_timeout is not None:
        seconds = check_seconds("idle_timeout", others["idle_timeout"])
        own_format = cast("CookieFormat", with_idle_timeout(seconds))
    name = others.pop("name", "session")
    check_name(name)
    warn_of_name(name)
    bound = own_format.bound(name)
    _check_known([*own_format.defaults])
    others = with_defaults(others, own_format.defaults)
    if callable(others.get("max_age")):
        others["max_age_of"] = others.pop("max_age")
    attributes = {
        field.name: others.pop(field.name)
        for field in attrs.fields(CookieOptions)
        if field.name in others
    }
    ttl = getattr(own_format, "ttl", None)
    return _checked(name, bound, FixedOptions(**attributes), ttl, **others)


def _checked(
    name: str,
    bound: BoundFormat,
    options: CookieOptions,
    ttl: float | None,
    *,
    idle_timeout: float | timedelta | None = None,
    absolute_timeout: float | timedelta | None = None,
    validate: Callable[[Mapping[str, Any]], bool] | None = None,
    max_age_of: Callable[[Mapping[str, Any]], float | timedelta | None] | None = None,
    legacy: Sequence[LegacyReader | _Configuration] = (),
    max_cookie_size: int | None = MAX_COOKIE_SIZE,
    assume_https: bool = False,
    late_writes: LateWrites = "raise",
    observe: Callable[[Session], object] | None = None,
    clock: Callable[[], float] = _system_clock,
) -> Settings:
    _check_bool("assume_https", assume_https)
    _check_size(max_cookie_size)
    if late_writes not in get_args(LateWrites):
        message = f"late_writes must be 'raise' or 'log', got {type(late_writes).__name__}"
        raise ConfigurationError(message)
    check_methods("clock", clock, "__call__")
    lifetime = Lifetime.of(idle_timeout, absolute_timeout, ttl)
    if lifetime is not None and not bound.is_signed:
        message = "idle_timeout and absolute_timeout need signed=True: a client could change them"
        raise ConfigurationError(message)
    for option, function in (
        ("validate", validate),
        ("max_age", max_age_of),
        ("observe", observe),
    ):
        _check_synchronous(option, function)
    options.check_together(name, https=assume_https)
    options.check_end(clock)
    settings = Settings(
        name=name,
        format=bound,
        options=options,
        assume_https=assume_https,
        max_cookie_size=sys.maxsize if max_cookie_size is None else max_cookie_size,
        clock=clock,
        lifetime=lifetime,
        validate=validate,
        max_age_of=max_age_of,
        late_writes=late_writes,
        observe=observe,
        legacy=_checked_readers(legacy, bound),
    )
    _check_room(settings)
    return settings


def _format_of(
    secrets: Hidden[dict[str, Any]], signed: object, codec: Any, own_format: Any
) -> CookieFormat:
    has_keys, has_secret = (secrets.value[name] is not None for name in ("keys", "secret"))
    if own_format is not None:
        if has_keys or has_secret or signed is not _not_given or codec is not None:
            message = "format=... takes the place of keys, secret, signed and codec"
            raise ConfigurationError(message)
        check_methods("format", own_format, "bound")
        return cast("CookieFormat", own_format)
    if signed is not _not_given:
        _check_bool("signed", signed)
    if has_keys and has_secret:
        message = "secret is not used beside keys; if it still signs sessions, add it to the keys"
        warn(message, ConfigurationWarning)
    if has_keys or signed is False:
        # Wrong keys are refused even if nothing is signed with them.
        pair = SignedPair(secrets.value["keys"], codec)
        return SignedPair(None, codec) if signed is False else pair
    if not has_secret:
        message = "keys=[newest, ..., oldest] (or one secret=...) is required to sign sessions"
        raise ConfigurationError(message)
    if not secrets.value["secret"]:
        message = "secret is empty: anyone could sign with it; is the environment variable set?"
        raise ConfigurationError(message)
    if not isinstance(secrets.value["secret"], (str, bytes)):
        kind = type(secrets.value["secret"])
        hint = "; a list goes into keys" if issubclass(kind, Sequence) else ""
        message = f"secret must be str or bytes, got {got_secret(kind)}{hint}"
        raise ConfigurationError(message)
    return SignedPair(Keygrip([secrets.value["secret"]]), codec)


def _check_known(names: Sequence[str]) -> None:
    message = unknown_options(names, "CookieSession", CookieSessionOptions.__annotations__)
    if message:
        raise ConfigurationError(message)


def _checked_readers(
    readers: Sequence[LegacyReader | _Configuration], own: BoundFormat
) -> tuple[LegacyReader, ...]:
    if not isinstance(readers, Sequence) or isinstance(readers, (str, bytes)):
        message = f"legacy must be a list of readers, got {type(readers).__name__}"
        raise ConfigurationError(message)
    if readers and not own.is_signed:
        message = "legacy needs signed=True: a session that was signed must not become unsigned"
        raise ConfigurationError(message)
    return tuple(_checked_reader(reader, own) for reader in readers)


def _checked_reader(given: LegacyReader | _Configuration, own: BoundFormat) -> LegacyReader:
    settings = getattr(given, "_settings", None)
    if isinstance(settings, Settings):
        if not settings.format.is_signed:
            message = (
                "a legacy configuration must be signed: whatever a client wrote would become a "
                "signed session"
            )
            raise ConfigurationError(message)
        given = SessionsReader(settings)
    check_methods("a legacy reader", given, "read")
    reader = cast("LegacyReader", given)
    names: object = getattr(reader, "names", None)
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        message = (
            "a legacy reader must have names, a list of the names of the legacy cookies, "
            f"got {type(names).__name__}"
        )
        raise ConfigurationError(message)
    options = getattr(reader, "options", None) or CookieOptions()
    if not isinstance(options, CookieOptions):
        message = (
            "the options of a legacy reader must be the CookieOptions of the legacy cookies, "
            f"got {type(options).__name__}"
        )
        raise ConfigurationError(message)
    for name in names:
        check_name(name)
        if name in own.names[1:]:
            message = f"a legacy cookie must not be called {name!r}: that name is ours"
            raise ConfigurationError(message)
        options.check_together(name, https=True)
    return reader


def _check_synchronous(option: str, function: Any) -> None:
    if function is None:
        return
    check_methods(option, function, "__call__")
    if iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
        message = f"{option} must be synchronous, got a coroutine function"
        raise ConfigurationError(message)


def _check_bool(option: str, value: object) -> None:
    if not isinstance(value, bool):
        message = f"{option} must be True or False, got {type(value).__name__}"
        raise ConfigurationError(message)


def _check_size(value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        message = f"max_cookie_size must be a positive number of bytes or None, got {got(value)}"
        raise ConfigurationError(message)


def _check_room(settings: Settings) -> None:
    """Refuse a ``max_cookie_size`` that leaves no byte for the value of a cookie."""
    attributes = settings.attribute_text.at(https=False, now=0)
    taken = max(len(start) + len(attributes) for start in settings.starts)
    if settings.max_cookie_size <= taken:
        message = (
            f"max_cookie_size is {settings.max_cookie_size}, and the name and the attributes "
            f"of the cookie take {taken} bytes: no session fits; leave it out for "
            f"{MAX_COOKIE_SIZE} bytes"
        )
        raise ConfigurationError(message)
