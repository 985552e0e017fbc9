"""The rule of npm's ``cookie-signature``: a value, a full stop, HMAC-SHA256 of the value.

The signature is in the standard alphabet of base64, without padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cookiesession_core import ConfigurationError, Hidden, Keygrip

_SWAPPED = bytes.maketrans(b"+/-_", b"-_+/")


def keygrip_of(secrets: Hidden[Any]) -> Keygrip:
    """Return a signer for the secrets of a Node application.

    Raises:
        ConfigurationError: for no secrets, an empty one, or one of another type.
    """
    kind = type(secrets.value).__name__
    is_list = isinstance(secrets.value, Sequence)
    if not is_list or isinstance(secrets.value, (str, bytes)):
        message = f"secrets must be a list, newest first, got {kind} (one secret goes into a list)"
        raise ConfigurationError(message)
    empty = next((index for index, each in enumerate(secrets.value) if each in ("", b"")), None)
    if empty is not None:
        message = f"secrets[{empty}] is empty: anyone could sign with it"
        raise ConfigurationError(message)
    return Keygrip(secrets.value, "sha256")


def swap_alphabets(signature: str) -> str:
    """Turn the standard alphabet of base64 into that of ``Keygrip``, which is URL-safe, and back.

    A cookie with a signature in the alphabet of ``Keygrip`` therefore does not verify.
    """
    return signature.encode("ascii", "replace").translate(_SWAPPED).decode()
