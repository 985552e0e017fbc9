"""The floor: the least that pure Python can do for the same bytes, with the standard library.

Plain functions for one key, one name and one set of attributes. The floor has no options and no
errors, looks for one candidate, and checks only what a visitor's own cookies need. A library does
more, so it takes longer; the benchmarks tell how much longer.
"""

import hashlib
import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from hmac import compare_digest
from json import encoder as json_encoder
from typing import Any

from .payloads import KEY, Fields

TAIL = "; path=/; httponly"

_KEY_BLOCK = KEY.encode().ljust(64, b"\0")
_INNER = hashlib.sha1(bytes(byte ^ 0x36 for byte in _KEY_BLOCK))  # noqa: S324 - Node's format
_OUTER = hashlib.sha1(bytes(byte ^ 0x5C for byte in _KEY_BLOCK))  # noqa: S324 - as above
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

_internal: Any = json_encoder
_encode: Callable[[Any, int], tuple[str, ...]] = _internal.c_make_encoder(
    *(None, None, _internal.c_encode_basestring),  # markers, default, encoder
    *(None, ":", ","),  # indent and separators
    *(False, False, False),  # sort_keys, skipkeys, allow_nan
)
_join = "".join
_decoder: Any = json.JSONDecoder()
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once


def load(header: str) -> dict[str, Any]:
    """Return the contents of the session in a ``Cookie`` header: find, verify, decode."""
    contents: dict[str, Any] = _scan(_verified(header).decode(), 0)[0]
    return contents


def save(contents: dict[str, Any]) -> list[str]:
    """Return the two ``Set-Cookie`` values for ``contents``: encode, sign, format."""
    text = b2a_base64(_join(_encode(contents, 0)).encode(), newline=False)
    pair = b"session=" + text
    return [f"{pair.decode()}{TAIL}", f"session.sig={_sign(pair).decode()}{TAIL}"]


def round_trip(header: str, fields: Fields) -> Fields:
    """Load, count one more view, save; return the header fields of the response."""
    contents = load(header)
    contents["views"] = contents.get("views", 0) + 1
    return respond(fields, save(contents))


def read(header: str, fields: Fields) -> tuple[Any, Fields]:
    """Load and read one value."""
    return load(header)["views"], respond(fields)


def read_list(header: str, fields: Fields, key: str) -> tuple[Any, Fields]:
    """Load, hand out a list, and encode everything again to see that nobody changed the list."""
    loaded = _verified(header)
    contents = _scan(loaded.decode(), 0)[0]
    value = contents[key]
    changed = _join(_encode(contents, 0)).encode() != loaded
    return value, respond(fields, save(contents) if changed else ())


def respond(fields: Fields, set_cookies: list[str] | tuple[()] = ()) -> Fields:
    """Return the fields of a response that depends on the session, with its ``Set-Cookie``."""
    sent = [*fields]
    for value in set_cookies:
        sent.append((b"set-cookie", value.encode("latin-1")))  # noqa: PERF401 - faster on 3.11
    sent.append((b"vary", b"Cookie"))
    return sent


def _verified(header: str) -> bytes:
    pair = _find(header, "session=")
    signature = _find(header, "session.sig=")
    if not compare_digest(_sign(pair.encode()), signature[12:].encode()):
        message = "the signature is wrong"
        raise ValueError(message)
    return a2b_base64(pair[8:])


def _find(header: str, needle: str) -> str:
    start = header.find(needle)
    while start > 0 and header[start - 2 : start] != "; ":
        start = header.find(needle, start + 1)
    end = header.find(";", start)
    return header[start:] if end < 0 else header[start:end]


def _sign(pair: bytes) -> bytes:
    inner = _INNER.copy()
    inner.update(pair)
    outer = _OUTER.copy()
    outer.update(inner.digest())
    return b2a_base64(outer.digest(), newline=False).translate(_URL_SAFE, b"=")
