"""Tokens as Auth.js 5 and NextAuth 4 write them, and tokens that they would never write.

This is a second implementation: it takes the standard library where the reader takes
``cryptography``, and has keys, headers and claims of any kind.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64encode
from typing import Any, Literal

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

CBC_HMAC, GCM = "A256CBC-HS512", "A256GCM"
AUTHJS, NEXT_AUTH = "authjs.session-token", "next-auth.session-token"
NOW = 1_705_321_845.678


def token(
    claims: object,
    secret: str | bytes,
    name: str = AUTHJS,
    *,
    version: Literal[4, 5] = 5,
    encryption: str | None = None,
    kid: object = True,
    **members: Any,
) -> str:
    """Return a token.

    Args:
        claims: written as JSON; ``bytes`` are encrypted as they are.
        secret: the secret of the application.
        name: the name of the cookie.
        version: 4 for NextAuth 4, 5 for Auth.js 5.
        encryption: by default the one of that version.
        kid: True for the name of the key, where the version writes it. None for none.
        members: other members of the header.
    """
    encryption = encryption or (CBC_HMAC if version == 5 else GCM)
    size = 64 if encryption == CBC_HMAC else 32
    salt, info = "", "NextAuth.js Generated Encryption Key"
    if version == 5:
        salt, info = name, f"Auth.js Generated Encryption Key ({name})"
    key = _derived(secret if isinstance(secret, bytes) else secret.encode(), salt, info, size)
    header = {"alg": "dir", "enc": encryption, "kid": _thumbprint(key) if kid is True else kid}
    if kid is None or (kid is True and version == 4):
        del header["kid"]
    plain = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return sealed(key, json.dumps({**header, **members}).encode(), plain)


def sealed(key: bytes, header: bytes, plain: bytes) -> str:
    """Encrypt, with the header as it is."""
    first = base64url(header)
    if len(key) == 32:
        iv = os.urandom(12)
        text = AESGCM(key).encrypt(iv, plain, first.encode())
        text, tag = text[:-16], text[-16:]
    else:
        iv = os.urandom(16)
        padding = 16 - len(plain) % 16
        encryptor = Cipher(AES(key[32:]), CBC(iv)).encryptor()
        text = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
        tag = _cbc_tag(key, first.encode(), iv, text)
    return ".".join([first, "", *map(base64url, (iv, text, tag))])


def _cbc_tag(key: bytes, header: bytes, iv: bytes, text: bytes) -> bytes:
    covered = header + iv + text + (8 * len(header)).to_bytes(8, "big")
    return hmac.digest(key[:32], covered, "sha512")[:32]


def chunked(value: str, name: str = AUTHJS, size: int = 3936) -> dict[str, str]:
    """Return the cookies of a value that is split."""
    parts = [value[start : start + size] for start in range(0, len(value), size)]
    return {f"{name}.{number}": part for number, part in enumerate(parts)}


def _derived(secret: bytes, salt: str, info: str, size: int) -> bytes:
    """HKDF, RFC 5869."""
    pseudorandom = hmac.digest(salt.encode(), secret, "sha256")
    key = block = b""
    for number in range(1, size // 32 + 1):
        block = hmac.digest(pseudorandom, block + info.encode() + bytes([number]), "sha256")
        key += block
    return key


def _thumbprint(key: bytes) -> str:
    as_json = json.dumps({"k": base64url(key), "kty": "oct"}, separators=(",", ":"))
    return base64url(hashlib.new(f"sha{len(key) * 8}", as_json.encode()).digest())


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
