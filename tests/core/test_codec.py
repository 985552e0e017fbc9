"""Cookie values as Node reads them."""

from __future__ import annotations

import base64
from types import MappingProxyType
from typing import Any

import pytest

from cookiesession_core import JSONCodec, SessionEncodeError


def read(raw: bytes) -> dict[str, Any]:
    return JSONCodec().decode(base64.b64encode(raw).decode())


@pytest.mark.parametrize("leaf", ["1.0", {"1": 2}, [{}] * 300])
def test_contents_that_can_be_written_can_be_read_and_the_other_way_round(leaf: Any) -> None:
    def nested(levels: int) -> dict[str, Any]:
        inner = leaf
        for _ in range(levels // 2):
            inner = [{"a": inner}]
        return {"a": inner}

    deepest = nested(490)
    assert deepest == JSONCodec().decode(JSONCodec().encode(deepest))
    with pytest.raises(SessionEncodeError, match="nested more than 500 levels deep"):
        JSONCodec().encode(nested(502))
    # C code nests deeper than Python code may, in some interpreters.
    with pytest.raises(ValueError, match="nested too deeply"):
        read(b'{"a":' + b"[" * 500 + b'"1.0"' + b"]" * 500 + b"}")
    assert {"a"} == read(b'{"a":' + b"[" * 499 + b'"1.0"' + b"]" * 499 + b"}").keys()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[1]",
        b'"x"',
        b"1e1000",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":.5}',
        b'{"a":1} x',
        b'\xef\xbb\xbf{"a":1}',
        b'\xc2\xa0{"a":1}',
        b'{"a":"\x01"}',
        b"[" * 100_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_anything_but_a_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind of error is the contract
        read(raw)


@pytest.mark.parametrize(
    ("raw", "contents"),
    [
        (b' \t\r\n{"a": [1, 2.5, 1e2]}\n', {"a": [1, 2.5, 100.0]}),
        (b'{"a":1e400,"b":-1e400}', {"a": None, "b": None}),
        (b'{"a":9007199254740993}', {"a": 9007199254740993}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":"\xe2\x82"}', {"a": "�"}),
        (b'{"a":"\\ud800\\ud83d\\udd11"}', {"a": "\ud800🔑"}),
    ],
)
def test_it_reads_the_same_contents_as_node(raw: bytes, contents: dict[str, Any]) -> None:
    assert contents == read(raw)


@pytest.mark.parametrize(
    "text",
    [
        "eyJhIjoiPz8+In0=",
        "eyJhIjoiPz8-In0",
        "eyJh IjoiPz8+In0==",
        "eyJh  IjoiPz8+In0",
        "eyJhéIjoi\u2603Pz8+In0=A",
    ],
)
def test_base64_is_read_as_leniently_as_node_does(text: str) -> None:
    assert {"a": "??>"} == JSONCodec().decode(text)


def test_four_characters_of_the_other_alphabet_are_three_bytes() -> None:
    assert {"a": "\ufffd\ufffd\ufffdx"} == JSONCodec().decode("eyJhIjoi____eCJ9")


def test_a_last_group_of_one_character_is_ignored() -> None:
    assert {"ab": 12} == JSONCodec().decode(base64.b64encode(b'{"ab":12}').decode() + "A")


@pytest.mark.parametrize("before", [b"", b" "])
def test_deep_nesting_is_not_confused_with_many_lists(before: bytes) -> None:
    flat = b'{"a":[' + b"[]," * 600 + b"[]]}"
    assert {"a": [[]] * 601} == read(before + flat)
    with pytest.raises(ValueError, match="nested too deeply"):
        read(before + b'{"a":' + b"[" * 500 + b"]" * 500 + b"}")


def test_any_mapping_is_written_as_a_dict() -> None:
    assert JSONCodec().encode({"a": [1]}) == JSONCodec().encode(MappingProxyType({"a": [1]}))


def test_contents_are_plain_where_every_json_library_agrees_with_node() -> None:
    assert JSONCodec.is_plain({"a": [1, "x", None]})
    assert not JSONCodec.is_plain({"a": [1.0]})


def test_codecs_of_one_type_are_equal() -> None:
    class Own(JSONCodec):
        def __init__(self, version: int = 1) -> None:
            self.version = version

    assert JSONCodec() == JSONCodec()
    assert hash(JSONCodec()) == hash(JSONCodec())
    assert JSONCodec() != Own()
    assert Own(1) == Own(1)
    assert Own(1) != Own(2)
