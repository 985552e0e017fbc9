from __future__ import annotations

import json
import pickle
from base64 import b64encode, urlsafe_b64decode
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.codecs.fernet import FernetCodec
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    JSONCodec,
    Outcome,
    SessionEncodeError,
    Written,
)
from tests.properties.strategies import ANY_BYTES, CONTENTS
from tests.support.cookies import cookie_header, sent_back
from tests.support.keys import KEYS

NEWEST, OLDER, OTHER = (Fernet.generate_key().decode() for _ in range(3))
codec = FernetCodec([NEWEST, OLDER])


class Markup(str):
    """Text of another type, as template engines have it."""

    __slots__ = ()


def sessions(*keys: str, **options: Any) -> CookieSession:
    return CookieSession(keys=KEYS, codec=FernetCodec(keys or (NEWEST,)), **options)


@given(CONTENTS)
def test_contents_are_read_back_as_from_json_codec(contents: dict[str, Any]) -> None:
    plain = JSONCodec()

    assert plain.decode(plain.encode(contents)) == codec.decode(codec.encode(contents))


def test_a_cookie_shows_nothing_of_the_contents() -> None:
    cookies = sessions().encode({"user": "Zoë Österreich"})
    raw = urlsafe_b64decode(cookies["session"])

    assert b"user" not in raw
    assert "Zoë".encode() not in raw


def test_any_fernet_library_reads_the_json_of_json_stringify() -> None:
    text = Fernet(NEWEST).decrypt(codec.encode({"name": "Zoë", "price": 1.0}))

    assert '{"name":"Zoë","price":1}' == text.decode()


def test_each_token_is_different() -> None:
    assert codec.encode({"a": 1}) != codec.encode({"a": 1})


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    text = FernetCodec([OLDER]).encode({"a": 1})

    assert {"a": 1} == codec.decode(text)
    assert {"a": 1} == FernetCodec([NEWEST.encode()]).decode(codec.encode({"a": 1}))
    with pytest.raises(ValueError, match="not a token of any of the keys"):
        FernetCodec([OLDER]).decode(codec.encode({"a": 1}))


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[1]", b'{"a":NaN}', b"\x80\x04}\x94.", b"[" * 100_000]
)
def test_a_token_without_a_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind of error is the contract
        codec.decode(Fernet(NEWEST).encrypt(raw).decode())


@given(ANY_BYTES | st.text().map(lambda text: text.encode()), st.text())
def test_any_text_that_is_not_a_token_is_refused(raw: bytes, text: str) -> None:
    token = codec.encode({"a": 1})
    for hostile in (text, raw.decode("latin-1"), b64encode(raw).decode(), token[:-5] + text):
        try:
            contents = codec.decode(hostile)
        except ValueError:
            continue
        assert contents == {"a": 1}  # the token itself, spelled in another way


def test_a_token_is_bound_to_the_name_of_its_cookie() -> None:
    cookies = sessions(name="one").encode({"admin": True})

    moved = {"two": cookies["one"], "two.sig": cookies["one.sig"]}

    assert sessions(name="two").decode(moved) is None


def test_a_session_lives_through_requests_and_key_rotation() -> None:
    before, between, after = sessions(OLDER), sessions(NEWEST, OLDER), sessions(NEWEST)
    session = before.open("")
    session["views"] = 1
    header = sent_back(session.commit())

    session = between.open(header)
    session["views"] += 1
    header = sent_back(session.commit())

    assert {"views": 2} == dict(after.open(header))


def test_a_session_of_a_dropped_key_is_malformed() -> None:
    session = sessions(NEWEST).open(cookie_header(sessions(OTHER).encode({"a": 1})))

    assert Outcome.MALFORMED is session.outcome
    assert {} == dict(session)


def test_a_plain_session_is_malformed() -> None:
    plain = CookieSession(keys=KEYS).encode({"a": 1})

    assert Outcome.MALFORMED is sessions().open(cookie_header(plain)).outcome


