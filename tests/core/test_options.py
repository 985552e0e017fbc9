from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    ConfigurationWarning,
    CookieSession,
    CookieSessionOptions,
    JSONCodec,
    Keygrip,
    SignedPair,
    WeakKeyWarning,
)
from tests.support.keys import KEYS, NEWEST, OLDER


def test_a_secret_is_a_list_of_one_key() -> None:
    expected = CookieSession(keys=[NEWEST]).encode({"a": 1})

    assert expected == CookieSession(secret=NEWEST).encode({"a": 1})
    assert expected == CookieSession(secret=NEWEST.encode()).encode({"a": 1})


def test_a_secret_beside_keys_is_not_used_and_warned_of() -> None:
    expected = CookieSession(keys=[NEWEST]).encode({"a": 1})

    with pytest.warns(ConfigurationWarning, match="^secret is not used beside keys"):
        sessions = CookieSession(keys=[NEWEST], secret=OLDER)

    assert expected == sessions.encode({"a": 1})


def test_a_keygrip_may_stand_in_the_place_of_keys() -> None:
    strong = CookieSession(keys=Keygrip(KEYS, "sha256"))

    assert 43 == len(strong.encode({"a": 1})["session.sig"])
    assert {"a": 1} == strong.decode(strong.encode({"a": 1}))


