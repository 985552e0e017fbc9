"""The configuration of an application's sessions: made once, shared by all requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from typing_extensions import Never, Unpack

from .attributes import CookieOptions
from .cookies import CookieHeader, RawField, request_cookies
from .errors import ConfigurationError, without_frames
from .format import Contents
from .hidden import Hidden, HoldsKeys, with_total_repr
from .options import CookieSessionOptions, settings_of, with_defaults
from .session import Session


@with_total_repr
class CookieSession(HoldsKeys):
    """Signed client-side sessions, byte-compatible with Node's ``cookie-session`` 2.1.

    Build one at start-up; it is immutable, and safe to share between threads and tasks.

    Args:
        keys: signing keys, **newest first**: the first signs, all verify. Or a ``Keygrip``, or
            any object with its ``sign`` and ``index``.
        secret: a single key, when ``keys`` is not given.
        format: another format than the signed pair, in the place of ``keys``, ``secret``,
            ``signed`` and ``codec``.
        name: the cookie's name, best of letters, digits, ``-``, ``_`` and ``.``; its signature is
            in a second cookie, ``<name>.sig``.
        signed: ``False`` lets clients change their session at will.
        codec: any object with ``encode(mapping) -> str`` and ``decode(str) -> dict``. Only
            ``JSONCodec``, the default, is compatible with Node.
        max_age: lifetime of the cookie in **seconds**, at least 1, or a ``timedelta``; a hint to
            the browser. Or a function of the contents that returns one of these or ``None``: it
            is called whenever the cookie is sent.
        expires: a fixed end, as an aware ``datetime``; ``max_age`` has precedence.
        path: the URL path below which the browser sends the cookie; ``None``: no attribute.
        domain: a host name; its subdomains also get the cookie.
        secure: ``True``: only over HTTPS. ``None``: follow the connection.
        http_only: hide the cookie from scripts.
        same_site: ``"lax"``, ``"strict"`` (or ``True``), ``"none"``.
        partitioned: one cookie jar per embedding site (CHIPS).
        priority: ``"low"``, ``"medium"`` or ``"high"``.
        overwrite: drop earlier ``Set-Cookie`` values of our names from a response, when a
            session is saved or ended.
        idle_timeout: the server ends a session that was not used for this many **seconds** (or
            a ``timedelta``). A touched session is prolonged once half of that time has passed.
        absolute_timeout: the server ends a session this many **seconds** (or a ``timedelta``)
            after it began, used or not.
        validate: called once with the verified contents before the application sees them. If it
            returns ``False``, the contents are refused and the session is new. Synchronous, for
            checks in memory: tenant, audience, a generation.
        legacy: readers of the session cookies of libraries that were used before. If a touched
            session finds no signed cookie of ours, it takes the contents of the first legacy
            cookie that verifies. The response then carries the session in our format, and
            expires the legacy cookies. :meth:`decode` reads only our format.
        max_cookie_size: the maximum bytes of one ``Set-Cookie`` value; ``None``: no limit.
        assume_https: every connection counts as HTTPS: TLS ends at a proxy that does not say so.
        late_writes: what a write after the response headers does: ``"raise"`` an error, or only
            ``"log"`` it. After a request has failed, it is logged in any case.
        observe: called with the session at the end of each request that touched it, for metrics:
            ``outcome``, ``written`` and ``key_index`` tell what happened.
        clock: returns the time in seconds since the epoch.

    Raises:
        ConfigurationError: names the option, the value's type and what is allowed.

    Warns:
        WeakKeyWarning: for a short key, or one that is printed in a README.
        CookieNameWarning: for a name that is not a token of RFC 6265, as some servers refuse every
            request that has such a cookie.
        CookieLifetimeWarning: for a ``max_age`` of more than 400 days.
        ConfigurationWarning: for a ``path`` that does not begin with ``/``, for an
            ``idle_timeout`` that is longer than the ``absolute_timeout``, and for a ``secret``
            beside ``keys``.
    """

    __slots__ = ("_settings",)

    def __init__(self, *arguments: Never, **options: Unpack[CookieSessionOptions]) -> None:
        if arguments:
            kind = type(arguments[0])
            del arguments
            cast("dict[str, Any]", options).clear()
            message = (
                f"the options of a CookieSession are keywords, got {kind.__name__} without one; "
                f"did you mean {_keyword_for(kind)}?"
            )
            raise ConfigurationError(message)
        self._settings = settings_of(options)

    @classmethod
    def from_arguments(
        cls,
        sessions: CookieSession | None,
        options: CookieSessionOptions,
        defaults: CookieSessionOptions | None = None,
    ) -> CookieSession:
        """Return the configuration that an adapter was given, ready-made or as options.

        ``options`` is empty afterwards, so that no frame of the adapter holds keys.

        Args:
            sessions: a ready-made configuration, which keeps its own attributes.
            options: the options that were given.
            defaults: the values of options that were not given, from the framework's settings.
                ``None`` leaves the choice to the format, except for ``path``: no attribute.

        Raises:
            ConfigurationError: for both at once, for another type, or for wrong options.
        """
        given: Hidden[dict[str, Any]] = Hidden({**options})
        cast("dict[str, Any]", options).clear()
        if sessions is None:
            chosen = {
                name: value
                for name, value in (defaults or {}).items()
                if value is not None or name == "path"
            }
            return cls(**with_defaults(given.value, chosen))
        if not isinstance(sessions, CookieSession):
            kind = type(sessions)
            del sessions  # it may be a list of keys
            message = (
                f"expected a CookieSession or options, got {kind.__name__}; "
                f"did you mean {_keyword_for(kind)}?"
            )
            raise ConfigurationError(message)
        if given.value:
            message = (
                f"options beside a ready-made CookieSession: {', '.join(given.value)}; "
                "give them to CookieSession(...)"
            )
            raise ConfigurationError(message)
        return sessions

    def __repr__(self) -> str:
        return f"<CookieSession {self.name!r}>"

    @property
    def name(self) -> str:
        """The name of the session's cookie."""
        return self._settings.name

    @property
    def cookie_names(self) -> tuple[str, ...]:
        """The names of all cookies that sessions are written to."""
        return self._settings.format.names

    @property
    def options(self) -> CookieOptions:
        """The attributes of the cookies. They refuse every change."""
        return self._settings.options

    @property
    def assume_https(self) -> bool:
        """Whether every connection counts as HTTPS."""
        return self._settings.assume_https

    def open(self, cookie_header: CookieHeader = None, https: bool = False) -> Session:  # noqa: FBT001, FBT002 - a keyword slows an untouched request by a tenth
        """Return the session of one request. Nothing is read before the session is touched.

        Args:
            cookie_header: the request's ``Cookie`` header: ``str``, ``bytes`` (latin-1),
                several of either (HTTP/2 may split it), or ``None``. Or all header fields of the
                request as pairs of ``bytes``, the names in lower case, as ASGI has them. Or a
                mapping of cookie names to values.
            https: whether the request came over HTTPS.

        Raises:
            TypeError: for another type; for a wrong item of a list when the session is touched.
        """
        try:
            return Session(self._settings, cookie_header, https)
        except TypeError as error:
            del cookie_header
            raise without_frames(error) from None

    def open_one(self, text: str, https: bool = False) -> Session:  # noqa: FBT001, FBT002 - as open()
        """Return the session of a text that :meth:`encode_one` made.

        Args:
            text: any text. A wrong one opens a new session, as a wrong cookie does.
            https: whether the request came over HTTPS.
        """
        names = self.cookie_names
        cookies = dict(zip(names, text.rsplit(".", len(names) - 1), strict=False))
        del text
        return self.open(cookies, https)

    def encode_one(self, contents: Mapping[str, Any]) -> str:
        """Return the values of all cookies that :meth:`encode` returns, joined by a full stop.

        For a place that has one text for a session, such as Django's ``session_key``.

        Raises:
            SessionEncodeError: when the contents cannot be written.
        """
        given = Hidden(contents)
        del contents
        return ".".join(self.encode(given.value).values())

    def encode(self, contents: Mapping[str, Any]) -> dict[str, str]:
        """Return the cookies, by name, that a client with these contents would send.

        Raises:
            SessionEncodeError: when the contents cannot be written.
            ConfigurationError: when the format returns too few or too many values.
            TypeError: when ``contents`` is not a mapping.
        """
        try:
            given = Contents(contents if type(contents) is dict else dict(contents))
        except (TypeError, ValueError):
            if isinstance(contents, Mapping):
                raise  # an error of that mapping
            message = f"the contents of a session must be a mapping, got {type(contents).__name__}"
            raise TypeError(message) from None
        finally:
            del contents
        settings = self._settings
        payload = settings.format.payload(given)
        timestamps = None
        if settings.lifetime is not None:
            timestamps = settings.lifetime.renewed(None, settings.milliseconds())
        values = settings.seal(payload, timestamps)
        return dict(zip(settings.format.names, values))  # noqa: B905 - a keyword takes longer

    def cookie_header(self, contents: Mapping[str, Any]) -> str:
        """Return the ``Cookie`` header that a client with these contents would send.

        Raises:
            SessionEncodeError: when the contents cannot be written.
        """
        given = Hidden(contents)
        del contents
        cookies = self.encode(given.value)
        return "; ".join(f"{name}={value}" for name, value in cookies.items())

    def decode(
        self, cookies: str | bytes | Mapping[str, Any] | Sequence[str | bytes | RawField] | None
    ) -> dict[str, Any] | None:
        """Return the contents of a client's cookies, or ``None`` if the cookies do not verify.

        The answer is also ``None`` if the session has ended or ``validate`` refuses the contents.

        Args:
            cookies: a ``Cookie`` header as for :meth:`open`, a mapping of cookie names to
                values, or the ``Set-Cookie`` values of one response.

        Raises:
            TypeError: for another type.
        """
        try:
            given = request_cookies(cookies)
        finally:
            del cookies
        return self._settings.decoded(given)


def _keyword_for(kind: type) -> str:
    """Return the option that a value of this type was meant for, if it came without a keyword."""
    return "format=..." if hasattr(kind, "bound") else "keys=[newest, ..., oldest]"
