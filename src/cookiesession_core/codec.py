"""Mapping to cookie value and back: base64 of JSON, exactly as Node writes and reads it.

Writing is byte-equal to ``Buffer.from(JSON.stringify(session)).toString('base64')``, so that
Node finds a session that Python wrote unchanged. Reading is as lenient as Node in base64
and UTF-8, and as strict in JSON.
"""

from __future__ import annotations

import json
import math
import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn, Protocol

from .stringify import MOST_LEVELS, SHALLOW, is_too_deep, json_stringify


class Codec(Protocol):
    """Writes a session's contents as a cookie value, and reads them back.

    ``encode`` returns the characters of a cookie value (RFC 6265bis cookie-octet): printable
    ASCII but for white space, quotes, comma, semicolon and backslash. It gives the same text
    for the same contents, for that is how a session that did not change is known. ``decode``
    raises ``ValueError`` for text that it cannot read.

    A codec that cannot give the same text, as one that encrypts with a random number, has a third
    method: ``canonical(mapping) -> str``, the same for the same contents, which no client sees.
    """

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return the cookie value for ``contents``."""
        ...

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return the contents that ``text`` stands for."""
        ...


class JSONCodec:
    """The format of Node's ``cookie-session``: standard padded base64 of compact JSON."""

    __slots__ = ()

    MOST_LEVELS: ClassVar[int] = MOST_LEVELS
    """How many dicts and lists may stand within each other, the session being the first."""

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return ``contents`` as base64 of the text that ``JSON.stringify`` would write.

        Integers are written exactly; Node rounds those beyond 2**53. Tuples become lists.

        Raises:
            SessionEncodeError: for a value that JSON lacks, NaN and Infinity, a key that is
                no ``str``, or more than ``MOST_LEVELS`` levels; it names the path of the value.
        """
        if type(contents) is not dict:
            contents = dict(contents)
        return b2a_base64(json_stringify(contents), newline=False).decode()

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return what the base64 of JSON in ``text`` holds.

        A number too large for a double becomes ``None``, as it does in Node.

        Raises:
            ValueError: when this is no base64 of a JSON object, or one nested more than
                ``MOST_LEVELS`` deep.
        """
        contents, _ = self.read(text)
        return contents

    def read(self, text: str, /) -> tuple[dict[str, Any], bytes]:
        """Return what :meth:`decode` does, and the JSON that it stands in."""
        try:
            octets = _strict_base64(text)
            json_text = octets.decode()
            contents, end = _scan(json_text, 0)
        except (StopIteration, ValueError, RecursionError):
            return _read_leniently(text)
        if type(contents) is not dict or end != len(json_text):
            return _read_leniently(text)
        if len(octets) > SHALLOW and is_too_deep(contents, octets):
            raise _unreadable()
        return contents, octets


def _read_leniently(text: str) -> tuple[dict[str, Any], bytes]:
    """Read what is no JSON object as we write it, but may be one to Node."""
    octets = _lenient_base64(text)
    try:
        contents: Any = _decoder.decode(octets.decode("utf-8", "replace"))
    except RecursionError:
        raise _unreadable() from None
    if type(contents) is not dict or is_too_deep(contents, octets):
        raise _unreadable()
    return contents, octets


def _unreadable() -> ValueError:
    return ValueError("not a JSON object, or one nested too deeply")


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NOT_ALPHABET = bytes(octet for octet in range(256) if octet not in _ALPHABET + b"-_")


if sys.version_info >= (3, 11):  # pragma: no cover - the interpreter chooses

    def _strict_base64(text: str) -> bytes:
        return a2b_base64(text, strict_mode=True)

else:  # pragma: no cover - the interpreter chooses

    def _strict_base64(text: str) -> bytes:
        # There is no strict mode yet; what does not come back the same was not strict.
        octets = a2b_base64(text)
        if b2a_base64(octets, newline=False) != text.encode():
            raise ValueError
        return octets


def _lenient_base64(text: str) -> bytes:
    """Decode as Node's ``Buffer.from(text, 'base64')``.

    Both alphabets, anything else skipped, the end at the first ``=``, whole octets only.
    """
    data = text.partition("=")[0].encode("latin-1", "ignore")
    data = data.translate(_FROM_URL_SAFE, _NOT_ALPHABET)
    left_over = len(data) % 4
    if left_over == 1:
        data = data[:-1]
    return a2b_base64(data + b"==")


_is_finite = math.isfinite


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


def _double_or_none(text: str) -> float | None:
    value = float(text)
    return value if _is_finite(value) else None


_scalars: dict[str, Any] = {"parse_constant": _refuse_constant, "parse_float": _double_or_none}
_decoder = json.JSONDecoder(**_scalars)
# raw_decode() is this and an exception for users; it is the documented one.
_scan: Callable[[str, int], tuple[object, int]] = getattr(
    _decoder, "scan_once", _decoder.raw_decode
)