class Unknowing(SignedPair):
    defaults: Mapping[str, Any] = {"colour": "red"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "is required to sign"),
        ({"keys": None, "secret": None}, "is required"),
        ({"keys": None, "secret": ""}, "secret is empty: .* is the environment variable set"),
        ({"secret": b""}, "secret is empty"),
        ({"keys": []}, "at least one key"),
        pytest.param(
            {"keys": [], "secret": NEWEST},
            "at least one key",
            marks=pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning"),
        ),
        ({"keys": [], "signed": False}, "at least one key"),
        ({"keys": NEWEST}, "keys must be a list, newest first, got str: use secret="),
        ({"keys": b"bytes"}, "got bytes"),
        ({"keys": [""]}, r"keys\[0\] is empty"),
        ({"keys": [NEWEST, b""]}, r"keys\[1\] is empty"),
        ({"keys": [NEWEST, 5]}, r"keys\[1\] must be str or bytes, got int"),
        ({"keys": [None]}, r"^keys\[0\] must be str .*NoneType: is the environment variable set\?"),
        ({"keys": object()}, r"newest first, or an object with sign\(\) and index\(\), got object"),
        ({"keys": {NEWEST}}, r"^keys must be a list of keys, newest first, or .*, got set"),
        ({"keys": Keygrip}, "got the class Keygrip: make an object of it"),
        ({"keys": KEYS, "codec": JSONCodec}, "got the class JSONCodec: make an object of it"),
        ({"keys": KEYS, "codec": "fernet"}, r"with encode\(\) and decode\(\), got str"),
        ({"secret": 5}, "secret must be str or bytes, got int"),
        ({"secret": [NEWEST]}, "secret must be str or bytes, got list; a list goes into keys"),
        ({"keys": KEYS, "name": ""}, "cookie name"),
        ({"keys": KEYS, "name": None}, "cookie name .* got NoneType"),
        ({"keys": KEYS, "name": "a=b"}, "cookie name"),
        ({"keys": KEYS, "name": "session.sig"}, "must not end in '.sig'"),
        ({"keys": KEYS, "signed": None}, "signed must be True or False, got NoneType"),
        ({"keys": KEYS, "assume_https": 1}, "assume_https must be True or False, got int"),
        (
            {"keys": KEYS, "max_cookie_size": 0},
            "must be a positive number .*, got int: 0$",
        ),
        (
            {"keys": KEYS, "max_cookie_size": "4093"},
            "max_cookie_size must be .*, got str that is something else$",
        ),
        ({"keys": KEYS, "max_cookie_size": True}, "got bool"),
        (
            {"keys": KEYS, "max_cookie_size": 30},
            "max_cookie_size is 30, and the name and the attributes of the cookie take 30 bytes",
        ),
        (
            {"keys": KEYS, "max_cookie_size": 67, "path": "/app", "max_age": 60},
            "the cookie take 72 bytes: no session fits; leave it out for 4093 bytes$",
        ),
        ({"keys": KEYS, "max_cookie_size": -(10**5000)}, "got int$"),
        ({"keys": KEYS, "max_cookie_size": 4093.5}, "got float"),
        (
            {"keys": KEYS, "codec": object()},
            r"codec must be an object with encode\(\) and decode\(\), got object",
        ),
        ({"keys": KEYS, "validate": 5}, "^validate must be a function, got int"),
        ({"keys": KEYS, "clock": 5}, "clock must be a function, got int"),
        ({"keys": KEYS, "observe": 5}, "^observe must be a function, got int"),
        (
            {"keys": KEYS, "late_writes": "no"},
            r"^late_writes must be 'raise' or 'log', got str\Z",
        ),
        (
            {"format": SignedPair},
            "^format must be .* got the class SignedPair: make an object",
        ),
        ({"format": Unknowing(KEYS)}, "colour is not an option of CookieSession"),
    ],
)
def test_a_wrong_option_fails_at_construction(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        CookieSession(**options)


@pytest.mark.parametrize("options", [{"keys": KEYS}, {"secret": NEWEST}, {"signed": False}])
def test_the_codec_is_used_with_every_kind_of_key(options: dict[str, Any]) -> None:
    class Own(JSONCodec):
        def encode(self, contents: Mapping[str, Any], /) -> str:
            return f"own{super().encode(contents)}"

    assert CookieSession(codec=Own(), **options).encode({})["session"].startswith("own")


def test_weak_keys_are_warned_of() -> None:
    with pytest.warns(WeakKeyWarning, match="has 5 bytes"):
        CookieSession(keys=["short"])


def test_later_changes_of_the_list_of_keys_change_nothing() -> None:
    keys = [NEWEST]
    sessions = CookieSession(keys=keys)
    before = sessions.encode({"a": 1})

    keys[0] = OLDER

    assert before == sessions.encode({"a": 1})


@pytest.mark.parametrize("arguments", [[KEYS], [NEWEST], [NEWEST, OLDER], [Keygrip(KEYS)]])
def test_options_without_a_keyword_are_refused_with_what_was_meant(arguments: list[Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean keys=\[newest, ..., oldest\]\?"):
        CookieSession(*arguments)
    with pytest.raises(ConfigurationError, match=f"got {type(arguments[0]).__name__} without"):
        CookieSession(*arguments, name="other")


def test_an_unknown_option_is_refused_before_anything_else_that_is_wrong() -> None:
    with pytest.raises(ConfigurationError, match="maxAge is not an option"):
        CookieSession(keys=[], maxAge=60)  # type: ignore[call-arg]


def test_every_option_is_documented() -> None:
    names = set(CookieSessionOptions.__annotations__)
    text = inspect.getdoc(CookieSession) or ""
    arguments = text.partition("Args:\n")[2].partition("\n\n")[0]

    assert names == set(re.findall(r"^    (\w+): ", arguments, re.MULTILINE))


def test_the_size_can_be_unlimited() -> None:
    sessions = CookieSession(keys=KEYS, max_cookie_size=None)
    session = sessions.open()
    session["text"] = "x" * 100_000

    assert len(session.commit()[0]) > 100_000


def test_the_default_clock_is_time_time_also_where_a_test_replaces_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = CookieSession(keys=KEYS, max_age=60).open()
    session["a"] = 1
    monkeypatch.setattr("time.time", lambda: 0)

    assert "expires=Thu, 01 Jan 1970 00:01:00 GMT" in session.commit()[0]
