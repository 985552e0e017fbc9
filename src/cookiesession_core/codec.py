"""Contents to cookie value and back: base64 of JSON, exactly as Node writes and reads it.

Writing is byte-equal to ``Buffer.from(JSON.stringify(session)).toString('base64')``, so that
Node finds a session that Python wrote unchanged. Reading is as lenient as Node in base64
and UTF-8, and as strict in JSON.
"""

from __future__ import annotations

import json
import math
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn, Protocol

from .ecma_json import MAX_DEPTH, SHALLOW, dumps, is_plain, is_too_deep
from .errors import SessionEncodeError, without_frames
from .hidden import Hidden


class Codec(Protocol):
    """Writes a session's contents as a cookie value, and reads them back.

    ``encode`` returns the characters of a cookie value (RFC 6265bis cookie-octet): printable
    ASCII without white space, quotes, comma, semicolon and backslash. A codec that encrypts may
    return another text at each call. ``decode`` raises ``ValueError`` for text that it cannot
    read. ``encode`` accepts everything that ``decode`` returns: a session that was only read may
    be encoded, to find out whether it has changed.
    """

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return the cookie value for ``contents``."""
        ...

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return the contents that ``text`` holds."""
        ...


class JSONCodec:
    """The format of Node's ``cookie-session``: standard padded base64 of compact JSON."""

    __slots__ = ()

    MAX_DEPTH: ClassVar[int] = MAX_DEPTH
    """The maximum depth of dicts and lists. The session itself is the first level."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine: dict[str, Any] = getattr(self, "__dict__", {})
        return mine == getattr(other, "__dict__", {})

    def __hash__(self) -> int:
        return hash(type(self))

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return ``contents`` as base64 of the text that ``JSON.stringify`` would write.

        Integers are written exactly; Node rounds those beyond 2**53. Tuples become lists.

        Raises:
            SessionEncodeError: for a value that JSON lacks, NaN and Infinity, a key that is
                not ``str``, or more than ``MAX_DEPTH`` levels; it names the path of the value.
        """
        try:
            given: Hidden[dict[str, Any]]
            given = Hidden({**contents} if type(contents) is not dict else contents)
        finally:
            del contents
        try:
            return self.to_base64(self.to_json(given.value))
        except SessionEncodeError as error:
            raise without_frames(error) from None

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return the contents that ``text`` holds as base64 of JSON.

        A number too large for a double becomes ``None``, as in Node.

        Raises:
            ValueError: when ``text`` is not base64 of a JSON object, or the object has more than
                ``MAX_DEPTH`` levels.
        """
        contents, _ = self.from_base64(text)
        return contents

    def to_json(self, contents: dict[str, Any], /) -> bytes:
        """Return the text that ``JSON.stringify`` would write; raises as :meth:`encode`.

        A subclass may override this method, ``from_json``, ``to_base64`` and ``from_base64``: to
        save time, or to keep more types in JSON.
        """
        return dumps(contents)

    def to_base64(self, json_bytes: bytes, /) -> str:
        """Return standard padded base64."""
        return b2a_base64(json_bytes, newline=False).decode()

    def from_base64(self, text: str, /) -> tuple[dict[str, Any], bytes]:
        """Return the contents, and the JSON that holds them; raises as :meth:`decode`."""
        try:
            json_bytes = a2b_base64(text)
            json_text = json_bytes.decode()
            contents, end = _scan(json_text, 0)
        except (StopIteration, ValueError, RecursionError):
            return _read_leniently(text)
        if (
            type(contents) is not dict
            or end != len(json_text)
            # a2b_base64() skips characters that Node reads. Then the text is longer.
            or len(text) != (len(json_bytes) + 2) // 3 * 4
        ):
            return _read_leniently(text)
        if len(json_bytes) > SHALLOW and is_too_deep(contents, json_bytes):
            raise _unreadable()
        return contents, json_bytes

    def from_json(self, json_bytes: bytes, /) -> dict[str, Any]:
        """Return the contents of JSON that :meth:`to_json` or Node has written.

        Bytes that are not UTF-8 are replaced, as Node does.

        Raises:
            ValueError: when the text is not a JSON object, or has more than ``MAX_DEPTH`` levels.
        """
        try:
            json_text = json_bytes.decode()
            contents, end = _scan(json_text, 0)
        except (StopIteration, ValueError, RecursionError):
            return _parsed(json_bytes)
        if type(contents) is not dict or end != len(json_text):
            return _parsed(json_bytes)
        if len(json_bytes) > SHALLOW and is_too_deep(contents, json_bytes):
            raise _unreadable()
        return contents

    @staticmethod
    def is_plain(contents: dict[str, Any]) -> bool:
        """Whether every JSON library writes ``contents`` as ``JSON.stringify`` does."""
        return is_plain(contents)


def _read_leniently(text: str) -> tuple[dict[str, Any], bytes]:
    """Read a text as leniently as Node. We would not write such a text."""
    json_bytes = _lenient_base64(text)
    return _parsed(json_bytes), json_bytes


def _parsed(json_bytes: bytes) -> dict[str, Any]:
    """Parse JSON with white space around it, or with bytes that are not UTF-8."""
    try:
        contents: Any = _decoder.decode(json_bytes.decode("utf-8", "replace"))
    except RecursionError:
        raise _unreadable() from None
    if type(contents) is not dict or is_too_deep(contents, json_bytes):
        raise _unreadable()
    return contents


def _unreadable() -> ValueError:
    return ValueError("not a JSON object, or one nested too deeply")


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NOT_ALPHABET = bytes(byte for byte in range(256) if byte not in _ALPHABET + b"-_")


def _lenient_base64(text: str) -> bytes:
    """Decode as Node's ``Buffer.from(text, 'base64')``.

    Both alphabets are read, other characters are skipped, the first ``=`` is the end, and bits
    beyond the last whole byte are dropped.
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
# scan_once() is not documented. If it is missing, raw_decode() does the same in more time.
_scan: Callable[[str, int], tuple[object, int]] = getattr(
    _decoder, "scan_once", _decoder.raw_decode
)
