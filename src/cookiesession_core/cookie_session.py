"""The configuration of an application's sessions: checked once, shared by all requests."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from inspect import iscoroutinefunction
from typing import Any

import attrs
from typing_extensions import TypedDict

from .codec import Codec, JSONCodec
from .cookies import check_name
from .errors import ConfigurationError
from .expiry import UNSTAMPED, Lifetime
from .former import FormerReader
from .keygrip import Keygrip, Signer
from .mapping import UNREAD
from .options import CookieOptions, Priority, SameSite
from .policy import Policy
from .session import Session
from .state import Outcome, State
from .wire import Header, Wire, header_text

MAX_COOKIE_SIZE = 4093
"""Octets of one ``Set-Cookie`` value that every browser and common proxies take."""


# Bound once: before Python 3.12, reaching an enum's member takes longer than the work around it.
_UNTOUCHED, _LOADED = State.UNTOUCHED, Outcome.LOADED


class CookieSessionOptions(TypedDict, total=False):
    """The keywords of :class:`CookieSession`, for adapters that pass them on."""

    keys: Sequence[str | bytes] | Signer | None
    secret: str | bytes | None
    name: str
    signed: bool
    codec: Codec
    max_age: float | timedelta | None
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
    former: Sequence[FormerReader]
    max_cookie_size: int | None
    assume_https: bool
    clock: Callable[[], float]


@attrs.frozen(init=False, eq=False)
class CookieSession:
    """Signed client-side sessions, byte-compatible with Node's ``cookie-session`` 2.1.

    Build one at start-up; it is immutable, and safe to share between threads and tasks.

    Args:
        keys: signing keys, **newest first**: the first signs, all verify. Or a ``Keygrip``, or
            any object with its ``sign`` and ``index``.
        secret: a single key, when ``keys`` is not given.
        name: the cookie's name; its signature is in a second cookie, ``<name>.sig``.
        signed: ``False`` lets clients change their session at will.
        codec: any object with ``encode(mapping) -> str`` and ``decode(str) -> dict``; another
            than ``JSONCodec`` ends the compatibility with Node.
        max_age: lifetime of the cookie in **seconds**, or a ``timedelta``; a hint to the browser.
        expires: a fixed end, as an aware ``datetime``; ``max_age`` has precedence.
        path: the URL path below which the browser sends the cookie; ``None``: no attribute.
        domain: a host name whose subdomains get the cookie, too.
        secure: ``True``: only over HTTPS. ``None``: as the connection is.
        http_only: hide the cookie from scripts.
        same_site: ``"lax"``, ``"strict"`` (or ``True``), ``"none"``.
        partitioned: one cookie jar per embedding site (CHIPS).
        priority: ``"low"``, ``"medium"`` or ``"high"``.
        overwrite: drop earlier ``Set-Cookie`` values of our names from a response.
        idle_timeout: the server ends a session that was not used for so many **seconds** (or a
            ``timedelta``). A touched session is prolonged once half of that has passed.
        absolute_timeout: the server ends a session that began so many **seconds** (or a
            ``timedelta``) ago, used or not.
        validate: called once with the verified contents before the application sees them;
            ``False`` refuses them, and the session is a new one. Synchronous, for checks in
            memory: tenant, audience, a generation number.
        former: readers of the session cookies of libraries that were used before. A touched
            session without a pair of its own is taken over from the first that verifies, and
            sent in our format; former cookies that the request carried are expired with it.
            :meth:`decode` reads our format alone.
        max_cookie_size: the most octets of one ``Set-Cookie`` value; ``None``: no limit.
        assume_https: TLS ends before this server and no header says so.
        clock: returns the time in seconds since the epoch.

    Raises:
        ConfigurationError: names the option, the value's type and what is allowed.

    Warns:
        WeakKeyWarning: for a short key, or one that is printed in a README.
        CookieLifetimeWarning: for a ``max_age`` of more than 400 days.
    """

    name: str
    options: CookieOptions = attrs.field(repr=False)
    assume_https: bool = attrs.field(repr=False)
    _policy: Policy = attrs.field(repr=False)

    def __init__(
        self,
        *,
        keys: Sequence[str | bytes] | Signer | None = None,
        secret: str | bytes | None = None,
        name: str = "session",
        signed: bool = True,
        codec: Codec | None = None,
        max_age: float | timedelta | None = None,
        expires: datetime | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool | None = None,
        http_only: bool = True,
        same_site: SameSite | bool | None = None,
        partitioned: bool = False,
        priority: Priority | None = None,
        overwrite: bool = True,
        idle_timeout: float | timedelta | None = None,
        absolute_timeout: float | timedelta | None = None,
        validate: Callable[[Mapping[str, Any]], bool] | None = None,
        former: Sequence[FormerReader] = (),
        max_cookie_size: int | None = MAX_COOKIE_SIZE,
        assume_https: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        _check_name(name)
        _check_bool("signed", signed)
        _check_bool("assume_https", assume_https)
        _check_size(max_cookie_size)
        _check_has("clock", clock, "__call__")
        lifetime = Lifetime.of(idle_timeout, absolute_timeout)
        if lifetime is not None and not signed:
            message = "idle_timeout and absolute_timeout need signed=True: clients would set them"
            raise ConfigurationError(message)
        if validate is not None:
            _check_has("validate", validate, "__call__")
            if iscoroutinefunction(validate):
                message = "validate must be synchronous, got a coroutine function"
                raise ConfigurationError(message)
        readers = _check_former(former, name, signed=signed)
        codec = JSONCodec() if codec is None else codec
        _check_has("codec", codec, "encode", "decode")
        options = CookieOptions(
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            http_only=http_only,
            same_site=same_site,
            partitioned=partitioned,
            priority=priority,
            overwrite=overwrite,
        )
        options.check_together(name, https=assume_https)
        options.fix()
        # Wrong keys are wrong even where nothing is signed with them.
        signer = _signer(keys, secret) if signed or keys is not None else None
        wire = Wire(name, signer if signed else None, codec)
        most_octets = sys.maxsize if max_cookie_size is None else max_cookie_size
        fields: Any = self  # pyright does not know attrs' own initialiser
        fields.__attrs_init__(
            name=name,
            options=options,
            assume_https=assume_https,
            policy=Policy(wire, options, most_octets, clock, lifetime, validate, readers),
        )

    @classmethod
    def from_arguments(
        cls, sessions: CookieSession | None, options: CookieSessionOptions
    ) -> CookieSession:
        """Return what an adapter was given: a ready-made configuration, or one from options.

        Raises:
            ConfigurationError: for both at once, something else, or wrong options.
        """
        if sessions is None:
            return cls(**options)
        if not isinstance(sessions, CookieSession):
            message = f"expected a CookieSession or options, got {type(sessions).__name__}"
            raise ConfigurationError(message)
        if options:
            message = f"options beside a ready-made CookieSession: {', '.join(options)}"
            raise ConfigurationError(message)
        return sessions

    def open(self, cookie_header: Header = None, https: bool = False) -> Session:  # noqa: FBT001, FBT002 - a keyword costs an untouched request a tenth
        """Return the session of one request, without any work yet.

        Args:
            cookie_header: the request's ``Cookie`` header: ``str``, ``bytes`` (latin-1),
                several of either (HTTP/2 may split it), or ``None``. Or all header fields of the
                request as pairs of ``bytes``, the names in lower case, as ASGI has them.
            https: whether the request came over HTTPS.
        """
        # A session has no __init__: the interpreter would take longer to call it than it runs.
        session = Session()
        session._policy = self._policy
        session._header = cookie_header
        session._https = https or self.assume_https
        session._state = _UNTOUCHED
        session._data = UNREAD
        session._writing = False
        session._before = session._options = session._outcome = session.written = None
        return session

    def encode(self, contents: Mapping[str, Any]) -> dict[str, str]:
        """Return the cookies, by name, that a client with these contents would send.

        Raises:
            SessionEncodeError: when the contents cannot be written.
        """
        policy = self._policy
        if policy.lifetime is not None:
            contents = policy.lifetime.stamped(contents, UNSTAMPED, policy.now())
        return policy.wire.write(contents)

    def decode(
        self, cookies: str | bytes | Sequence[str | bytes] | Mapping[str, str] | None
    ) -> dict[str, Any] | None:
        """Return the contents that a client's cookies stand for, ``None`` if they do not verify.

        Nor if their lifetime is over or ``validate`` refuses them.

        Args:
            cookies: a ``Cookie`` header as for :meth:`open`, a mapping of cookie names to
                values, or the ``Set-Cookie`` values of one response.
        """
        policy = self._policy
        wire = policy.wire
        if isinstance(cookies, str):
            reading = wire.read(cookies)
        elif isinstance(cookies, Mapping):
            value, signature = cookies.get(wire.name), cookies.get(wire.signature_name)
            if value is None:
                return None
            reading = wire.read_values([value], [] if signature is None else [signature])
        else:
            reading = wire.read(header_text(cookies))
        outcome, contents, _, _, _ = reading
        if policy.asks and outcome is _LOADED:
            outcome, contents, _ = policy.admit(contents)
        return contents if outcome is _LOADED else None


def _signer(keys: Sequence[str | bytes] | Signer | None, secret: str | bytes | None) -> Signer:
    if keys is None:
        if not secret:
            message = "keys=[newest, ..., oldest] (or one secret=...) is required to sign sessions"
            raise ConfigurationError(message)
        if not isinstance(secret, (str, bytes)):
            message = f"secret must be str or bytes, got {type(secret).__name__}"
            raise ConfigurationError(message)
        return Keygrip([secret])
    if isinstance(keys, (str, bytes)):
        message = f"keys must be a list, newest first, got {type(keys).__name__}: use secret=..."
        raise ConfigurationError(message)
    if isinstance(keys, Sequence):
        if any(isinstance(key, (str, bytes)) and not key for key in keys):
            message = "keys must not hold an empty key: anyone could sign with it"
            raise ConfigurationError(message)
        return Keygrip(keys)
    _check_has("keys", keys, "sign", "index")
    return keys


def _check_name(name: object) -> None:
    check_name(name)
    if isinstance(name, str) and name.endswith(".sig"):
        message = f"name must not end in '.sig', got {name!r}: it would pass for a signature"
        raise ConfigurationError(message)


def _check_former(
    readers: Sequence[FormerReader], name: str, *, signed: bool
) -> tuple[FormerReader, ...]:
    if not isinstance(readers, Sequence) or isinstance(readers, (str, bytes)):
        message = f"former must be a list of readers, got {type(readers).__name__}"
        raise ConfigurationError(message)
    if readers and not signed:
        message = "former needs signed=True: a session that was signed is not to be unsigned"
        raise ConfigurationError(message)
    for reader in readers:
        _check_has("a reader of former sessions", reader, "read")
        options = getattr(reader, "options", None)
        if not isinstance(options, CookieOptions):
            message = (
                "a reader of former sessions must have options, the CookieOptions of the former "
                f"cookie, got {type(options).__name__}"
            )
            raise ConfigurationError(message)
        former_name = getattr(reader, "name", None)
        check_name(former_name)
        if former_name == f"{name}.sig":
            message = f"a former cookie must not be called {former_name!r}: our signature is"
            raise ConfigurationError(message)
        options.check_together(reader.name, https=True)
    return tuple(readers)


def _check_bool(option: str, value: object) -> None:
    if not isinstance(value, bool):
        message = f"{option} must be True or False, got {type(value).__name__}: {value!r}"
        raise ConfigurationError(message)


def _check_size(value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        message = (
            "max_cookie_size must be a positive number of octets or None, "
            f"got {type(value).__name__}: {value!r}"
        )
        raise ConfigurationError(message)


def _check_has(option: str, value: object, *methods: str) -> None:
    missing = [method for method in methods if not callable(getattr(value, method, None))]
    if missing:
        message = f"{option} must have {' and '.join(missing)}, got {type(value).__name__}"
        raise ConfigurationError(message)
