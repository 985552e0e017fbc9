"""Sign with the first key, verify with any: the port of Node's ``keygrip`` 1.1.

A signature is ``base64url(HMAC(key, data))`` without padding. Signatures are compared as
text and in constant time, so another spelling of a signature is refused.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Protocol

from .errors import ConfigurationError, check_methods
from .hidden import Hidden, HoldsKeys, with_total_repr
from .keys import check_keys, warn_if_weak

if TYPE_CHECKING:
    from hashlib import _Hash

_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Signer(Protocol):
    """The methods that a session needs of a signer; :class:`Keygrip` is ours."""

    def sign(self, data: str | bytes, /) -> str:
        """Return the signature of ``data`` by the key that signs."""
        ...

    def index(self, data: str | bytes, digest: str, /) -> int:
        """Return the index of the key that made ``digest`` over ``data``, or -1."""
        ...


@with_total_repr
class Keygrip(HoldsKeys):
    """Rotating keys for signing text, as Node's ``new Keygrip(keys, algorithm, encoding)``.

    The order is newest first: ``keys[0]`` signs, every key verifies. (``itsdangerous`` and
    Flask use the reverse order.)

    Args:
        keys: the keys, each ``str`` (used as UTF-8) or ``bytes``; at least one.
        algorithm: any fixed-length hash that ``hashlib`` knows, by default ``"sha1"`` as in
            Node. HMAC-SHA1 is secure, although SHA-1 alone is not; ``"sha256"`` is as fast.
        encoding: ``"base64"`` (URL-safe, no padding; ``"base64url"`` is the same) or ``"hex"``.

    Raises:
        ConfigurationError: for no keys, an empty key, or an unknown algorithm or encoding.

    Warns:
        WeakKeyWarning: for a key shorter than the hash, one printed in a README, or one that looks
            like the place of a key, such as a path.
    """

    __slots__ = ("_keys", "algorithm")

    def __init__(
        self,
        keys: Sequence[str | bytes],
        algorithm: str | None = None,
        encoding: str | None = None,
    ) -> None:
        # With Keygrip(*keys) all three arguments are keys, so no error shows any of them.
        given: Hidden[Any] = Hidden((keys, algorithm, encoding))
        del keys, algorithm, encoding
        self.algorithm: str
        self._keys: list[PreparedKey]
        self.algorithm, self._keys = _prepared(given)

    def __repr__(self) -> str:
        """Show everything but the keys."""
        return f"<Keygrip {self.algorithm}, {len(self._keys)} keys>"

    def __eq__(self, other: object) -> bool:
        """Whether the same keys sign in the same way. Takes the same time for all other keys."""
        if not isinstance(other, Keygrip):
            return NotImplemented
        mine, others = self._probes(), other._probes()
        return len(mine) == len(others) and all([*map(compare_digest, mine, others)])

    def __hash__(self) -> int:
        return hash((self.algorithm, len(self._keys)))

    def _probes(self) -> list[str]:
        return [key.sign(self.algorithm.encode()) for key in self._keys]

    @property
    def newest(self) -> PreparedKey:
        """The key that signs."""
        return self._keys[0]

    def sign(self, data: str | bytes) -> str:
        """Return the signature of ``data`` by the first key.

        ``str`` is signed as UTF-8; a lone surrogate counts as U+FFFD, as in Node.

        Raises:
            TypeError: when ``data`` is neither ``str`` nor ``bytes``.
        """
        try:
            return self._keys[0].sign(_to_bytes(data))
        finally:
            del data

    def verify(self, data: str | bytes, digest: str) -> bool:
        """Whether any of the keys made ``digest`` over ``data``; raises as :meth:`index`."""
        try:
            return self.index(data, digest) >= 0
        finally:
            del data, digest

    def index(self, data: str | bytes, digest: str) -> int:
        """Return the lowest index of a key that made ``digest`` over ``data``, or -1.

        No ``digest`` raises: one of another length, alphabet or type does not match.

        Raises:
            TypeError: when ``data`` is neither ``str`` nor ``bytes``.
        """
        try:
            message = data.encode() if type(data) is str and data.isascii() else _to_bytes(data)
        except TypeError:
            del data, digest
            raise
        try:
            for index, key in enumerate(self._keys):
                if compare_digest(key.sign(message), digest):
                    return index
        except TypeError:  # compare_digest refuses text beyond ASCII; a signature is ASCII
            pass
        return -1


class PreparedKey:
    """One key, prepared for HMAC, that signs in base64.

    Both pads of RFC 2104 are hashed beforehand, which takes half the time of ``hmac.new()``.
    """

    __slots__ = ("_inner", "_length", "_outer")

    def __init__(self, key: bytes, plain: _Hash) -> None:
        if len(key) > plain.block_size:
            digest = plain.copy()
            digest.update(key)
            key = digest.digest()
        block = key.ljust(plain.block_size, b"\0")
        self._inner, self._outer = plain.copy(), plain.copy()
        self._inner.update(block.translate(_INNER_PAD))
        self._outer.update(block.translate(_OUTER_PAD))
        self._length = -(-plain.digest_size * 8 // 6)
        """The length of a signature without its padding."""

    def sign(self, data: bytes) -> str:
        """Return the signature of ``data``."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return b2a_base64(outer.digest())[: self._length].translate(_URL_SAFE).decode()


