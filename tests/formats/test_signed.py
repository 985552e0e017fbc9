"""Values that Express, Fastify, Hono and Better Auth have signed.

``test_cookie_signature_vectors.py`` has the recorded values of the real packages.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.formats.signed import unsign
from cookiesession_core import ConfigurationError, Hidden, WeakKeyWarning
from tests.properties.strategies import ANY_TEXT
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER


def signature(text: str, secret: str = NEWEST) -> str:
    """Return the signature as Hono and Better Auth write it; the others drop the padding."""
    return b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


TEXTS = ["hello", "", "a.b.c", "100%", "%41", "s:hello", "é€😀", '{"a": "=+/"}']


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("padding", ["=", ""])
@pytest.mark.parametrize("prefix", ["", "s:"])
@pytest.mark.parametrize("secret", KEYS)
def test_the_text_is_returned_in_each_spelling(
    text: str, padding: str, prefix: str, secret: str
) -> None:
    value = f"{prefix}{text}.{signature(text, secret).rstrip('=')}{padding}"

    assert text == unsign(value, KEYS)
    assert text == unsign(quote(value, safe=""), [key.encode() for key in KEYS])


@given(ANY_TEXT.map(lambda text: text.encode("utf-8", "replace").decode()))
def test_any_text_can_be_signed(text: str) -> None:
    assert text == unsign(quote(f"{text}.{signature(text)}", safe=""), KEYS)


GOOD = signature("hello")


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "hello",
        "s:",
        "s:hello",
        "hello.",
        f"Hello.{GOOD}",
        f"s:s:hello.{GOOD}",
        f"j:hello.{GOOD}",
        f"hello.{GOOD[:-2]}",
        f"hello.{GOOD}=",
        f"hello.{GOOD.rstrip('=')}==",
        f"hello.{GOOD.lower()}",
        f"hello.{signature('hello', OTHER)}",
        f"hello.{GOOD[:20]} {GOOD[20:]}",
        f"hello.{GOOD}é",
        f"hello.\ud800{GOOD}",
        f"\ud800.{GOOD}",
        f"hello%.{GOOD}",
        f"hello%FF.{GOOD}",
        quote(quote(f"hello.{GOOD}", safe=""), safe=""),
    ],
)
def test_another_value_is_none(value: str) -> None:
    assert unsign(value, KEYS) is None


def test_a_signature_in_the_url_safe_alphabet_does_not_verify() -> None:
    text = next(each for each in map(str, range(100)) if {"+", "/"} <= {*signature(each)})
    value = f"{text}.{signature(text)}"

    assert text == unsign(value, KEYS)
    assert unsign(value.replace("+", "-").replace("/", "_"), KEYS) is None


@given(st.text() | st.text("%.+/=s:-_ 3DF", max_size=50))
def test_no_value_raises_and_none_that_is_not_signed_is_returned(value: str) -> None:
    for each in (value, f"{value}.{GOOD}", f"hello.{value}"):
        assert unsign(each, KEYS) in ([None, "hello"] if GOOD[:-1] in each else [None])


@pytest.mark.parametrize("value", [None, b"hello", 5, Hidden("hello")])
def test_a_value_that_is_not_text_raises(value: Any) -> None:
    with pytest.raises(TypeError, match=f"must be str, got {type(value).__name__}"):
        unsign(value, KEYS)


@pytest.mark.parametrize("wrong", [NEWEST, NEWEST.encode(), None, {NEWEST}, [], [""], [5]])
def test_wrong_secrets_raise_whatever_the_value_is(wrong: Any) -> None:
    for value in ("", "hello", f"hello.{GOOD}"):
        with pytest.raises(ConfigurationError):
            unsign(value, wrong)


def test_a_weak_secret_is_warned_of() -> None:
    with pytest.warns(WeakKeyWarning, match="public documentation"):
        unsign("hello", [OLDER, "keyboard cat"])
