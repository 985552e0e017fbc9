"""The cookie sessions of React Router and Remix, byte for byte.

    sessions = CookieSession(format=ReactRouter(["newest", "older"]), name="__session")

``createCookieSessionStorage`` writes one cookie: base64 of the JSON, a full stop, and the signature
of that base64. Neither the name of the cookie nor a time is signed.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from types import MappingProxyType
from typing import Any, overload

from cookiesession_core import (
    BoundFormat,
    ConfigurationError,
    Hidden,
    HoldsKeys,
    JSONFormat,
    Keygrip,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    Timestamps,
)

from .cookie_signature import keygrip_of, swap_alphabets
from .javascript import atob, percent_decoded, percent_encoded


class ReactRouter(HoldsKeys):
    """The format of ``createCookieSessionStorage`` in React Router and Remix.

    Args:
        secrets: the ``secrets`` of the cookie, **newest first**: the first signs, all verify.
            Each is ``str`` (used as UTF-8) or ``bytes``. ``None``: the cookie is not signed, and
            clients change their session at will.

    Raises:
        ConfigurationError: for an empty list, an empty secret, or a secret of another type.

    Warns:
        WeakKeyWarning: for a secret shorter than 32 bytes, or one printed in a README.
    """

    __slots__ = ("_keygrip",)

    defaults: Mapping[str, Any] = MappingProxyType({"same_site": "lax"})

    def __init__(self, secrets: Sequence[str | bytes] | None) -> None:
        given: Hidden[Any] = Hidden(secrets)
        del secrets
        if given.value == []:
            message = (
                "secrets must hold at least one secret, got an empty list; "
                "use ReactRouter(None) for a session that is not signed"
            )
            raise ConfigurationError(message)
        self._keygrip: Keygrip | None = None if given.value is None else keygrip_of(given)

    def __eq__(self, other: object) -> bool:
        """Whether the secrets are the same. Takes the same time for all other secrets."""
        if not isinstance(other, ReactRouter):
            return NotImplemented
        return self._keygrip == other._keygrip

    def __hash__(self) -> int:
        return hash(self._keygrip)

    def __repr__(self) -> str:
        """Show everything but the secrets."""
        keygrip = getattr(self, "_keygrip", "unfinished")
        return f"<ReactRouter, {'not signed' if keygrip is None else keygrip}>"

    def bound(self, name: str, /) -> BoundFormat:
        """Return the format for the cookie ``name``."""
        return _Unsigned(name) if self._keygrip is None else _Signed(name, self._keygrip)


class _Unsigned(JSONFormat):
    """A session that is not signed; and the part of a signed one that needs no secret."""

    is_signed: bool = False

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self.names)

    def _parts(self) -> tuple[object, ...]:
        """Return what distinguishes two formats of this type."""
        return (self.names,)

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Find and decode the session."""
        del clock
        for value in cookies.candidates(self.names[0]):
            return self._opened(percent_decoded(value), None)
        return Reading(Outcome.ABSENT)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return the value.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
        """
        json_bytes = self.with_timestamps(payload, timestamps)
        return (percent_encoded(b2a_base64(json_bytes, newline=False).decode()),)

    def _opened(self, text: str, key_index: int | None) -> Reading:
        """Decode the text of a cookie, if it is signed after it has verified."""
        try:
            json_bytes = atob(text)
            if not json_bytes.isascii():
                json_bytes.decode()  # Node refuses bytes that are not UTF-8
        except ValueError as error:
            return Reading(Outcome.MALFORMED, type(error).__name__, key_index=key_index)
        return self.loaded(json_bytes, key_index)


class _Signed(_Unsigned):
    """A signed session."""

    is_signed: bool = True

    def __init__(self, name: str, keygrip: Keygrip) -> None:
        super().__init__(name)
        self._keygrip = keygrip

    def _parts(self) -> tuple[object, ...]:
        return self.names, self._keygrip

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Find the first value that verifies, and decode it."""
        del clock
        outcome = Outcome.ABSENT
        for value in cookies.candidates(self.names[0]):
            text, dot, signature = percent_decoded(value).rpartition(".")
            if not dot:
                if outcome is Outcome.ABSENT:
                    outcome = Outcome.UNSIGNED
                continue
            key_index = self._keygrip.index(text, swap_alphabets(signature))
            if key_index >= 0:
                return self._opened(text, key_index)
            outcome = Outcome.BAD_SIGNATURE
        return Reading(outcome)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return the value.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
        """
        text = b2a_base64(self.with_timestamps(payload, timestamps), newline=False)
        signature = swap_alphabets(self._keygrip.sign(text))
        return (percent_encoded(f"{text.decode()}.{signature}"),)


_ONLY_READ: Any = object()


@overload
def flash(session: MutableMapping[str, Any], name: str) -> Any: ...
@overload
def flash(session: MutableMapping[str, Any], name: str, value: Any) -> None: ...
def flash(session: MutableMapping[str, Any], name: str, value: Any = _ONLY_READ) -> Any:
    """Keep a value for the next request that asks for it; without ``value``, read that value.

    The value has the key ``__flash_<name>__``, as in Node. Reading removes it. If the session also
    has the key ``name``, reading returns its value and removes nothing, as Node's
    ``session.get(name)`` does.

    Args:
        session: the session, or a view of it.
        name: the name of the value.
        value: anything that a session can hold.

    Returns:
        The value that was read, or ``None``.

    Raises:
        TypeError: when ``name`` is not ``str``.
        SessionCommittedError: after the response headers were sent.
    """
    if not isinstance(name, str):
        message = f"the name of a flash value must be str, got {type(name).__name__}"
        del value
        raise TypeError(message)
    key = f"__flash_{name}__"
    if value is not _ONLY_READ:
        try:
            session[key] = value
        except Exception:
            del value
            raise
        return None
    return session[name] if name in session else session.pop(key, None)
