"""Any cookie value to contents, any contents to a cookie value.

The first byte names the kind of the rest: a cookie value (``t`` latin-1, ``u`` UTF-8), JSON in a
cookie value (``j``), or a recipe for Python objects (``p``).

- ``decode`` raises nothing but ``ValueError``. It reads base64 as an independent model of
  Node's reader does, and JSON as the standard library does when that is strict.
- Whatever it returns can be written. What is written is base64, is read back equal, and is
  written the same again.
- ``encode`` raises nothing but ``SessionEncodeError``, and that for the same contents as the
  writer that goes by the rules of ECMAScript. Where it writes, both write the same.
- ``FastJSONCodec`` returns and raises the same.
"""

from __future__ import annotations

import base64
import enum
import itertools
import json
import math
import re
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NoReturn

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import JSONCodec, SessionEncodeError
from cookiesession_core.ecma_json import SHALLOW, _by_the_rules, dumps
from tests.support.equality import as_read_back, nearly_equal

codec = JSONCodec()
fast = FastJSONCodec()

_SIX_BITS = {
    **{chr(ord("A") + index): index for index in range(26)},
    **{chr(ord("a") + index): index + 26 for index in range(26)},
    **{str(index): index + 52 for index in range(10)},
    "+": 62,
    "-": 62,
    "/": 63,
    "_": 63,
}
DEEPEST = 500
MAX_VALUES = 64
"""In one recipe; more of them take longer and show nothing new."""


def run(data: bytes) -> None:
    kind, rest = data[:1], data[1:]
    if kind == b"p":
        check_writing(Recipe(rest).contents())
    elif kind == b"j":
        check_reading(base64.b64encode(rest).decode())
    elif kind == b"u":
        check_reading(rest.decode("utf-8", "surrogateescape"))
    else:
        check_reading(rest.decode("latin-1"))


def outcome(convert: Callable[[Any], object], value: object) -> object:
    """Return the result, or the exception."""
    try:
        return convert(value)
    except (ValueError, SessionEncodeError) as error:
        return type(error), str(error)


# --- reading ---------------------------------------------------------------------------------


def check_reading(text: str) -> None:
    assert outcome(codec.decode, text) == outcome(fast.decode, text)
    expected = read_by_other_means(text)
    try:
        contents = codec.decode(text)
    except ValueError:
        assert expected is None
        return
    assert isinstance(contents, dict)
    assert expected == contents
    written = check_written(contents)
    assert written is not None


def read_by_other_means(text: str) -> dict[str, Any] | None:
    def refuse(name: str) -> NoReturn:
        raise ValueError(name)

    def double(text: str) -> float | None:
        return float(text) if math.isfinite(float(text)) else None

    json_text = bytes(bytes_as_node(text)).decode("utf-8", "replace")
    try:
        value = json.loads(json_text, parse_constant=refuse, parse_float=double)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and levels(json_text) <= DEEPEST else None


def levels(json_text: str) -> int:
    without_strings = re.sub(r'"(?:[^"\\]|\\.)*"', "", json_text)
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[][{}]", without_strings))
    return max(itertools.accumulate(steps))


def bytes_as_node(text: str) -> Iterator[int]:
    """Read base64 as ``Buffer.from``: six bits at a time, up to the first ``=``."""
    bits = count = 0
    for character in text:
        if character == "=":
            return
        six = _SIX_BITS.get(character)
        if six is None:
            continue
        bits, count = (bits << 6 | six) & 0xFFFF, count + 6
        if count >= 8:
            count -= 8
            yield bits >> count & 0xFF


# --- writing ---------------------------------------------------------------------------------


def check_writing(contents: dict[Any, Any]) -> None:
    assert outcome(codec.encode, contents) == outcome(fast.encode, contents)
    text = check_written(contents)
    if text is None:
        return
    read = codec.decode(text)
    assert nearly_equal(as_read_back(plain(contents)), read)


def check_written(contents: dict[Any, Any]) -> str | None:
    """Write with both writers; return the cookie value, or ``None`` if both refuse."""
    try:
        text = codec.encode(contents)
    except SessionEncodeError:
        try:
            _by_the_rules(contents)
        except SessionEncodeError:
            return None
        raise
    json_bytes = _by_the_rules(contents)
    assert json_bytes == dumps(dict(contents)) == base64.b64decode(text)
    # A long text is searched by other means than a short one.
    longer = {**contents, "longer": "x" * SHALLOW}
    assert _by_the_rules(longer) == dumps(longer)
    assert re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text)
    assert text == codec.encode(codec.decode(text))
    return text


def plain(value: Any) -> Any:
    """Return a value without the subclasses that JSON does not know."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


class Colour(enum.IntEnum):
    RED = 1


class Word(str):
    __slots__ = ()


class Recipe:
    """Builds Python objects from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.left = MAX_VALUES

    def take(self, count: int) -> bytes:
        taken = self.data[self.position : self.position + count]
        self.position += count
        return taken.ljust(count, b"\0")

    def byte(self) -> int:
        return self.take(1)[0]

    def contents(self) -> dict[Any, Any]:
        return {self.key(): self.value() for _ in range(self.byte() % 8)}

    def text(self) -> str:
        """Any UTF-16, lone surrogates included."""
        return self.take(2 * (self.byte() % 8)).decode("utf-16-le", "surrogatepass")

    def latin_1(self) -> str:
        return self.take(self.byte() % 12).decode("latin-1")

    def key(self) -> Any:
        kind = self.byte()
        odd = {0: None, 1: True, 2: 7, 3: 1.5, 4: b"a", 5: Word("w"), 6: (), 7: Colour.RED}
        return odd[kind] if kind in odd else self.text() if kind % 2 else self.latin_1()

    def value(self) -> Any:
        if not self.left or self.position >= len(self.data):
            return None
        self.left -= 1
        return self.MAKERS[self.byte() % len(self.MAKERS)](self)

    def items(self) -> list[Any]:
        return [self.value() for _ in range(self.byte() % 6)]

    def tall(self) -> list[Any]:
        value: list[Any] = []
        for _ in range(self.byte() % 64):
            value = [value]
        return value

    def double(self) -> float:
        value: float = struct.unpack(">d", self.take(8))[0]
        return value

    def decimal(self) -> float:
        """A double of few digits, as people write them, near where notations change."""
        return float(f"{self.byte() - 128}e{self.byte() % 64 - 32}")

    def nothing_like_json(self) -> Any:
        odd: tuple[Any, ...] = (
            set(),
            b"",
            Decimal(1),
            object(),
            math.nan,
            math.inf,
            1j,
            range(2),
            frozenset(),
        )
        return odd[self.byte() % len(odd)]

    def circular(self) -> list[Any]:
        value: list[Any] = []
        value.append(value)
        return value

    MAKERS: tuple[Callable[[Recipe], Any], ...] = (
        text,
        latin_1,
        items,
        contents,
        double,
        decimal,
        lambda self: int.from_bytes(self.take(self.byte() % 40), "big", signed=True),
        lambda self: self.byte(),
        lambda self: (None, True, False, Colour.RED, Word("w"))[self.byte() % 5],
        lambda self: tuple(self.items()),
        lambda self: OrderedDict(self.contents()),
        tall,
        # One in eight of these, so that most contents can be written.
        lambda self: self.nothing_like_json() if self.byte() % 8 == 0 else self.byte(),
        lambda self: self.circular() if self.byte() % 8 == 0 else self.byte(),
    )
