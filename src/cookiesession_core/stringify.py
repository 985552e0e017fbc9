"""JSON exactly as ``JSON.stringify`` writes it, so that Node finds what Python wrote unchanged.

CPython's C encoder writes the same text but for a few numbers, the order of integer-like keys
and keys that are no ``str``. So it goes first, and only text that shows signs of these is written
again by the rules of ECMAScript.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from json import encoder as json_encoder
from typing import Any, NoReturn

from .errors import SessionEncodeError

MOST_LEVELS = 500
"""Lists and dicts within each other; what is read can so be written by every interpreter."""

SHALLOW = 2 * MOST_LEVELS
"""No JSON of this length or a shorter one nests deeper: a level takes two characters."""

_CONTAINERS = (dict, list, tuple)


def json_stringify(contents: dict[str, Any], known: bytes = b"") -> bytes:
    """Return the text that ``JSON.stringify`` writes for ``contents``, in UTF-8.

    Args:
        contents: a session's contents.
        known: JSON that the contents were read from; where they still have this very text, it is
            returned at once. That a key is no ``str`` is not noticed then.

    Raises:
        SessionEncodeError: for a value that JSON lacks, NaN and Infinity, a key that is no
            ``str``, or more than ``MOST_LEVELS`` levels; it names the path of the value.
    """
    try:
        text = "".join(_c_chunks(contents, 0))
    except (TypeError, ValueError, RecursionError):
        return _by_the_rules(contents)  # which find and name the culprit
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        octets = _in_utf8(text)
    if octets == known:
        return known
    if len(octets) > SHALLOW:
        look = octets.translate(_LOOK, _REST)
        if look.count(b"[") > MOST_LEVELS and is_too_deep(contents, octets):
            raise _too_deep()
        return _by_the_rules(contents) if _is_odd(text, look) else octets
    # The same for a short text, where str finds sooner than an expression and a call counts.
    short_look = octets.translate(_LOOK).decode()
    if ("." in short_look and _has_odd_number(text)) or (
        ('0":' in short_look or '"trrr":' in short_look) and _find_odd_key(text) is not None
    ):
        return _by_the_rules(contents)
    return octets


# --- signs of what JavaScript writes otherwise ------------------------------------------------

# In a first look digits are like 0, signs like a point, braces like brackets, and the words true,
# null and (its f is like a quote) false like trrr. So a few searches for a few letters end the
# matter for most sessions.
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LOOK = bytes.maketrans(
    b"123456789+-{naulesf" + _BEYOND_ASCII, b'000000000..[ttrrrr"' + b"x" * len(_BEYOND_ASCII)
)
_REST = bytes(octet for octet in range(256) if octet not in b'0123456789[{":truenlfas')
"""What the searches in a long text pass over."""
_find_number_as_key = re.compile(b'0":').search
_find_word_as_key = re.compile(b'"trrr":').search

# In CPython's text, and in few others: a key that is an array index, or was no str ...
_find_odd_key = re.compile(r'"(?<=[{,]")(?:[-0-9][-+.0-9e]*|true|false|null)":').search
# ... a double without a fraction, and one below 1e-4.
_find_whole_double = re.compile(r"\.0[],}]").search
_find_small_double = re.compile("e-0").search


def _is_odd(text: str, look: bytes) -> bool:
    return _has_odd_number(text) or (
        (_find_number_as_key(look) is not None or _find_word_as_key(look) is not None)
        and _find_odd_key(text) is not None
    )


def _has_odd_number(text: str) -> bool:
    return (
        # One-character searches first: they run at memchr speed and mostly end the matter.
        ("." in text and _find_whole_double(text) is not None)
        or ("+" in text and "e+" in text)
        or ("-" in text and _find_small_double(text) is not None)
    )


# --- CPython's C encoder ----------------------------------------------------------------------


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


# --- the rules -------------------------------------------------------------------------------


def _in_utf8(text: str) -> bytes:
    # By way of UTF-16, so that the halves of a split pair find together; what still cannot be
    # UTF-8 is a lone surrogate, and Python's escape for it is the one of JSON.stringify.
    units = text.encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "surrogatepass").encode("utf-8", "backslashreplace")


def _by_the_rules(contents: Mapping[str, Any]) -> bytes:
    octets = _in_utf8(_js_stringify(contents))
    if is_too_deep(contents, octets):
        raise _too_deep()
    return octets


def _js_stringify(contents: Mapping[str, Any]) -> str:
    try:
        return _js(contents, "session", set())
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> SessionEncodeError:
    return SessionEncodeError("session", "dict", f"is nested more than {MOST_LEVELS} levels deep")


def is_too_deep(contents: Mapping[str, Any], octets: bytes) -> bool:
    """Whether contents, and ``octets`` is their JSON, nest deeper than ``MOST_LEVELS``."""
    if len(octets) <= SHALLOW or octets.count(b"[") + octets.count(b"{") <= MOST_LEVELS:
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
