"""Mapping to cookie value and back: base64 of JSON, exactly as Node writes and reads it.

Writing is byte-equal to ``Buffer.from(JSON.stringify(session)).toString('base64')``, so that
Node finds a session that Python wrote unchanged. Reading is as lenient as Node in base64
and UTF-8, and as strict in JSON.
"""

from __future__ import annotations

import json
import math
import re
import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from json import encoder as json_encoder
from typing import Any, ClassVar, NoReturn, Protocol

from .errors import SessionEncodeError

MOST_LEVELS = 500
"""Lists and dicts within each other; what is read can so be written by every interpreter."""

_SHALLOW = 2 * MOST_LEVELS
"""No JSON of this length or a shorter one nests deeper: a level takes two characters."""

_CONTAINERS = (dict, list, tuple)


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
        octets = json_stringify(contents)
        if len(octets) > _SHALLOW and _is_too_deep(contents, octets):
            raise _too_deep()
        return b2a_base64(octets, newline=False).decode()

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return what the base64 of JSON in ``text`` holds.

        A number too large for a double becomes ``None``, as it does in Node.

        Raises:
            ValueError: when this is no base64 of a JSON object, or one nested more than
                ``MOST_LEVELS`` deep.
        """
        octets = _decode_base64(text)
        json_text = octets.decode("utf-8", "replace")
        contents: Any = None
        try:
            try:
                contents, end = _scan(json_text, 0)
            except (StopIteration, json.JSONDecodeError):
                end = -1
            if end != len(json_text):
                # White space around the value, or no JSON at all: rare, and this knows both.
                contents = _decoder.decode(json_text)
        except RecursionError:
            contents = None
        if type(contents) is not dict or (
            len(octets) > _SHALLOW and _is_too_deep(contents, octets)
        ):
            message = "not a JSON object, or one nested too deeply"
            raise ValueError(message)
        mapping: dict[str, Any] = contents
        return mapping


def json_stringify(contents: Mapping[str, Any]) -> bytes:
    """Return the text that ``JSON.stringify`` writes for ``contents``, in UTF-8.

    CPython's C encoder writes the same text but for a few numbers, the order of integer-like
    keys and keys that are no ``str``. So it goes first, and only text that shows signs of these
    is written again by the rules of ECMAScript.
    """
    if type(contents) is not dict:
        contents = dict(contents)
    try:
        text = "".join(_c_chunks(contents, 0))
    except (TypeError, ValueError, RecursionError):
        return _in_utf8(_js_stringify(contents))  # which finds and names the culprit
    octets = text.encode() if text.isascii() else _in_utf8(text)
    look = octets.translate(_LOOK).decode()
    if ("." in look and _has_other_number(text)) or (
        ('0":' in look or '"trrr":' in look) and _find_other_key(text)
    ):
        octets = _in_utf8(_js_stringify(contents))
    return octets


# --- writing ---------------------------------------------------------------------------------

# What JavaScript writes otherwise, told at a first look: digits look like 0, signs like a point,
# and the words true, null and (its f looks like a quote) false like trrr. Then three searches for
# a few letters, the quickest thing there is, end the matter for most sessions.
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LOOK = bytes.maketrans(
    b"123456789+-naulesf" + _BEYOND_ASCII, b'000000000..ttrrrr"' + b"x" * len(_BEYOND_ASCII)
)

# In CPython's text, and in few others: a double without a fraction.
_find_whole_double = re.compile(r"\.0[],}]").search
# A key that is an array index, or was no str.
_find_other_key = re.compile(r'"(?<=[{,]")(?:[-0-9][-+.0-9e]*|true|false|null)":').search


def _has_other_number(text: str) -> bool:
    return (
        # One-character searches first: they run at memchr speed and mostly end the matter.
        ("." in text and _find_whole_double(text) is not None)
        or ("+" in text and "e+" in text)
        or ("-" in text and "e-0" in text)
    )


def _in_utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # By way of UTF-16, so that the halves of a split pair find together; what still cannot be
        # UTF-8 is a lone surrogate, and Python's escape for it is the one of JSON.stringify.
        units = text.encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "surrogatepass").encode("utf-8", "backslashreplace")


def _refuse(value: object) -> NoReturn:
    type_name = type(value).__name__
    raise TypeError(type_name)


def _make_c_chunks() -> Callable[[Mapping[str, Any], int], Iterable[str]]:
    """Return a function whose chunks are the text of ``json.dumps`` with fixed settings.

    ``json.dumps`` builds a new C encoder on every call; building it once halves the time. It is
    not documented, so the public class stands in where it is missing or made otherwise.
    """
    settings: dict[str, Any] = {
        "ensure_ascii": False,
        "check_circular": False,
        "allow_nan": False,
        "separators": (",", ":"),
        "default": _refuse,
    }
    public = json.JSONEncoder(**settings)
    internal: Any = json_encoder
    try:
        encoder: Callable[[Mapping[str, Any], int], Iterable[str]] = internal.c_make_encoder(
            *(None, _refuse, internal.c_encode_basestring),  # markers, default, encoder
            *(None, ":", ","),  # indent and separators
            *(False, False, False),  # sort_keys, skipkeys, allow_nan
        )
    except (AttributeError, TypeError):
        return lambda contents, _: public.encode(contents)
    return encoder


_c_chunks = _make_c_chunks()


def _js_stringify(contents: dict[str, Any]) -> str:
    try:
        return _js(contents, "session", set())
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> SessionEncodeError:
    return SessionEncodeError("session", "dict", f"is nested more than {MOST_LEVELS} levels deep")


def _is_too_deep(contents: Mapping[str, Any], octets: bytes) -> bool:
    """Whether contents, and ``octets`` is their JSON, nest deeper than ``MOST_LEVELS``."""
    if octets.count(b"[") + octets.count(b"{") <= MOST_LEVELS:
        return False
    layer: list[Any] = [contents]
    for _ in range(MOST_LEVELS):
        inner = (each.values() if isinstance(each, Mapping) else each for each in layer)
        layer = [value for values in inner for value in values if isinstance(value, _CONTAINERS)]
        if not layer:
            return False
    return True


def _js(value: Any, path: str, ancestors: set[int]) -> str:
    """Write one value by the rules of ECMAScript's SerializeJSONProperty."""
    if isinstance(value, str):
        return _js_string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _js_integer(value, path)
    if isinstance(value, float):
        return _js_number(value, path)
    type_name = type(value).__name__
    if not isinstance(value, (dict, list, tuple)):
        reason = "is no JSON type; store it as str, int, float, bool, None, list or dict"
        raise SessionEncodeError(path, type_name, reason)
    if id(value) in ancestors:
        raise SessionEncodeError(path, type_name, "contains itself")
    ancestors.add(id(value))
    # Plain loops, not comprehensions: one frame a level goes twice as deep as two.
    parts: list[str] = []
    if isinstance(value, dict):
        for key in _in_js_order(value, path):
            member = _js(value[key], f"{path}[{key!r}]", ancestors)
            parts.append(f"{_js_string(key)}:{member}")
        text = f"{{{','.join(parts)}}}"
    else:
        for index, item in enumerate(value):
            parts.append(_js(item, f"{path}[{index}]", ancestors))
        text = f"[{','.join(parts)}]"
    ancestors.discard(id(value))
    return text


