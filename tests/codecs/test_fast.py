"""``FastJSONCodec`` equals ``JSONCodec``: same text, same contents, same errors."""

from __future__ import annotations

import array
import dataclasses
import datetime as dt
import enum
import uuid
from base64 import b64encode
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typing_extensions import Self

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import CookieSession, JSONCodec, SessionEncodeError
from tests.properties.strategies import ANY_BYTES, ANY_TEXT, CONTENTS
from tests.support.keys import KEYS

fast, ours = FastJSONCodec(), JSONCodec()


def outcome(function: Callable[[Any], Any], argument: Any) -> str:
    """The result of a call, with all types and the order of keys."""
    try:
        return repr(function(argument))
    except (SessionEncodeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Fraction(float):
    pass


class Members(dict[str, Any]):
    pass


class Items(list[Any]):
    pass


class Plain(enum.Enum):
    A = "x"


class Whole(enum.IntEnum):
    A = 1


class Word(str, enum.Enum):
    A = "x"


class Misleading(str, enum.Enum):
    """Its value, which ``msgspec`` writes, differs from its text as a ``str``."""

    value: str
    A = "x"

    def __new__(cls, text: str) -> Self:
        member = str.__new__(cls, text)
        member._value_ = f"not {text}"
        return member


class Bytes(bytes, enum.Enum):
    """As ``Misleading``, of a type that JSON lacks."""

    value: str
    A = b"x"

    def __new__(cls, raw: bytes) -> Self:
        member = bytes.__new__(cls, raw)
        member._value_ = "x"
        return member

    __repr__ = bytes.__repr__


class AllEqual:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("a")


@dataclasses.dataclass
class Record:
    a: int = 1


class Struct(msgspec.Struct):
    a: int = 1


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - the untyped one is as good


def nested(depth: int, value: Any = 1) -> Any:
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def containing_itself() -> list[Any]:
    items: list[Any] = [1, {}]
    items[1]["again"] = items
    return items


@pytest.mark.parametrize(
    "value",
    [
        *(1.0, -0.0, 0.0, 1e15, 1e16, 1.5e16, 1e20, 1e21, 1e22, 1.5e300, 4503599627370496.5),
        *(1e-4, 1e-5, 1.5e-5, 1e-6, 1.5e-6, 1e-7, 5e-324, -1e-7, 123456.789, 0.1 + 0.2, 9.95),
        *(float("nan"), float("inf"), float("-inf"), [float("nan"), None]),
        *(2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**4299, -(10**4299), 10**5000),
        *(
            "\ud800",
            "\udd11",
            "\ud83d\udd11",
            "\u2028\u2029\x7f\x80é🔑",
            "".join(map(chr, range(32))),
        ),
        *("/<>&'\"\\", "\0", "1.0", "1e+16", "v1.0 2e+3 4e-5", "null"),
        *(True, False, None, (), (1, (2.5, "x")), Pair(1, 2)),
        *(Text("s"), Number(3), Fraction(1.5), Members(a=1), Items([1]), OrderedDict(a=1)),
        *(Plain.A, Whole.A, Word.A, Misleading.A, Bytes.A),
        *(dt.datetime(2024, 1, 1), dt.date(2024, 1, 1), dt.time(1), dt.timedelta(1)),  # noqa: DTZ001
        *(uuid.UUID(int=1), Decimal(1), {1}, frozenset({"a"}), 1j, ..., object),
        *(b"x", bytearray(b"x"), memoryview(b"x"), array.array("i", [1])),
        *(Record(), Struct(), msgspec.Raw(b"[1]"), msgspec.UNSET, msgspec.json.Decoder()),
        *(
            {"a": 1, "9": 2},
            {"b": 1, "10": 2, "9": 3},
            {"01": 1, "-1": 2, "1.5": 3, "": 4},
            {"٣": 1, "1": 2},
        ),
        *({"4294967295": 1, "4294967294": 2, " ": 3, "$start": 4, ":": 5}, {"true": 1, "null": 2}),
        *({1: 2}, {True: 1}, {None: 1}, {1.5: 1}, {(1,): 1}, {b"x": 1}, {dt.date(2024, 1, 1): 1}),
        *({Text("s"): 1}, {Word.A: 1}, {Misleading.A: 1}, {Plain.A: 1}, {Whole.A: 1}),
        *({uuid.UUID(int=1): 1}, {Decimal(1): 1}, {AllEqual(): 1}, AllEqual(), [AllEqual()]),
        # The same key in two dicts: the second of two equal keys is not plain text.
        *([{"x": 1}, {Word.A: 1}], [{"not x": 1}, {Misleading.A: 1}]),
        *(containing_itself(), [[]] * 1000, MappingProxyType({"a": 1})),
        *map(nested, range(495, 502)),
        *(nested(200), nested(600), nested(5000), nested(100_000), nested(300, 1.0)),
        *(nested(200, {1}), nested(200, "\ud800"), nested(200, float("nan"))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_value_is_written_as_by_json_codec(value: Any) -> None:
    for contents in ({"v": value}, {"v": [0, {"w": value}]}, {"v": None, "a": (value, "x")}):
        assert outcome(ours.encode, contents) == outcome(fast.encode, contents)


@pytest.mark.parametrize(
    "contents",
    [
        {},
        {"10": 1, "9": 2},
        {1: 2},
        MappingProxyType({"a": 1}),
        Members(a=1),
        OrderedDict(b=1, a=2),
    ],
    ids=repr,
)
def test_every_mapping_is_written_as_by_json_codec(contents: Any) -> None:
    assert outcome(ours.encode, contents) == outcome(fast.encode, contents)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"null", b"[1]", b'"x"', b"1e1000", b"{}", b'{"":1}', b"{", b"}", b'{"a"', b'{"a":'),
        *(b'{"a":%s}' % word for word in (b"NaN", b"Infinity", b"-Infinity", b"nul", b"truex")),
        *(b'{"a":%s}' % number for number in (b"1e400", b"-1e400", b"1e-400", b"-0", b"-0.0")),
        *(
            b'{"a":%s}' % number
            for number in (b"1.0", b"1E5", b"1e+05", b"1.", b"01", b"+1", b".5")
        ),
        *(b'{"a":%s}' % number for number in (b"1e", b"-", b"1e5.5", b"0x1", b"1_0", b"0e5")),
        *(
            b'{"a":%d}' % number
            for number in (
                2**53 + 1,
                2**64 - 1,
                2**64,
                19730644941249506549,
                -(2**63),
                -(2**63) - 1,
            )
        ),
        *(b'{"a":%s}' % (b"9" * digits) for digits in (30, 400, 4300, 4301)),
        *(b'{"a":-%s}' % (b"9" * digits) for digits in (30, 400, 4299, 4300, 4301)),
        *(b'{"a":1%s.0}' % (b"0" * 310), b'{"a":0.%s1}' % (b"0" * 400)),
        *(b'{"a":1.7976931348623157e308}', b'{"a":1.7976931348623159e308}', b'{"a":5e-324}'),
        *(b'{"a":2.2250738585072014e-308}', b'{"a":9007199254740993.0}', b'{"a":0.1,"b":4.35}'),
        *(b'{"a":1,"a":2}', b'{"a":1,"b":3,"a":2}', b'{"10":1,"9":2}'),
        *(b'{"a":"%s"}' % text for text in (b"\xff", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80")),
        *(b'{"a":"%s"}' % text for text in (b"\x01", b"\x7f", b"\xc2\x85", b"\xf4\x90\x80\x80")),
        *(
            b'{"a":"\\%s"}' % text
            for text in (b"ud800", b"udd11", b"ud83d\\udd11", b"uD83D\\uDD11")
        ),
        *(
            b'{"a":"\\%s"}' % text
            for text in (b"ud800\\ud83d\\udd11", b"ud800x", b"u0000", b"u00e9")
        ),
        *(
            b'{"a":"\\%s"}' % text
            for text in (b"u00", b"u+123", b"u 123", b"u1_23", b"x", b"'", b"")
        ),
        *(b'{"a":"\\%s"}' % text for text in (b"/", b"b", b"f", b"n", b"r", b"t", b'"', b"\\")),
        *(
            b'{"\xff":1}',
            b'{"\\ud800":1}',
            b'\xef\xbb\xbf{"a":1}',
            b'\xff\xfe{\0"\0a\0"\0:\x001\0}\0',
        ),
        *(b' \t\r\n{"a" : [ 1 , 2 ] }\n ', b'\x0c{"a":1}', b'\xc2\xa0{"a":1}', b'{"a":1}\0'),
        *(
            b'{"a":1} x',
            b'{"a":1}{',
            b'{"a":1,}',
            b'{"a":[1,]}',
            b"{'a':1}",
            b"{a:1}",
            b'{"a":1//x\n}',
        ),
        *(b'{"a":"??>"}', b'{"a":"\xff\xff\xff"}', b'{"a":"~~~~>>>>"}'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        *(b'{"a":' + b"[" * levels + b"]" * levels + b"}" for levels in (499, 500)),
    ],
)
def test_every_text_is_read_as_by_json_codec(raw: bytes) -> None:
    standard = b64encode(raw).decode()

    for text in (
        *(standard, standard.rstrip("="), standard.replace("+", "-").replace("/", "_")),
        *(f"{standard}=", f" {standard}", f"{standard}\n", f"{standard}A", f"{standard}é"),
        *(f"\u2603{standard}", f"\ud800{standard}", f"\\{standard}", f'"{standard}"', standard * 2),
    ):
        assert outcome(ours.decode, text) == outcome(fast.decode, text)


HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.sampled_from([Text("s"), Number(3), Fraction(1.5), Whole.A, Word.A, Misleading.A])
    | st.sampled_from([Plain.A, Bytes.A, b"x", uuid.UUID(int=1), Decimal(1), Record(), Struct()])
    | st.dates()
    | st.binary(max_size=4),
    lambda children: (
        st.lists(children, max_size=4)
        | st.lists(children, max_size=4).map(tuple)
        | st.sets(st.integers(), max_size=2)
        | st.dictionaries(
            ANY_TEXT | st.integers(0, 2**33).map(str) | st.integers() | st.just(Misleading.A),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(CONTENTS | st.dictionaries(ANY_TEXT, HOSTILE, max_size=6))
@example({"n": 1e-4})
@example({"n": 999999999999999.9})
def test_any_structure_is_written_as_by_json_codec(contents: dict[str, Any]) -> None:
    assert outcome(ours.encode, contents) == outcome(fast.encode, contents)


@given(CONTENTS)
def test_anything_that_was_written_is_read_as_by_json_codec(contents: dict[str, Any]) -> None:
    text = ours.encode(contents)

    assert outcome(ours.decode, text) == outcome(fast.decode, text)


PIECES = (
    *(b'{"a":', b"}", b"[", b"]", b",", b":", b'"', b'"b":', b"{", b" ", b"\n", b"\0", b"\xff"),
    *(b"1", b"-", b"0", b".", b"e", b"E", b"+", b"9" * 20, b"1e400", b"true", b"null", b"NaN"),
    *(
        b"\\",
        b"\\u",
        b"d83d",
        b"\\udd11",
        b"00e9",
        b"\xe2\x82\xac",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
    ),
)


@given(ANY_BYTES | st.lists(st.sampled_from(PIECES)).map(b"".join), st.data())
def test_any_text_is_read_as_by_json_codec(raw: bytes, data: st.DataObject) -> None:
    wrapped = b64encode(b'{"a":%s}' % raw).decode()
    start = data.draw(st.integers(0, len(wrapped)))
    stop = start + data.draw(st.integers(0, 2))
    mutated = wrapped[:start] + data.draw(st.text("A=-_+ \n\\é", max_size=2)) + wrapped[stop:]

    for text in (b64encode(raw).decode(), wrapped, mutated, raw.decode("latin-1")):
        assert outcome(ours.decode, text) == outcome(fast.decode, text)


@given(st.text("0123456789.-+eE", max_size=40), st.floats())
def test_any_number_is_read_as_by_json_codec(number: str, double: float) -> None:
    for digits in (number, repr(double), f"{double:.30f}", f"{double:.25e}"):
        text = b64encode(f'{{"n":{digits}}}'.encode()).decode()

        assert outcome(ours.decode, text) == outcome(fast.decode, text)


def test_a_usual_session_needs_no_part_of_json_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {
        "views": 41,
        "user": {"id": 90_125, "name": "Zoë", "roles": ["editor", "author"], "score": 9.95},
        "csrf": "0c5e1f7a-9b3d-48c6-a2e4-f607185d29b4",
        "next": None,
        "$start": 1705321845678,
        "flags": (True, False),
        "cart": [{"sku": f"SKU-{number}", "item2": number} for number in range(40)],
    }
    text = ours.encode(contents)
    for part in ("to_json", "to_base64", "from_base64"):
        monkeypatch.delattr(JSONCodec, part)

    assert text == fast.encode(contents)
    assert {**contents, "flags": [True, False]} == fast.decode(text)


def test_a_session_goes_from_one_codec_to_the_other() -> None:
    plain, faster = CookieSession(keys=KEYS), CookieSession(keys=KEYS, codec=fast)
    contents = {"user": 7, "name": "Zoë", "price": 9.95, "total": 20.0}

    assert contents == faster.decode(plain.encode(contents))
    assert plain.encode(contents) == faster.encode(contents)
