"""Contents as `JSON.stringify` writes them."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections import OrderedDict
from decimal import Decimal
from json import encoder
from types import MappingProxyType
from typing import Any

import pytest

from cookiesession_core import JSONCodec, SessionEncodeError, ecma_json
from cookiesession_core.ecma_json import _make_c_chunks

LONG = "Saved - at last. " * 70


def written(contents: Any) -> str:
    return base64.b64decode(JSONCodec().encode(contents)).decode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (-2.5, "-2.5"),
        (1e16, "10000000000000000"),
        (1.2345678901234568e20, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.0001, "0.0001"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        ([1.0, 123456.789, 0.05, -1e-7], "[1,123456.789,0.05,-1e-7]"),
        (2**53 + 1, "9007199254740993"),
        (True, "true"),
        (None, "null"),
        ((1, "x", []), '[1,"x",[]]'),
        ('é\u2028\x7f/\x01\n"\\', '"é\u2028\x7f/\\u0001\\n\\"\\\\"'),
        ("\ud800", '"\\ud800"'),
        ("\ud83d\udd11", '"🔑"'),
        ({}, "{}"),
        (OrderedDict(a=1), '{"a":1}'),
        ({"b": 1.0, "10": False, "9": None, "01": "x"}, '{"9":null,"10":false,"b":1,"01":"x"}'),
        ({"٣": 1, "1": 2, "": 3}, '{"1":2,"٣":1,"":3}'),
        ({"4294967295": 1, "4294967294": 2}, '{"4294967294":2,"4294967295":1}'),
        ("v1.0 2e+3 4e-5", '"v1.0 2e+3 4e-5"'),
        ({"true": 1, "null": 2, "-1": 3}, '{"true":1,"null":2,"-1":3}'),
        ({"line2": 1, "line1": 2, "10": 3}, '{"10":3,"line2":1,"line1":2}'),
        ({"line2": 1, "line1": 2}, '{"line2":1,"line1":2}'),
    ],
)
def test_the_text_is_that_of_json_stringify(value: Any, text: str) -> None:
    assert f'{{"v":{text}}}' == written({"v": value})
    assert f'{{"v":{text},"long":"{LONG}"}}' == written({"v": value, "long": LONG})


def test_any_mapping_is_written() -> None:
    assert '{"a":1}' == written(MappingProxyType({"a": 1}))


class Unknown:
    pass


@pytest.mark.parametrize(
    ("contents", "path", "type_name"),
    [
        ({"cart": [0, 1, {"price": Decimal(1)}]}, "session['cart'][2]['price']", "Decimal"),
        ({"at": dt.datetime(2024, 1, 1)}, "session['at']", "datetime"),  # noqa: DTZ001
        ({"tags": {"a"}}, "session['tags']", "set"),
        ({"b": b"bytes"}, "session['b']", "bytes"),
        ({"x": [Unknown()]}, "session['x'][0]", "Unknown"),
        ({"n": float("nan")}, "session['n']", "float"),
        ({"n": [float("-inf")]}, "session['n'][0]", "float"),
        ({1: "x"}, "session[1]", "int"),
        ({"a": {-1: "x"}}, "session['a'][-1]", "int"),
        ({"a": [{True: "x"}]}, "session['a'][0][True]", "bool"),
        ({"a": {None: "x"}}, "session['a'][None]", "NoneType"),
        ({"a": {1.5: "x"}}, "session['a'][1.5]", "float"),
        ({"a": {(1, 2): "x"}}, "session['a'][(1, 2)]", "tuple"),
        ({"big": 10**5000}, "session['big']", "int"),
    ],
)
def test_a_value_that_json_cannot_hold_is_named_with_its_path(
    contents: Any, path: str, type_name: str
) -> None:
    for long in ({}, {"long": LONG}):
        with pytest.raises(SessionEncodeError) as caught:
            JSONCodec().encode({**contents, **long})

        assert (path, type_name) == (caught.value.path, caught.value.type_name)
        assert str(caught.value).startswith(f"{path}: {type_name} ")


def test_a_value_that_contains_itself_is_named() -> None:
    inner: list[Any] = []
    inner.append({"again": inner})

    with pytest.raises(SessionEncodeError, match=r"session\['a'\]\[0\]\['again'\]: list contains"):
        JSONCodec().encode({"a": inner})


def test_nesting_without_end_is_an_error_and_not_a_crash() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(SessionEncodeError, match="nested more than 500 levels deep"):
        JSONCodec().encode({"a": deep})


def test_the_error_for_a_pydantic_model_names_its_method() -> None:
    class Model:
        def model_dump(self) -> None: ...

    class User(Model):
        pass

    with pytest.raises(SessionEncodeError, match=r"User .*; store what its method model_dump\("):
        written({"user": User()})


def test_many_lists_are_written_like_few_lists() -> None:
    assert f'{{"a":[{",".join(["[1]"] * 600)}]}}' == written({"a": [[1.0]] * 600})
    assert f'{{"a":[{",".join(["[1]"] * 600)}]}}' == written({"a": [[1]] * 600})


def test_the_limit_is_the_same_where_c_code_nests_less_deep_than_python_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise RecursionError

    def nested(levels: int) -> dict[str, Any]:
        inner: list[Any] = []
        for _ in range(levels - 2):
            inner = [inner]
        return {"a": inner}

    expected = JSONCodec().encode(nested(500))
    monkeypatch.setattr(ecma_json, "_c_chunks", fails)

    assert expected == JSONCodec().encode(nested(500))
    with pytest.raises(SessionEncodeError, match="nested more than 500 levels deep"):
        JSONCodec().encode(nested(501))


def test_without_the_undocumented_c_encoder_the_text_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contents = {"a": [1, True, None, "é\n"], "b": {"c": 1.5}}
    fast = "".join(_make_c_chunks()(contents, 0))
    monkeypatch.setattr(encoder, "c_make_encoder", None)

    assert fast == "".join(_make_c_chunks()(contents, 0))
    assert fast == json.dumps(contents, ensure_ascii=False, separators=(",", ":"))