def _in_js_order(mapping: Mapping[Any, Any], path: str) -> list[str]:
    """Return the keys as ECMAScript's OrdinaryOwnPropertyKeys: array indexes first, ascending."""
    for key in mapping:
        if not isinstance(key, str):
            where, type_name = f"{path}[{key!r}]", type(key).__name__
            raise SessionEncodeError(where, type_name, "is no key; the keys of JSON are str")
    indexes = sorted((key for key in mapping if _is_array_index(key)), key=int)
    return indexes + [key for key in mapping if not _is_array_index(key)]


def _js_string(value: str) -> str:
    return json_encoder.encode_basestring(value)


def _is_array_index(key: str) -> bool:
    # Ten digits are the most that 2**32 - 2 has; isdigit alone would admit other scripts.
    return (
        0 < len(key) <= 10  # noqa: PLR2004
        and key.isascii()
        and key.isdigit()
        and (key[0] != "0" or key == "0")
        and int(key) < 2**32 - 1
    )


def _js_integer(value: int, path: str) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        reason = f"has more than {sys.get_int_max_str_digits()} digits"
        raise SessionEncodeError(path, "int", reason) from None


def _js_number(value: float, path: str) -> str:
    """Write a double as ECMAScript's Number::toString: shortest digits, its own notation."""
    if not math.isfinite(value):
        reason = "is NaN or Infinity, which JSON cannot hold"
        raise SessionEncodeError(path, "float", reason)
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(float.__repr__(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)  # the value is 0.text * 10**point
    if len(text) <= point <= 21:  # noqa: PLR2004 - the limits are ECMAScript's
        text = text.ljust(point, "0")
    elif 0 < point <= 21:  # noqa: PLR2004
        text = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:  # noqa: PLR2004
        text = f"0.{'0' * -point}{text}"
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        text = f"{text[0]}{fraction}e{point - 1:+d}"
    return f"-{text}" if sign else text


# --- reading ---------------------------------------------------------------------------------

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NOT_ALPHABET = bytes(octet for octet in range(256) if octet not in _ALPHABET + b"-_")


if sys.version_info >= (3, 11):  # pragma: no cover - the interpreter chooses

    def _decode_base64(text: str) -> bytes:
        try:
            return a2b_base64(text, strict_mode=True)
        except ValueError:
            return _lenient_base64(text)

else:  # pragma: no cover - the interpreter chooses

    def _decode_base64(text: str) -> bytes:
        # There is no strict mode yet; what does not come back the same was not strict.
        try:
            octets = a2b_base64(text)
            if b2a_base64(octets, newline=False) == text.encode():
                return octets
        except ValueError:
            pass
        return _lenient_base64(text)


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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _double_or_none(text: str) -> float | None:
    value = float(text)
    return value if _is_finite(value) else None


_scalars: dict[str, Any] = {"parse_constant": _refuse_constant, "parse_float": _double_or_none}
_decoder = json.JSONDecoder(**_scalars)
# raw_decode() is this and an exception for users; it is the documented one.
_scan: Callable[[str, int], tuple[object, int]] = getattr(
    _decoder, "scan_once", _decoder.raw_decode
)
