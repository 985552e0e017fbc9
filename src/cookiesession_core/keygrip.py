"""Sign with the first key, verify with any: the port of Node's ``keygrip`` 1.1.

A signature is ``base64url(HMAC(key, data))`` without padding. Signatures are compared as
text and in constant time, so no second spelling of a signature is ever accepted.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, Protocol

from .errors import ConfigurationError, WeakKeyWarning, warn

if TYPE_CHECKING:
    from hashlib import _Hash

PUBLISHED_KEYS = frozenset(
    {
        *(b"key1", b"key2", b"secret", b"secret1", b"secret2", b"keyboard cat"),
        *(b"SEKRIT1", b"SEKRIT2", b"SEKRIT3", b"your-secret-key", b"change me", b"changeme"),
    }
)
"""Keys that stand in README files; attackers' tools try them."""

_INNER_PAD = bytes(octet ^ 0x36 for octet in range(256))
_OUTER_PAD = bytes(octet ^ 0x5C for octet in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Signer(Protocol):
    """What a session needs of a signer; :class:`Keygrip` is the one we ship."""

    def sign(self, data: str | bytes, /) -> str:
        """Return the signature of ``data`` by the key that signs."""
        ...

    def index(self, data: str | bytes, digest: str, /) -> int:
        """Return the index of the key that made ``digest`` over ``data``, or -1."""
        ...


class Keygrip:
    """Rotating keys for signing text, as Node's ``new Keygrip(keys, algorithm, encoding)``.

    The order is newest first: ``keys[0]`` signs, every key verifies. (``itsdangerous`` and
    Flask have it the other way round.)

    Args:
        keys: the keys, each ``str`` (used as UTF-8) or ``bytes``; at least one.
        algorithm: any fixed-length hash that ``hashlib`` knows, by default ``"sha1"`` as in
            Node. HMAC-SHA1 is sound where SHA-1 alone is not; ``"sha256"`` costs as little.
        encoding: ``"base64"`` (URL-safe, no padding; ``"base64url"`` is the same) or ``"hex"``.

    Raises:
        ConfigurationError: for no keys, or an unknown algorithm or encoding.

    Warns:
        WeakKeyWarning: for a key shorter than the hash, or one printed in a README. An empty
            key is one of these, as in Node; ``CookieSession(keys=[""])`` is refused.
    """

    __slots__ = ("_indexed_signers", "algorithm", "sign_octets")

    def __init__(
        self,
        keys: Sequence[str | bytes],
        algorithm: str | None = None,
        encoding: str | None = None,
    ) -> None:
        # The keys first: in Keygrip(*keys) a key stands for the algorithm, and must not be shown.
        octets = _as_keys(keys)
        self.algorithm: str = algorithm or "sha1"
        encoding = encoding or "base64"
        if encoding not in ("base64", "base64url", "hex"):
            message = f"encoding must be 'base64' or 'hex', got {encoding!r}"
            raise ConfigurationError(message)
        plain = _new_hash(self.algorithm)
        for key in octets:
            _warn_if_weak(key, plain.digest_size, self.algorithm)
        make = _hex_signer if encoding == "hex" else _base64_signer
        signers = [make(*_prepared(key, plain)) for key in octets]
        self._indexed_signers = tuple(enumerate(signers))
        self.sign_octets: Callable[[bytes], str] = signers[0]
        """:meth:`sign` for those who have octets, and no time."""

    def __repr__(self) -> str:
        """Show everything but the keys."""
        return f"<Keygrip {self.algorithm}, {len(self._indexed_signers)} keys>"

    def sign(self, data: str | bytes) -> str:
        """Return the signature of ``data`` by the first key.

        ``str`` is signed as UTF-8; a lone surrogate counts as U+FFFD, as in Node.
        """
        sign = self.sign_octets
        return sign(_octets(data))

    def verify(self, data: str | bytes, digest: str) -> bool:
        """Whether any of the keys made ``digest`` over ``data``."""
        return self.index(data, digest) >= 0

    def index(self, data: str | bytes, digest: str) -> int:
        """Return the lowest index of a key that made ``digest`` over ``data``, or -1.

        Never raises: a digest of another length, alphabet or type just does not match.
        """
        octets = data.encode() if isinstance(data, str) and data.isascii() else _octets(data)
        try:
            for index, sign in self._indexed_signers:
                if compare_digest(sign(octets), digest):
                    return index
        except TypeError:  # compare_digest takes ASCII text only, and a signature is nothing else
            pass
        return -1


# RFC 2104 with both pads hashed beforehand: half the time of hmac.new(). What each signature
# needs is bound to a function of its own, one a key.


def _base64_signer(inner: _Hash, outer: _Hash) -> Callable[[bytes], str]:
    length = -(-inner.digest_size * 8 // 6)  # of the signature without its padding

    def sign(data: bytes) -> str:
        message = inner.copy()
        message.update(data)
        mac = outer.copy()
        mac.update(message.digest())
        return b2a_base64(mac.digest())[:length].translate(_URL_SAFE).decode()

    return sign


def _hex_signer(inner: _Hash, outer: _Hash) -> Callable[[bytes], str]:
    def sign(data: bytes) -> str:
        message = inner.copy()
        message.update(data)
        mac = outer.copy()
        mac.update(message.digest())
        return mac.hexdigest()

    return sign


def _octets(data: str | bytes) -> bytes:
    if isinstance(data, bytes):
        return data
    try:
        return data.encode()
    except UnicodeEncodeError:
        # By way of UTF-16, so that the two halves of a split pair find together, as in Node.
        units = data.encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "replace").encode()


def _as_keys(keys: Sequence[str | bytes]) -> list[bytes]:
    if isinstance(keys, (str, bytes)) or not isinstance(keys, Sequence):
        message = (
            f"keys must be a list of keys, newest first, got {type(keys).__name__}"
            " (a single key goes into a list, or to CookieSession as secret=...)"
        )
        raise ConfigurationError(message)
    if not keys:
        message = "keys must hold at least one key, got an empty list"
        raise ConfigurationError(message)
    octets: list[bytes] = []
    for index, key in enumerate(keys):
        if not isinstance(key, (str, bytes)):
            message = f"keys[{index}] must be str or bytes, got {type(key).__name__}"
            raise ConfigurationError(message)
        octets.append(_octets(key))
    return octets


def _new_hash(algorithm: str) -> _Hash:
    try:
        plain = hashlib.new(algorithm)
        if plain.digest_size:  # 0 for SHAKE, whose length HMAC leaves open
            return plain
    except (TypeError, ValueError):
        pass
    message = f"algorithm must be a fixed-length hash that hashlib knows, got {algorithm!r}"
    raise ConfigurationError(message)


def _prepared(key: bytes, plain: _Hash) -> tuple[_Hash, _Hash]:
    if len(key) > plain.block_size:
        long = plain.copy()
        long.update(key)
        key = long.digest()
    block = key.ljust(plain.block_size, b"\0")
    inner, outer = plain.copy(), plain.copy()
    inner.update(block.translate(_INNER_PAD))
    outer.update(block.translate(_OUTER_PAD))
    return inner, outer


def _warn_if_weak(key: bytes, digest_size: int, algorithm: str) -> None:
    if key in PUBLISHED_KEYS:
        reason = "is printed in public documentation, attackers try it first"
    elif len(key) < digest_size:
        reason = f"has {len(key)} octets, {digest_size} are the least for {algorithm}"
    else:
        return
    warn(
        f"a signing key {reason}; make one with: "
        'python -c "import secrets; print(secrets.token_urlsafe(32))"',
        WeakKeyWarning,
    )
