"""The seals of ``iron-webcrypto``, on which iron-session stands: encrypted, with a MAC and an end.

A seal has eight parts, and a mark of iron-session that the MAC does not cover::

    Fe26.2*<password id>*<salt>*<iv>*<text>*<end>*<MAC salt>*<MAC>~2

The keys of AES-256-CBC and of HMAC-SHA256 are derived from the password, each by a salt of its own.
A part that is not spelt as a writer spells it is refused before any key is derived.
"""

from __future__ import annotations

import hmac
import os
import re
import warnings
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from hashlib import sha1
from typing import TYPE_CHECKING, Any

import attrs

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import ConfigurationError, Hidden, HoldsKeys, Outcome, WeakKeyWarning

if TYPE_CHECKING:
    from hashlib import _Hash

with NeedsExtra("iron-session"):
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

Passwords = str | Mapping[int, str] | Mapping[str, str]
"""One password, or several by their ids."""
MIN_LENGTH = 32
"""Characters of a password, as JavaScript counts them: units of UTF-16."""
TOLERANCE = 60
"""Seconds by which a seal outlives its end, because the clocks of servers may differ."""

_SEAL = re.compile(
    r"(Fe26\.2\*(\w+)\*([0-9a-f]{64})\*([\w-]{22})\*([\w-]+)\*([0-9]*))\*([0-9a-f]{64})\*([\w-]{43})",
    re.ASCII,
)
_ID = re.compile("0|[1-9][0-9]{0,15}")
_BLOCK = 16
_END_OF_TIME = 8.64e15
"""Milliseconds since the epoch; the last date of JavaScript."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SHA1_BLOCK = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
_KEY_LENGTH = 32
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@attrs.define(eq=False)
class Unsealed:
    """What a seal holds."""

    outcome: Outcome
    """``LOADED``; ``BAD_SIGNATURE``: none of the passwords made it; ``EXPIRED``; ``MALFORMED``."""
    reason: str = ""
    key_index: int | None = None
    """The index of the password, newest first."""
    text: bytes = attrs.field(default=b"", repr=False)
    """The decrypted text."""
    end: float | None = None
    """Milliseconds since the epoch."""


class _Password:
    """A password, prepared for PBKDF2 with HMAC-SHA1 and one iteration.

    Both pads of the HMAC are hashed beforehand, which takes half the time of ``pbkdf2_hmac``.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, password: bytes) -> None:
        key = password if len(password) <= _SHA1_BLOCK else _hash(password).digest()
        block = key.ljust(_SHA1_BLOCK, b"\0")
        self._inner, self._outer = (
            _hash(block.translate(_INNER_PAD)),
            _hash(block.translate(_OUTER_PAD)),
        )

    def key(self, salt: str) -> bytes:
        """Return the key of 32 bytes for a salt: the first bytes of two blocks of 20."""
        inner1 = self._inner.copy()
        inner1.update(salt.encode())
        inner2 = inner1.copy()
        inner1.update(b"\0\0\0\1")
        inner2.update(b"\0\0\0\2")
        outer1, outer2 = self._outer.copy(), self._outer.copy()
        outer1.update(inner1.digest())
        outer2.update(inner2.digest())
        return (outer1.digest() + outer2.digest())[:_KEY_LENGTH]


