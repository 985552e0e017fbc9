"""Logins of Auth.js 5 and NextAuth 4, for reading only. Needs ``cookiesession[authjs]``.

Auth.js keeps a login in an encrypted token (a compact JWE), in one cookie or in several chunks.
A token is meant for the application that has issued it. So give the secret of that application
only to a Python application that may also write such tokens.

The rules are those of ``jwt.js`` and ``lib/utils/cookie.js`` of ``@auth/core`` 0.41, of the same
files of ``next-auth`` 4.24, and of the package ``jose`` below them.
"""

from __future__ import annotations

import hmac
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import eq
from typing import Any, Literal

import attrs

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    Hidden,
    HoldsKeys,
    RequestCookies,
    request_cookies,
)

from .jwe import CBCKey, GCMKey, Key, KeyName, from_base64url, parsed, stated_key

with NeedsExtra("authjs"):
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Version = Literal[4, 5]
"""4: NextAuth 4. 5: Auth.js, which is also called NextAuth 5."""

_NEXTAUTH: Version = 4
_AUTHJS: Version = 5

MAX_CHUNKS = 16
"""Chunks of one token that are joined. Servers refuse headers of that size."""

TOLERANCE = 15
"""Seconds that the clocks of two servers may differ."""

_DEFAULT_NAMES: tuple[tuple[str, Version], ...] = (
    ("__Secure-authjs.session-token", _AUTHJS),
    ("authjs.session-token", _AUTHJS),
    ("__Secure-next-auth.session-token", _NEXTAUTH),
    ("next-auth.session-token", _NEXTAUTH),
)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _system_clock() -> float:
    # Looked up at each call, so that tests can replace time.time.
    return time.time()


class AuthJSReader(HoldsKeys):
    """Reads the logins of Auth.js 5 or NextAuth 4, and is a legacy reader, too.

    Args:
        secrets: the secrets of that application (``AUTH_SECRET``, ``NEXTAUTH_SECRET``), each
            ``str`` or ``bytes``, newest first.
        name: the name of its session cookie. By default the reader looks for the two names of
            Auth.js 5, then for those of NextAuth 4, each first with ``__Secure-``.
        version: 4 for NextAuth 4, 5 for Auth.js 5. By default the name decides, and a name of
            your own belongs to 5.
        options: as a legacy reader: path and domain of that cookie.
        clock: returns seconds since the epoch, by default ``time.time()``.

    Raises:
        ConfigurationError: names the argument and the allowed values.
    """

    def __init__(
        self,
        secrets: Sequence[str | bytes],
        *,
        name: str | None = None,
        version: Version | None = None,
        options: CookieOptions | None = None,
        clock: Callable[[], float] = _system_clock,
    ) -> None:
        given = Hidden((secrets, name, version, options, clock))
        del secrets, name, version, options, clock  # any of them may be a secret in a wrong place
        self._secrets: tuple[_Secret, ...] = _checked_secrets(Hidden(given.value[0]))
        self._cookies = _checked_cookies(Hidden(given.value[1]), Hidden(given.value[2]))
        _check_others(Hidden(given.value[3]), Hidden(given.value[4]))
        self.names: tuple[str, ...] = _all_names(self._cookies)
        self.options: CookieOptions = given.value[3] or CookieOptions()
        self._clock: Callable[[], float] = given.value[4]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AuthJSReader):
            return NotImplemented
        mine, others = self._secrets, other._secrets
        return (
            len(mine) == len(others)
            and all([*map(eq, mine, others)])
            and (self._cookies, self.options) == (other._cookies, other.options)
            and self._clock is other._clock
        )

    def __hash__(self) -> int:
        return hash((self._cookies, len(self._secrets)))

    def read(self, cookies: RequestCookies, /) -> dict[str, Any] | None:
        """Return the claims of a login that verifies and has not ended, else ``None``.

        Args:
            cookies: all cookies of the request.
        """
        now = math.floor(self._clock())
        for cookie in self._cookies:
            for token in _tokens(cookies, cookie.name):
                claims = self._claims(token, cookie, now)
                if claims is not None:
                    return claims
        return None

    def _claims(self, token: str, cookie: _Cookie, now: int) -> dict[str, Any] | None:
        try:
            header, encrypted_key, *parts = token.split(".")
            key_name = stated_key(header)
            iv, text, tag = map(from_base64url, parts)
        except ValueError:
            return None
        if encrypted_key:  # alg "dir" has none
            return None
        for key in self._keys(cookie, key_name):
            try:
                plain = key.decrypt(header.encode(), iv, text, tag)
                claims = parsed(plain, is_strict=cookie.version == _AUTHJS)
            except (InvalidTag, ValueError):
                continue
            return claims if _are_valid(claims, now) else None
        return None

    def _keys(self, cookie: _Cookie, wanted: KeyName) -> list[Key]:
        """Return the keys that may have encrypted a token. Only NextAuth 4 makes us try all."""
        if (cookie.version, wanted.encryption) not in _KINDS:
            return []
        keys = (_derived(secret, cookie, wanted.encryption) for secret in self._secrets)
        if cookie.version == _NEXTAUTH:  # it writes no kid, and ignores one
            return [*keys]
        return [key for key in keys if not wanted.has_kid or key.kid == wanted.kid][:1]


