"""JSON exactly as ``JSON.stringify`` writes it, so that Node finds what Python wrote unchanged.

CPython's C encoder writes the same text, except for three things: some numbers, the order of keys
that are array indexes, and keys that are not ``str``. So the C encoder is tried first. If one of
the three things may occur in the contents, they are written again by the rules of ECMAScript.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from json import encoder as json_encoder
from typing import Any, NoReturn

from .errors import SessionEncodeError

MAX_DEPTH = 500
"""The maximum depth of lists and dicts. Every interpreter can write contents of this depth."""

SHALLOW = 2 * MAX_DEPTH
"""JSON of at most this length cannot nest deeper: a level takes two characters."""

_CONTAINERS = (dict, list, tuple)


def dumps(contents: dict[str, Any]) -> bytes:
    """Return the text that ``JSON.stringify`` writes for ``contents``, in UTF-8.

    Raises:
        SessionEncodeError: for a value that JSON lacks, NaN and Infinity, a key that is not
            ``str``, or more than ``MAX_DEPTH`` levels; it names the path of the value.
    """
    try:
        text = "".join(_c_chunks(contents, 0))
        json_bytes = text.encode()
        kinds = json_bytes.translate(_KIND).decode("latin-1")
        # Signs of a value that JavaScript writes differently. A string may hold the same signs,
        # so the contents are then checked as well.
        may_differ = (
            # rfind takes half the time of find.
            kinds.rfind('0":') >= 0
            or kinds.rfind('"trrr":') >= 0
            # A search for one character is very fast, and mostly saves the slower search.
            or ("." in text and _whole_float(text) is not None)
            or ("-" in text and text.rfind("e-0") >= 0)
            or ("+" in text and text.rfind("e+") >= 0)
        )
        if may_differ and not is_plain(contents):
            json_bytes = _by_the_rules(contents)
    except (TypeError, ValueError, RecursionError):
        # A lone surrogate, or a value that cannot be written: the rules name it in their error.
        json_bytes = _by_the_rules(contents)
    if len(json_bytes) > SHALLOW and is_too_deep(contents, json_bytes):
        raise _too_deep()
    return json_bytes


# --- where JavaScript and CPython write different text ----------------------------------------

# Replaces each character of a JSON text by its kind. Every digit becomes 0, so 0": finds every key
# that ends in a digit. The words true, null and false become trrr (the f becomes a quote), so
# "trrr": finds every key that is one of these words.
_KIND = bytes.maketrans(b"123456789naulesf", b'000000000ttrrrr"')
_whole_float = re.compile(r"\.0[],}]").search


def is_plain(container: Any) -> bool:
    """Whether every JSON library writes this dict, list or tuple as ``JSON.stringify`` does.

    The container then holds only exact ``dict``, ``list``, ``tuple``, ``str``, ``int``, ``bool``,
    ``None``, and ``float`` values that are not whole and need no exponent. No key is a number,
    because JavaScript moves such keys to the front.
    """
    if type(container) is dict:
        for key in container:
            # The comparison costs less than the call, and is enough for nearly all keys.
            if type(key) is not str or (key < ":" and key.isdigit()):
                return False
        container = container.values()
    for value in container:
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            continue
        if kind is dict or kind is list or kind is tuple:
            if not is_plain(value):
                return False
        elif kind is not float or value % 1 == 0 or not _SMALL <= abs(value) < _LARGE:
            return False
    return True


_SMALL, _LARGE = 1e-4, 1e15
"""Between these limits, every library writes a float without an exponent."""


# --- CPython's C encoder ----------------------------------------------------------------------


def _refuse(value: object) -> NoReturn:
    type_name = type(value).__name__
    raise TypeError(type_name)


def _make_c_chunks() -> Callable[[Mapping[str, Any], int], Iterable[str]]:
    """Return a function whose chunks are the text of ``json.dumps`` with fixed settings.

    ``json.dumps`` builds a new C encoder on every call; building it once halves the time. The C
    encoder is not documented. If it is missing or has another signature, the public class is used.
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


# --- the rules of ECMAScript -----------------------------------------------------------------


def _in_utf8(text: str) -> bytes:
    # Through UTF-16, so that the halves of a split pair join. Lone surrogates are left, and UTF-8
    # cannot encode them. Python and JSON.stringify write the same escape for a lone surrogate.
    units = text.encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "surrogatepass").encode("utf-8", "backslashreplace")


def _by_the_rules(contents: dict[str, Any]) -> bytes:
    return _in_utf8(_js(contents))


def _too_deep() -> SessionEncodeError:
    return SessionEncodeError("session", "dict", f"is nested more than {MAX_DEPTH} levels deep")


def is_too_deep(contents: dict[str, Any], text: bytes) -> bool:
    """Whether contents nest deeper than ``MAX_DEPTH``; ``text`` is their JSON."""
    if len(text) <= SHALLOW or text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return False
    layer: list[Any] = [contents]
    for _ in range(MAX_DEPTH):
        inner = (each.values() if isinstance(each, dict) else each for each in layer)
        layer = [value for values in inner for value in values if isinstance(value, _CONTAINERS)]
        if not layer:
            return False
    return True