class Ring(HoldsKeys):
    """Passwords by their ids: the greatest id seals, and each opens what it has sealed.

    Args:
        given: the passwords, in an object that hides them. The function that makes the ring is
            called by the application: a warning names that line.

    Raises:
        ConfigurationError: for wrong passwords or ids. No password is shown.

    Warns:
        WeakKeyWarning: for an older password that is too short to open anything.
    """

    __slots__ = ("_ids", "_passwords")

    def __init__(self, given: Hidden[Any]) -> None:
        named = Hidden({"1": given.value}) if isinstance(given.value, str) else given
        problem = _problem_with(named)
        if problem:
            raise ConfigurationError(problem)
        self._ids = tuple(map(str, sorted(map(int, named.value), reverse=True)))
        self._passwords: dict[str, _Password] = {
            str(name): _Password(_utf8(password))
            for name, password in named.value.items()
            if _length(password) >= MIN_LENGTH
        }
        for name in self._ids:
            if name not in self._passwords:
                message = (
                    f"password {name} has less than {MIN_LENGTH} characters: iron-session opens "
                    "nothing by it"
                )
                warnings.warn(message, WeakKeyWarning, stacklevel=3)

    def __repr__(self) -> str:
        return "<passwords>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ring):
            return NotImplemented
        return self._ids == other._ids and all(
            [*map(hmac.compare_digest, self._values(), other._values())]
        )

    def __hash__(self) -> int:
        return hash(self._ids)

    def unsealed(self, seal: str, now: float) -> Unsealed:
        """Return what a seal holds. No text makes this method raise.

        Args:
            seal: any text.
            now: the time in seconds since the epoch.
        """
        match = _SEAL.fullmatch(seal.partition("~")[0])
        if match is None:
            return Unsealed(Outcome.BAD_SIGNATURE, "not a seal of iron-session")
        sealed, name, salt, iv, text, end, mac_salt, mac = match.groups()
        password = self._passwords.get(name)
        if password is None:
            return Unsealed(Outcome.BAD_SIGNATURE, "sealed by an unknown password")
        if not hmac.compare_digest(_mac(password, mac_salt, sealed), mac):
            return Unsealed(Outcome.BAD_SIGNATURE)
        index = self._ids.index(name)
        if end and float(end) <= (now - TOLERANCE) * 1000:
            return Unsealed(Outcome.EXPIRED, "", index)
        decrypted = _decrypted(password, salt, iv, text)
        if decrypted is None:
            return Unsealed(Outcome.MALFORMED, "the text cannot be decrypted", index)
        return Unsealed(Outcome.LOADED, "", index, decrypted, _milliseconds(end))

    def sealed(self, text: Hidden[bytes], end: float | None) -> str:
        """Return a seal by the newest password. No two seals are equal.

        Args:
            text: what the seal holds.
            end: milliseconds since the epoch; ``None``: no end.
        """
        newest = self._ids[0]
        password = self._passwords[newest]
        iv, salt, mac_salt = os.urandom(_BLOCK), os.urandom(32).hex(), os.urandom(32).hex()
        padding = _BLOCK - len(text.value) % _BLOCK
        encryptor = Cipher(AES(password.key(salt)), CBC(iv)).encryptor()
        encrypted = encryptor.update(text.value + bytes([padding]) * padding)
        encrypted += encryptor.finalize()
        ends = "" if end is None else int(end)
        sealed = f"Fe26.2*{newest}*{salt}*{_to_base64(iv)}*{_to_base64(encrypted)}*{ends}"
        return f"{sealed}*{mac_salt}*{_mac(password, mac_salt, sealed)}~2"

    def _values(self) -> list[bytes]:
        passwords = map(self._passwords.get, self._ids)
        return [b"" if password is None else password.key("") for password in passwords]


def _mac(password: _Password, salt: str, sealed: str) -> str:
    return _to_base64(hmac.digest(password.key(salt), sealed.encode(), "sha256"))


def _decrypted(password: _Password, salt: str, iv: str, text: str) -> bytes | None:
    encrypted = _from_base64(text)
    if not encrypted or len(encrypted) % _BLOCK:
        return None
    decryptor = Cipher(AES(password.key(salt)), CBC(_from_base64(iv))).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    padding = padded[-1:] * padded[-1]
    if not 1 <= len(padding) <= _BLOCK or not padded.endswith(padding):
        return None
    return padded[: -len(padding)].removeprefix(_BYTE_ORDER_MARK)


def _hash(data: bytes) -> _Hash:
    # A key is derived by HMAC, which is secure with SHA-1.
    return sha1(data, usedforsecurity=False)


def _problem_with(named: Hidden[Any]) -> str:
    """Return what is wrong with the passwords, or an empty text. Does not raise."""
    if not isinstance(named.value, Mapping):
        return f"a password must be str, or a mapping of ids to str, got {_kind(named)}"
    problems = [_problem_of(name, Hidden(each)) for name, each in _items(named)]
    if not problems:
        return "there must be at least one password, got an empty mapping"
    if any(problems):
        return next(filter(None, problems))
    ids = [int(name) for name, _ in _items(named)]
    newest = max(ids)
    if len(ids) > len(set(ids)):
        return "two passwords have the same id: once as int and once as str"
    if all(_length(each) < MIN_LENGTH for name, each in _items(named) if int(name) == newest):
        return f"password {newest} must have at least {MIN_LENGTH} characters"
    return ""


def _items(named: Hidden[Any]) -> list[tuple[Any, Any]]:
    return [*named.value.items()]


def _problem_of(name: object, password: Hidden[Any]) -> str:
    if isinstance(name, bool) or not _ID.fullmatch(str(name)):
        return f"the id of a password must be a whole number such as 1, got {type(name).__name__}"
    if not isinstance(password.value, str):
        return f"password {name!s} must be str, got {_kind(password)}"
    return ""


def _kind(hidden: Hidden[Any]) -> str:
    hint = ": is the environment variable set?" if hidden.value is None else ""
    return type(hidden.value).__name__ + hint


def _milliseconds(end: str) -> float | None:
    return min(float(end), _END_OF_TIME) if end else None


def _utf16(password: str) -> bytes:
    return password.encode("utf-16-le", "surrogatepass")


def _length(password: str) -> int:
    return len(_utf16(password)) // 2


def _utf8(password: str) -> bytes:
    # JavaScript writes half a surrogate pair as U+FFFD.
    return _utf16(password).decode("utf-16-le", "replace").encode()


def _to_base64(data: bytes) -> str:
    return b2a_base64(data).translate(_TO_URL_SAFE, b"=\n").decode()


def _from_base64(text: str) -> bytes:
    if len(text) % 4 == 1:
        return b""
    return a2b_base64(text.encode().translate(_FROM_URL_SAFE) + b"==")