class HexKey(PreparedKey):
    """One key, prepared for HMAC, that signs in hexadecimal digits."""

    __slots__ = ()

    def sign(self, data: bytes) -> str:
        """Return the signature of ``data``."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


def _to_bytes(data: str | bytes) -> bytes:
    if isinstance(data, bytes):
        return data
    if not isinstance(data, str):
        message = f"the signed data must be str or bytes, got {type(data).__name__}"
        del data
        raise TypeError(message)
    try:
        return data.encode()
    except UnicodeEncodeError:
        # Through UTF-16, so that the two halves of a split pair join, as in Node.
        units = data.encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "replace").encode()


def _prepared(given: Hidden[Any]) -> tuple[str, list[PreparedKey]]:
    """Return the algorithm and the prepared keys.

    The arguments stay in ``given`` until nothing can raise: no frame shows a key.
    """
    check_keys(Hidden(given.value[0]))
    if (given.value[2] or "base64") not in ("base64", "base64url", "hex"):
        message = (
            "encoding must be 'base64' or 'hex', got something else "
            f"({type(given.value[2]).__name__})"
        )
        raise ConfigurationError(message)
    plain = _new_hash(given)
    algorithm = given.value[1] or "sha1"
    for sized in [Hidden(_to_bytes(key)) for key in given.value[0]]:
        warn_if_weak(sized, plain.digest_size, algorithm)
    prepared = HexKey if given.value[2] == "hex" else PreparedKey
    return algorithm, [prepared(_to_bytes(key), plain) for key in given.value[0]]


def _new_hash(given: Hidden[Any]) -> _Hash:
    try:
        plain = hashlib.new(given.value[1] or "sha1")
        if plain.digest_size:  # 0 for SHAKE, whose length is not fixed
            return plain
    except (TypeError, ValueError):
        pass
    # The value is not shown: with Keygrip(*keys) it is the second key.
    message = (
        "algorithm must be the name of a fixed-length hash that hashlib knows, such as 'sha256'; "
        f"got {type(given.value[1]).__name__} that is something else"
    )
    raise ConfigurationError(message)


def signer_of(keys: Hidden[Any]) -> Signer:
    """Return a signer for keys, or the signer that was given.

    Raises:
        ConfigurationError: for an object that is neither keys nor a signer.
    """
    if isinstance(keys.value, (str, bytes)):
        message = f"keys must be a list, newest first, got {type(keys.value).__name__}: use secret="
        raise ConfigurationError(message)
    is_list = isinstance(keys.value, Sequence)
    if not is_list:
        also = "a list of keys, newest first, or "
        check_methods("keys", keys.value, "sign", "index", otherwise=also)
    signer: Signer = Keygrip(keys.value) if is_list else keys.value
    return signer
