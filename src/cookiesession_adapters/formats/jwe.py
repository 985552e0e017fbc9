"""Encrypted tokens: a compact JWE (RFC 7516) with a shared key, as the package ``jose`` writes it.

Nothing here knows who has issued a token, or what it means. Every text from a client that is not
such a token raises ``ValueError``, before any key is used if its form is wrong.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import attrs

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import HoldsKeys, JSONCodec

with NeedsExtra("authjs"):
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC
    from cryptography.hazmat.primitives.padding import PKCS7

_MAX_HEADER = 512
"""Characters of a token's header. Auth.js writes 174."""
_REFUSED_MEMBERS = frozenset({"zip", "crit", "iss", "sub", "aud"})
"""Members of a token's header that change what the token says. Auth.js writes none of them."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_json = JSONCodec()


@attrs.frozen(repr=False)
class KeyName:
    """What the header of a token says about its key. A client may have written it."""

    encryption: str
    has_kid: bool
    kid: object


def stated_key(text: str) -> KeyName:
    """Return what a header says; it is read before any key is used."""
    if len(text) > _MAX_HEADER:
        raise ValueError
    header = _json.from_json(from_base64url(text))
    encryption = header.get("enc")
    if (
        header.get("alg") != "dir"
        or not isinstance(encryption, str)
        or not _REFUSED_MEMBERS.isdisjoint(header)
    ):
        raise ValueError
    return KeyName(encryption, "kid" in header, header.get("kid"))


def from_base64url(text: str) -> bytes:
    """Decode the one spelling that a writer makes: no padding, no white space, no loose bits."""
    decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _to_base64url(decoded) != text:
        raise ValueError
    return decoded


def _to_base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def parsed(plain: bytes, *, is_strict: bool) -> dict[str, Any]:
    """Return claims. Like TextDecoder in Node, drop a byte order mark.

    Wrong UTF-8 is replaced, as ``jose`` 4 does, or raises ``ValueError``, as in ``jose`` 6.
    """
    if is_strict:
        plain.decode()
    return _json.from_json(plain.removeprefix(_BYTE_ORDER_MARK))


class CBCKey(HoldsKeys):
    """A key of A256CBC-HS512 (RFC 7518, section 5.2.5)."""

    __slots__ = ("_aes", "_mac", "kid")
    SIZE: int = 64

    def __init__(self, key: bytes) -> None:
        self._mac, self._aes = key[:32], AES(key[32:])
        self.kid: str = _thumbprint(key, "sha512")

    def decrypt(self, header: bytes, iv: bytes, text: bytes, tag: bytes) -> bytes:
        """Return what a token holds. Raises ``ValueError`` if it was changed."""
        covered = header + iv + text + (8 * len(header)).to_bytes(8, "big")
        expected = hmac.digest(self._mac, covered, "sha512")[:32]
        if not hmac.compare_digest(expected, tag):
            raise ValueError
        # CBC() refuses an iv of another length, which the tag alone does not fix.
        decryptor, unpadder = Cipher(self._aes, CBC(iv)).decryptor(), PKCS7(128).unpadder()
        padded = decryptor.update(text) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()


class GCMKey(HoldsKeys):
    """A key of A256GCM (RFC 7518, section 5.3)."""

    __slots__ = ("_aes", "kid")
    SIZE: int = 32

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        self.kid: str = _thumbprint(key, "sha256")

    def decrypt(self, header: bytes, iv: bytes, text: bytes, tag: bytes) -> bytes:
        """Return what a token holds. Raises ``InvalidTag`` or ``ValueError`` if it was changed."""
        if (len(iv), len(tag)) != (12, 16):  # so that nobody can move the tag's first bytes
            raise ValueError
        return self._aes.decrypt(iv, text + tag, header)


def _thumbprint(key: bytes, algorithm: str) -> str:
    """Return the name of a key (RFC 7638): a hash of the key as JSON."""
    as_json = f'{{"k":"{_to_base64url(key)}","kty":"oct"}}'
    return _to_base64url(hashlib.new(algorithm, as_json.encode()).digest())


Key = CBCKey | GCMKey
