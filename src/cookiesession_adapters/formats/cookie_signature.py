"""The rule of npm's ``cookie-signature``: a value, a full stop, HMAC-SHA256 of the value.

The signature is in the standard alphabet of base64, without padding. The whole text is
percent-encoded in the cookie.
"""

from __future__ import annotations

import re
from binascii import a2b_hex
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
    return Keygrip(secrets.value, "sha256")


def in_keygrip_alphabet(signature: str) -> str:
    """Return a signature as ``Keygrip`` writes it: in the URL-safe alphabet.

    The alphabets are swapped, so a signature that comes in the URL-safe one does not verify.
    """
    return signature.encode("ascii", "replace").translate(_SWAPPED).decode()


_OF_BASE64 = {"3D": "=", "2B": "+", "2F": "/"}
_ESCAPES = re.compile("(?:%[0-9A-Fa-f]{2})+")
_WRONG_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def percent_decoded(text: str) -> str:
    """Decode as JavaScript's ``decodeURIComponent``; return a text that it refuses unchanged."""
    if "%" not in text:
        return text
    first, *parts = text.split("%")
    try:
        # Fast path: the only escapes that a text of base64 needs.
        return first + "".join([_OF_BASE64[part[:2]] + part[2:] for part in parts])
    except KeyError:
        pass
    if _WRONG_ESCAPE.search(text):
        return text
    try:
        return _ESCAPES.sub(lambda found: a2b_hex(found[0].replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        return text