def read_session(
    cookies: str
    | bytes
    | Mapping[str, Any]
    | Iterable[str | bytes | tuple[bytes, bytes]]
    | RequestCookies
    | None,
    secrets: Sequence[str | bytes],
    *,
    name: str | None = None,
    version: Version | None = None,
    clock: Callable[[], float] = _system_clock,
) -> dict[str, Any] | None:
    """Return the claims of a login of Auth.js 5 or NextAuth 4, or ``None``.

    No cookie makes this raise. The keys are derived once for each secret and name.

    Args:
        cookies: a ``Cookie`` header, a mapping of cookie names to values, or all header fields
            of the request as pairs of ``bytes``.
        secrets: as for :class:`AuthJSReader`.
        name: as for :class:`AuthJSReader`.
        version: as for :class:`AuthJSReader`.
        clock: as for :class:`AuthJSReader`.

    Raises:
        ConfigurationError: for wrong ``secrets``, ``name``, ``version`` or ``clock``.
        TypeError: for cookies of another type.
    """
    given = Hidden((cookies, secrets, name, version, clock))
    del cookies, secrets, name, version, clock
    reader = AuthJSReader(
        given.value[1], name=given.value[2], version=given.value[3], clock=given.value[4]
    )
    return reader.read(request_cookies(given.value[0]))


# --- the arguments ---------------------------------------------------------------------------


