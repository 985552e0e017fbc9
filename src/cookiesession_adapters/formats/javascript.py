"""What functions of JavaScript read and write: ``atob`` and the encoding of URI components."""

from __future__ import annotations

import re
from binascii import a2b_base64, a2b_hex

_OF_BASE64 = {"3D": "=", "2B": "+", "2F": "/"}
_ESCAPES = re.compile("(?:%[0-9A-Fa-f]{2})+")
_WRONG_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def percent_encoded(base64: str) -> str:
    """Encode text of base64 as ``encodeURIComponent`` does."""
    return base64.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


def percent_decoded(text: str) -> str:
    """Decode as ``decodeURIComponent``; return a text that it refuses unchanged."""
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


_WHITE_SPACE = dict.fromkeys(map(ord, "\t\n\f\r "))
_is_forgiving_base64 = re.compile(
    "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?"
).fullmatch


def atob(text: str) -> bytes:
    """Decode base64 as ``atob``: white space is skipped, and padding may be missing.

    Raises:
        ValueError: when ``atob`` refuses the text.
    """
    try:
        decoded = a2b_base64(text)
    except ValueError:
        decoded = b""
    # a2b_base64() skips characters that atob refuses. Then the text is longer.
    if len(text) == (len(decoded) + 2) // 3 * 4:
        return decoded
    text = text.translate(_WHITE_SPACE)
    if not _is_forgiving_base64(text):
        message = "not base64"
        raise ValueError(message)
    return a2b_base64(text.rstrip("=") + "==")
