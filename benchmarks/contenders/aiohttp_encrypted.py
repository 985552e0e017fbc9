"""aiohttp-session's ``EncryptedCookieStorage``."""

from __future__ import annotations

from aiohttp_session.cookie_storage import EncryptedCookieStorage

from benchmarks.contender import Contender
from benchmarks.payloads import KEY

from ._aiohttp_storage import operations_of

CONTENDER = Contender(
    name="aiohttp_encrypted",
    title="aiohttp-session EncryptedCookieStorage",
    differs="encrypts (Fernet: AES-128-CBC and HMAC-SHA256), with a timestamp; cookies by the "
    "standard library's http.cookies; saving needs a Response to be built",
    operations=operations_of(EncryptedCookieStorage(KEY.encode()[:32], cookie_name="session")),
    packages=("aiohttp-session", "aiohttp", "cryptography"),
)