class _Secret(HoldsKeys):
    """A secret. Two are compared in constant time."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Secret) and hmac.compare_digest(self.value, other.value)

    def __hash__(self) -> int:
        return hash(self.value)


@attrs.frozen
class _Cookie:
    """The name of a session cookie, and the version that writes it."""

    name: str
    version: Version


def _checked_secrets(given: Hidden[Any]) -> tuple[_Secret, ...]:
    kind: type = type(given.value)
    if issubclass(kind, (str, bytes)) or not issubclass(kind, Sequence):
        message = (
            "secrets must be a list of secrets, newest first, "
            f"got {kind.__name__} (a single secret goes into a list)"
        )
        raise ConfigurationError(message)
    if not given.value:
        message = "secrets must hold at least one secret, got an empty list"
        raise ConfigurationError(message)
    problem = next(filter(None, map(_problem_of, given.value)), None)
    if problem is not None:
        raise ConfigurationError(problem)
    return tuple(
        _Secret(each if isinstance(each, bytes) else each.encode()) for each in given.value
    )


def _problem_of(secret: object) -> str | None:
    if not isinstance(secret, (str, bytes)):
        hint = ": is the environment variable set?" if secret is None else ""
        return f"each of the secrets must be str or bytes, got {type(secret).__name__}{hint}"
    if not secret:
        return "the secrets must not hold an empty one: anyone could write a login with it"
    if isinstance(secret, str) and secret != secret.encode(errors="replace").decode():
        return "each of the secrets must be text that UTF-8 can encode, or bytes"
    return None


def _checked_cookies(name: Hidden[Any], version: Hidden[Any]) -> tuple[_Cookie, ...]:
    if version.value not in [*_DEFAULT_COOKIES]:
        message = f"version must be 4 or 5, got {type(version.value).__name__}"
        raise ConfigurationError(message)
    if name.value is None:
        return _DEFAULT_COOKIES[version.value]
    if not isinstance(name.value, str) or not _NAME.fullmatch(name.value):
        message = (
            "name must be the name of a cookie, such as 'authjs.session-token', "
            f"got {type(name.value).__name__} that is something else"
        )
        raise ConfigurationError(message)
    return (_Cookie(name.value, version.value or dict(_DEFAULT_NAMES).get(name.value, _AUTHJS)),)


def _check_others(options: Hidden[Any], clock: Hidden[Any]) -> None:
    if not isinstance(options.value, (CookieOptions, type(None))):
        message = f"options must be CookieOptions, got {type(options.value).__name__}"
        raise ConfigurationError(message)
    if not callable(clock.value):
        message = f"clock must be a function, got {type(clock.value).__name__}"
        raise ConfigurationError(message)


_DEFAULT_COOKIES: dict[Version | None, tuple[_Cookie, ...]] = {
    wanted: tuple(_Cookie(*each) for each in _DEFAULT_NAMES if wanted in (None, each[1]))
    for wanted in (None, _NEXTAUTH, _AUTHJS)
}


# --- the cookies -----------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _chunk_names(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{number}" for number in range(MAX_CHUNKS))


@lru_cache(maxsize=64)
def _all_names(cookies: tuple[_Cookie, ...]) -> tuple[str, ...]:
    return tuple(name for cookie in cookies for name in (cookie.name, *_chunk_names(cookie.name)))


def _tokens(cookies: RequestCookies, name: str) -> list[str]:
    """Return the tokens that a request may have under a name.

    A whole token beside chunks is none: one of them is out of date, and nobody knows which one.
    Auth.js then has no login, either.
    """
    names = _chunk_names(name)
    whole = cookies.candidates(name)
    if not whole and not cookies.first(names[0]):
        return []
    chunks = [cookies.first(chunk) or "" for chunk in names]
    count = sum(map(bool, chunks))
    if count == 0:
        return whole
    return [] if whole or not all(chunks[:count]) else ["".join(chunks)]


def _are_valid(claims: dict[str, Any], now: int) -> bool:
    """Whether the times in the claims are numbers, and now is a time between them."""
    times = [claims.get(each, 0) for each in ("iat", "nbf", "exp")]
    if not all(type(each) in (int, float) for each in times):
        return False
    not_over: bool = "exp" not in claims or claims["exp"] > now - TOLERANCE
    return not_over and times[1] <= now + TOLERANCE


# --- the keys --------------------------------------------------------------------------------

_KINDS: dict[tuple[Version, str], type[Key]] = {
    (_AUTHJS, "A256CBC-HS512"): CBCKey,
    (_AUTHJS, "A256GCM"): GCMKey,
    (_NEXTAUTH, "A256GCM"): GCMKey,
}


@lru_cache(maxsize=256)
def _derived(secret: _Secret, cookie: _Cookie, encryption: str) -> Key:
    """Derive the key for the tokens of a cookie, once."""
    if cookie.version == _NEXTAUTH:
        salt, info = "", "NextAuth.js Generated Encryption Key"
    else:
        salt, info = cookie.name, f"Auth.js Generated Encryption Key ({cookie.name})"
    kind = _KINDS[cookie.version, encryption]
    hkdf = HKDF(SHA256(), kind.SIZE, salt.encode(), info.encode())
    return kind(hkdf.derive(secret.value))
