from __future__ import annotations

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import Codec, JSONCodec, SessionEncodeError
from cookiesession_core.codec import _lenient_base64
from cookiesession_core.ecma_json import _by_the_rules, _c_chunks, dumps
from tests.properties.strategies import ANY_BYTES, CONTENTS
from tests.support.equality import as_read_back, nearly_equal

with_each_codec = pytest.mark.parametrize(
    "codec", [JSONCodec(), FastJSONCodec()], ids=lambda codec: type(codec).__name__
)


@with_each_codec
@given(contents=CONTENTS)
def test_written_contents_are_read_back(codec: Codec, contents: dict[str, Any]) -> None:
    assert nearly_equal(as_read_back(contents), codec.decode(codec.encode(contents)))


@with_each_codec
@given(contents=CONTENTS)
def test_contents_that_were_read_are_written_as_the_same_text(
    codec: Codec, contents: dict[str, Any]
) -> None:
    text = codec.encode(contents)

    assert text == codec.encode(codec.decode(text))


# Two searches find values that JavaScript writes in another way: one for short texts, one for
# long texts.
LONG = {"long": "Saved - at last. " * 70}
with_any_length = pytest.mark.parametrize("more", [{}, LONG], ids=["short", "long"])


@with_any_length
@given(contents=CONTENTS)
def test_the_fast_writer_and_the_one_by_the_rules_agree(
    more: dict[str, Any], contents: dict[str, Any]
) -> None:
    contents = {**contents, **more}

    assert _by_the_rules(contents) == dumps(contents)


NO_KEYS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)


@with_any_length
@with_each_codec
@given(key=NO_KEYS, others=st.dictionaries(st.text(), st.none()), first=st.booleans())
def test_the_error_names_a_key_that_is_not_text(
    more: dict[str, Any],
    codec: Codec,
    key: Any,
    others: dict[Any, None],
    first: bool,  # noqa: FBT001
) -> None:
    inner = {key: 1, **others} if first else {**others, key: 1}

    with pytest.raises(SessionEncodeError, match="is not a key") as caught:
        codec.encode({"a": [inner], **more})

    assert f"session['a'][0][{key!r}]" == caught.value.path


@given(CONTENTS)
def test_the_c_encoder_writes_like_json_dumps(contents: dict[str, Any]) -> None:
    expected = json.dumps(contents, ensure_ascii=False, separators=(",", ":"))

    assert expected == "".join(_c_chunks(contents, 0))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(number: float) -> None:
    text = dumps({"n": number})[5:-1]

    assert math.isclose(number, float(text), rel_tol=0, abs_tol=0)


@given(ANY_BYTES)
def test_base64_of_any_bytes_is_read_in_every_spelling(data: bytes) -> None:
    standard = base64.b64encode(data).decode()

    for text in (
        standard,
        standard.rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
        " ".join(standard),
        standard + "=ignored",
    ):
        assert data == _lenient_base64(text) or ("=" not in standard and "ign" in text)


@with_each_codec
@given(data=ANY_BYTES | st.text().map(lambda text: text.encode()))
def test_any_bytes_hold_a_dict_or_are_refused(codec: Codec, data: bytes) -> None:
    for text in (data.decode("latin-1"), base64.b64encode(data).decode()):
        try:
            contents = codec.decode(text)
        except ValueError:
            continue
        assert isinstance(contents, dict)