_Path = tuple[Any, Any] | None
"""Where a value is: the path of its container, and its key or index; ``None``: the session."""


def _refuse_value(path: _Path, type_name: str, reason: str) -> NoReturn:
    names: list[str] = []
    while path is not None:
        path, key = path
        names.append(f"[{key!r}]")
    raise SessionEncodeError("".join(["session", *reversed(names)]), type_name, reason)


_Members = Iterator[tuple[Any, Any]]


def _js(contents: dict[str, Any]) -> str:
    """Write contents by the rules of ECMAScript's SerializeJSONProperty.

    Without recursion: whatever can be read can be written, however deep the caller's stack is.
    """
    parts: list[str] = ["{"]
    opened: list[tuple[Any, _Path, _Members]] = [(contents, None, _members(contents, None))]
    ancestors, comma = {id(contents)}, ""
    while opened:
        container, outer, members = opened[-1]
        is_dict = isinstance(container, dict)
        for key, value in members:
            before = f"{comma}{_js_string(key)}:" if is_dict else comma
            path = outer, key
            if not isinstance(value, _CONTAINERS):
                parts.append(before + _js_scalar(value, path))
                comma = ","
                continue
            if id(value) in ancestors:
                _refuse_value(path, type(value).__name__, "contains itself")
            if len(opened) == MAX_DEPTH:
                raise _too_deep()
            opened.append((value, path, _members(value, path)))
            ancestors.add(id(value))
            parts.append(f"{before}{'{' if isinstance(value, dict) else '['}")
            comma = ""
            break
        else:
            parts.append("}" if is_dict else "]")
            ancestors.discard(id(container))
            opened.pop()
            comma = ","
    return "".join(parts)


def _members(container: Any, path: _Path) -> _Members:
    if isinstance(container, dict):
        return iter([(key, container[key]) for key in _in_js_order(container, path)])
    return enumerate(container)


def _js_scalar(value: Any, path: _Path) -> str:
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
    reason = "is not a JSON type; store it as str, int, float, bool, None, list or dict"
    if any("model_dump" in vars(kind) for kind in type(value).__mro__):  # pydantic
        reason = "is not a JSON type; store what its method model_dump(mode='json') returns"
    _refuse_value(path, type(value).__name__, reason)


def _in_js_order(mapping: Mapping[Any, Any], path: _Path) -> list[str]:
    """Return the keys as ECMAScript's OrdinaryOwnPropertyKeys: array indexes first, ascending."""
    for key in mapping:
        if not isinstance(key, str):
            reason = "is not a key; the keys of JSON are str"
            _refuse_value((path, key), type(key).__name__, reason)
    # The comparison costs less than the call, and is enough for nearly all keys.
    indexes = [key for key in mapping if key < ":" and _is_array_index(key)]
    if not indexes:
        return [*mapping]
    return sorted(indexes, key=int) + [key for key in mapping if not _is_array_index(key)]


def _js_string(value: str) -> str:
    return json_encoder.encode_basestring(value)


def _is_array_index(key: str) -> bool:
    # The maximum, 2**32 - 2, has ten digits. isdigit alone would accept digits of other scripts.
    return (
        0 < len(key) <= 10  # noqa: PLR2004
        and key.isascii()
        and key.isdigit()
        and (key[0] != "0" or key == "0")
        and int(key) < 2**32 - 1
    )


def _js_integer(value: int, path: _Path) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        reason = f"has more than {sys.get_int_max_str_digits()} digits"
        _refuse_value(path, "int", reason)


def _js_number(value: float, path: _Path) -> str:
    """Write a double as ECMAScript's Number::toString: shortest digits, its own notation."""
    if not math.isfinite(value):
        reason = "is NaN or Infinity, which JSON cannot hold"
        _refuse_value(path, "float", reason)
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


# --- equality ----------------------------------------------------------------------------------


def same_contents(left: Any, right: Any, *, exact: bool = True) -> bool:
    """Whether contents are equal by value and, if ``exact``, by type and in the order of keys.

    Without recursion, so that contents of any depth can be compared. A tuple equals a list only
    if not ``exact``, because JSON has only lists. NaN equals NaN.
    """
    pairs = [(left, right)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys() or (exact and list(left) != list(right)):
                return False
            pairs += [(value, right[key]) for key, value in left.items()]
        elif isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            if len(left) != len(right):
                return False
            if exact and isinstance(left, tuple) is not isinstance(right, tuple):
                return False
            pairs += zip(left, right, strict=True)
        elif exact and type(left) is not type(right):  # a foreign type may refuse to be compared
            return False
        else:
            both_nan = left != left and right != right  # noqa: PLR0124
            if left != right and not both_nan:
                return False
    return True
