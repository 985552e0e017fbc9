"""Sessions that only the server can read. This module needs ``cookiesession[encrypted]``.

The cookie's value is a Fernet token, made by the ``cryptography`` package from the JSON that
:class:`~cookiesession_core.JSONCodec` writes. Node's ``cookie-session`` cannot read it.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from typing import Any

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import ConfigurationError, HoldsKeys, JSONCodec

with NeedsExtra("encrypted"):
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_json = JSONCodec()


class FernetCodec(HoldsKeys):
    """Encrypts the contents: ``CookieSession(codec=FernetCodec([...]), keys=[...])``.

    The cookie is still signed, and the signature binds the token to the cookie's name. Encryption
    keys and signing keys are two lists. Rotate each list on its own.

    Args:
        keys: results of ``Fernet.generate_key()``, each ``str`` or ``bytes``, newest first. The
            first key encrypts, and all keys decrypt.

    Raises:
        ConfigurationError: the list is empty, or holds something that is not a Fernet key.
    """

    __slots__ = ("_fernet", "_fernets")

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        fernets, problem = _fernets(keys)
        del keys  # so that the traceback of the error does not hold them
        if problem:
            raise ConfigurationError(problem)
        self._fernets = fernets
        self._fernet = MultiFernet(fernets)

    def __eq__(self, other: object) -> bool:
        """Whether the same keys encrypt and decrypt."""
        if not isinstance(other, FernetCodec):
            return NotImplemented
        return len(self._fernets) == len(other._fernets) and all(
            map(_have_the_same_key, self._fernets, other._fernets)
        )

    def __hash__(self) -> int:
        return hash(len(self._fernets))

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return a token for ``contents``. Each call returns a different token.

        Raises:
            SessionEncodeError: as :meth:`JSONCodec.encode` does.
        """
        # Decode the base64 first: the token is base64 itself.
        try:
            plain = a2b_base64(_json.encode(contents))
        finally:
            del contents
        return self._fernet.encrypt(plain).decode()

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return the contents of the token in ``text``.

        Raises:
            ValueError: none of the keys made the token, or it holds no JSON object.
        """
        try:
            plain = self._fernet.decrypt(text)
        except InvalidToken:
            message = "not a token of any of the keys"
            raise ValueError(message) from None
        return _json.decode(b2a_base64(plain, newline=False).decode())


def _have_the_same_key(left: Fernet, right: Fernet) -> bool:
    try:
        right.decrypt(left.encrypt(b""))
    except InvalidToken:
        return False
    return True


def _fernets(keys: object) -> tuple[list[Fernet], str]:
    """Return the keys as objects, and what is wrong with the first wrong key. Does not raise."""
    if isinstance(keys, (str, bytes)) or not isinstance(keys, Sequence):
        return [], (
            "the encryption keys must be a list of keys, newest first, "
            f"got {type(keys).__name__} (a single key goes into a list)"
        )
    if not keys:
        return [], "the encryption keys must hold at least one key, got an empty list"
    fernets: list[Fernet] = []
    for index, key in enumerate(keys):
        got = type(key).__name__
        if isinstance(key, (str, bytes)):
            try:
                fernets.append(Fernet(key))
                continue
            except ValueError:
                got = f"{got} in another format"
        return [], (
            f"encryption key {index} must be 32 bytes in URL-safe base64 with padding, got {got}; "
            'make one with: python -c "from cryptography.fernet import Fernet; '
            'print(Fernet.generate_key().decode())"'
        )
    return fernets, ""
