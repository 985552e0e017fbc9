"""Sessions that only the server can read; needs ``cookiesession[encrypted]``.

The cookie's value is a Fernet token by the ``cryptography`` package over the JSON that
:class:`~cookiesession_core.JSONCodec` writes. Node's ``cookie-session`` cannot read it.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from cookiesession_core import ConfigurationError, JSONCodec

_json = JSONCodec()


class FernetCodec:
    """Encrypts what is in the session: ``CookieSession(codec=FernetCodec([...]), keys=[...])``.

    The cookie is signed as any other, which binds the token to the cookie's name. Encryption keys
    and signing keys are two lists, rotated each on its own.

    Args:
        keys: what ``Fernet.generate_key()`` made, each ``str`` or ``bytes``, newest first:
            the first encrypts, all decrypt.

    Raises:
        ConfigurationError: for no keys, or something that is no Fernet key.
    """

    __slots__ = ("_fernet",)

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        self._fernet = MultiFernet(_fernets(keys))

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return a token for ``contents``, another one at every call.

        Raises:
            SessionEncodeError: as :meth:`JSONCodec.encode` does.
        """
        # The octets of the JSON, not their base64: a token is base64 already.
        octets = a2b_base64(_json.encode(contents))
        return self._fernet.encrypt(octets).decode()

    def canonical(self, contents: Mapping[str, Any], /) -> str:
        """Return a text that is equal for equal contents, as no two tokens are.

        A session asks for it to tell whether its contents changed.

        Raises:
            SessionEncodeError: as :meth:`JSONCodec.encode` does.
        """
        return _json.encode(contents)

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return what the token in ``text`` holds.

        Raises:
            ValueError: when none of the keys made it, or it holds no JSON object.
        """
        try:
            octets = self._fernet.decrypt(text)
        except InvalidToken:
            message = "not a token of any of the keys"
            raise ValueError(message) from None
        return _json.decode(b2a_base64(octets, newline=False).decode())


def _fernets(keys: Sequence[str | bytes]) -> list[Fernet]:
    if isinstance(keys, (str, bytes)) or not isinstance(keys, Sequence):
        message = (
            "the encryption keys must be a list of keys, newest first, "
            f"got {type(keys).__name__} (a single key goes into a list)"
        )
        raise ConfigurationError(message)
    if not keys:
        message = "the encryption keys must be at least one key, got an empty list"
        raise ConfigurationError(message)
    return [_fernet(index, key) for index, key in enumerate(keys)]


def _fernet(index: int, key: str | bytes) -> Fernet:
    try:
        return Fernet(key)
    except (TypeError, ValueError):
        pass
    message = (
        f"encryption key {index} must be 32 octets in URL-safe base64 with padding, "
        f"got {type(key).__name__} that is something else; make one with: "
        'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
    )
    raise ConfigurationError(message)