def test_a_value_that_json_cannot_hold_is_named_with_its_path() -> None:
    with pytest.raises(SessionEncodeError, match=r"session\['a'\]\[0\]: set "):
        codec.encode({"a": [{1}]})


def test_reading_text_or_numbers_sends_nothing() -> None:
    session = sessions().open(cookie_header(sessions().encode({"views": 1, "name": "Zoë"})))

    assert (1, "Zoë") == (session["views"], session["name"])
    assert [] == session.commit()


@pytest.mark.parametrize("idle_timeout", [None, timedelta(days=1)])
def test_reading_a_list_sends_nothing(idle_timeout: timedelta | None) -> None:
    configured = sessions(idle_timeout=idle_timeout)
    first = configured.open("")
    first.update(cart=[1, 2], user={"id": 7})
    header = sent_back(first.commit())
    session = configured.open(header)

    assert ([1, 2], {"id": 7}) == (session["cart"], session["user"])
    assert not session.is_changed
    assert [] == session.commit()
    assert Written.NOTHING is session.written


@pytest.mark.parametrize(
    "value", [1.0, -0.0, HTTPStatus.OK, Markup("x"), [Markup("x"), 1.0], {"2": 1, "1": {"a": 1.0}}]
)
@pytest.mark.parametrize("idle_timeout", [None, timedelta(days=1)])
def test_a_value_that_json_writes_alike_is_not_a_change(
    value: Any, idle_timeout: timedelta | None
) -> None:
    configured = sessions(idle_timeout=idle_timeout)
    session = configured.open(configured.cookie_header({"value": value}))
    session["value"] = value

    assert [] == session.commit()


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, "1"), ([1], [True]), (1.5, 2.5)])
def test_a_value_of_another_type_is_a_change(before: Any, after: Any) -> None:
    session = sessions().open(sessions().cookie_header({"value": before}))
    session["value"] = after

    assert 2 == len(session.commit())


def test_it_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="a FernetCodec cannot be pickled"):
        pickle.dumps(codec)


def test_a_change_inside_a_list_is_sent() -> None:
    session = sessions().open(cookie_header(sessions().encode({"cart": [1, 2]})))
    session["cart"][0] = True

    assert session.is_changed
    assert 2 == len(session.commit())
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (NEWEST, "must be a list of keys, newest first, got str"),
        (NEWEST.encode(), "must be a list of keys, newest first, got bytes"),
        (None, "must be a list of keys, newest first, got NoneType"),
        ({NEWEST}, "must be a list of keys, newest first, got set"),
        ([], "at least one key, got an empty list"),
        ([NEWEST, "too short"], "encryption key 1 must be 32 bytes in URL-safe base64"),
        ([NEWEST.rstrip("=")], "encryption key 0 must be 32 bytes in URL-safe base64"),
        (["é" * 44], "encryption key 0 must be 32 bytes"),
        ([7], "encryption key 0 must be 32 bytes in URL-safe base64 with padding, got int"),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_wrong_keys_are_refused_at_construction(keys: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        FernetCodec(keys)

    assert "too short" not in str(caught.value)
    assert NEWEST.rstrip("=") not in str(caught.value)


def test_neither_key_nor_contents_are_shown() -> None:
    assert NEWEST not in repr(codec)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is what is looked at
        codec.decode(Fernet(NEWEST).encrypt(json.dumps("secret").encode()).decode())
    assert "secret" not in str(caught.value)


def test_codecs_are_equal_if_their_keys_are() -> None:
    codec = FernetCodec([NEWEST, OLDER])

    assert codec == FernetCodec([NEWEST.encode(), OLDER])
    assert hash(codec) == hash(FernetCodec([NEWEST, OLDER]))
    assert codec != FernetCodec([OLDER, NEWEST])
    assert codec != FernetCodec([NEWEST])
    assert codec != JSONCodec()
